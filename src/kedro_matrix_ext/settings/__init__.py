"""What `settings.py` calls."""

__all__: list[str] = []
