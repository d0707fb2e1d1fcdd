"""The dataset for a catch-all pattern: stores data that no entry declares as a pickle.

It needs kedro-datasets, so it is imported only by a catalog that names it.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io.core import get_filepath_str
from kedro_datasets.pickle import PickleDataset

from kedro_matrix_ext._import_path import import_module
from kedro_matrix_ext.catalog.datasets.replacement import replace_file
from kedro_matrix_ext.catalog.engine_names import ENGINE_SEPARATOR
from kedro_matrix_ext.catalog.errors import CatalogError
from kedro_matrix_ext.catalog.parameter_names import PARAMETER_PREFIX, is_parameter

if TYPE_CHECKING:
    from kedro.io.core import Version

__all__ = ["UndeclaredDataset"]


class UndeclaredDataset(PickleDataset):
    """Store data that the catalog does not declare, so that other processes can load it.

    For one catch-all entry of an environment whose nodes run in separate processes or machines::

        "{undeclared}":
          type: kedro_matrix_ext.catalog.UndeclaredDataset
          filepath: ${globals:paths.base}/undeclared/{undeclared}

    Args:
        filepath: A path that ends with the dataset's name; ``.pickle`` is added.
        backend: This and the following as for ``kedro_datasets.pickle.PickleDataset``.
        load_args: Arguments of the backend's ``load``.
        save_args: Arguments of the backend's ``dump``.
        version: The version to load and to save.
        credentials: Arguments of the file system.
        fs_args: More arguments of the file system.
        metadata: Anything; Kedro ignores it.

    Raises:
        CatalogError: If the name is a parameter, which is missing then, or has an engine, as
            ``table@spark``, which needs an entry.

    Examples:
        >>> import tempfile
        >>> dataset = UndeclaredDataset(filepath=f"{tempfile.mkdtemp()}/scores")
        >>> dataset.save({"r2": 0.5})
        >>> dataset.load()
        {'r2': 0.5}
    """

    def __init__(  # noqa: PLR0913  named, since Kedro writes them back into configuration
        self,
        *,
        filepath: str,
        backend: str = "pickle",
        load_args: dict[str, Any] | None = None,
        save_args: dict[str, Any] | None = None,
        version: Version | None = None,
        credentials: dict[str, Any] | None = None,
        fs_args: dict[str, Any] | None = None,
        metadata: Any = None,
    ) -> None:
        _refuse_declared_kinds(PurePosixPath(filepath).name)
        super().__init__(
            filepath=f"{filepath}.pickle",
            backend=backend,
            load_args=load_args,
            save_args=save_args,
            version=version,
            credentials=credentials,
            fs_args=fs_args,
            metadata=metadata,
        )

    def save(self, data: Any) -> None:
        """Save data; what is there stays until the new pickle is complete."""
        backend = import_module(self._backend)
        path = get_filepath_str(self._get_save_path(), self._protocol)
        replace_file(self._fs, path, lambda file: backend.dump(data, file, **self._save_args))


def _refuse_declared_kinds(name: str) -> None:
    if is_parameter(name):
        parameter = name.removeprefix(PARAMETER_PREFIX)
        raise CatalogError(
            f"there is no parameter {parameter!r}",
            config_path=f"parameters: {parameter}",
            hint="Declare it in the parameters; a catch-all entry stores data, not parameters.",
        )
    if ENGINE_SEPARATOR in name:
        base, _, engine = name.rpartition(ENGINE_SEPARATOR)
        raise CatalogError(
            f"no entry declares {name!r}",
            config_path=f"catalog: {base}",
            hint=f"Add {engine!r} to its 'transcode:', or an entry {name!r}; a catch-all has no engine.",
        )
