"""The metadata of a project, written so that its entry points work without installing it."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # Kedro depends on it where Python has no such module

__all__ = ["describe_distribution", "read_source_folder"]

_VERSION = re.compile(r"^__version__\s*(?::[^=]+)?=\s*['\"]([^'\"]+)['\"]", re.MULTILINE)
_ODD = re.compile(r"[^A-Za-z0-9.+!]+")  # what a file name of an installed package has as underscore
_UNKNOWN_VERSION = "0"


def read_source_folder(project: Path) -> str:
    """Read which folder of a project holds its code, as Kedro does: ``src`` unless ``pyproject.toml`` says.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    kedro = _read(project / "pyproject.toml").get("tool", {}).get("kedro", {})
    return str(kedro.get("source_dir", "src")) or "."


def describe_distribution(project: Path, source: str) -> dict[str, str]:
    r"""Write the ``.dist-info`` folder of a project, as paths and texts; none if it is not a package.

    Source of the format: https://packaging.python.org/en/latest/specifications/recording-installed-packages

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.

    Examples:
        >>> import pathlib, tempfile
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> _ = (folder / "pyproject.toml").write_text('[project]\nname = "my-shop"\nversion = "1.2"')
        >>> describe_distribution(folder, "src")
        {'my_shop-1.2.dist-info/METADATA': 'Metadata-Version: 2.1\nName: my-shop\nVersion: 1.2\n'}
    """
    metadata = _read(project / "pyproject.toml").get("project", {})
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str):
        return {}
    version = str(metadata.get("version") or _find_version(project / source))
    folder = f"{re.sub(r'[^A-Za-z0-9]+', '_', name).lower()}-{_ODD.sub('_', version)}.dist-info"
    described = {f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    groups = dict(metadata.get("entry-points", {}))
    for key, group in (("scripts", "console_scripts"), ("gui-scripts", "gui_scripts")):
        if metadata.get(key):
            groups[group] = metadata[key]
    if groups:
        described[f"{folder}/entry_points.txt"] = "\n".join(
            _write_group(*item) for item in sorted(groups.items())
        )
    return described


def _read(file: Path) -> dict[str, Any]:
    try:
        read: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise ArgoError(f"cannot read it: {error}", file=str(file)) from error
    return read


def _find_version(source: Path) -> str:
    """Find the version of a project that keeps it in its package, as Kedro's template does."""
    for module in sorted(source.glob("*/__init__.py")):
        found = _VERSION.search(module.read_text(encoding="utf-8", errors="replace"))
        if found:
            return found.group(1)
    return _UNKNOWN_VERSION


def _write_group(group: str, entries: dict[str, str]) -> str:
    return "".join([f"[{group}]\n", *(f"{name} = {target}\n" for name, target in sorted(entries.items()))])
