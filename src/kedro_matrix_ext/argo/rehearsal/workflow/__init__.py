"""Read a manifest as Argo would: templates, values, expressions, retries."""

__all__: list[str] = []
