"""Tables as Arrow: the part that the datasets of pandas and polars share."""

__all__: list[str] = []
