"""The layers of a configuration: finding, reading and merging the files of each environment."""

__all__: list[str] = []
