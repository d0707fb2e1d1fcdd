"""The way to a cluster: git state, image, connection, creation, waiting, retrying.

The Kubernetes client (extra ``argo``) is imported here only, and not before a cluster is talked to.
"""

__all__: list[str] = []
