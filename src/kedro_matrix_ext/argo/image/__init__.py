"""Build the image, and read the git state that it holds."""

__all__: list[str] = []
