"""Split a plan over several DAGs where it has more tasks than Argo takes in one."""

__all__: list[str] = []
