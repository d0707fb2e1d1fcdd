"""MLflow hooks: one MLflow run for a Kedro run or a workflow."""

__all__: list[str] = []
