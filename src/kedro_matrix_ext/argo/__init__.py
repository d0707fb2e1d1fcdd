"""From a Kedro pipeline to an Argo workflow."""

__all__: list[str] = []
