"""Fields of Argo and Kubernetes that are passed through as written."""

__all__: list[str] = []
