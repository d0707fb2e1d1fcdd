"""From a block in the configuration to the object it declares."""

__all__: list[str] = []
