"""Make the values of each type of column. Needs NumPy and pandas: imported only when tables are made."""

__all__: list[str] = []
