"""What installing requirements brings, dependencies included: from a lock file, or from what is installed."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro_matrix_ext._requirements.declared import read_toml
from kedro_matrix_ext._requirements.distributions import list_distributions, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from packaging.requirements import Requirement

__all__ = ["Installation", "Wanted", "install_from_lock", "install_requirements", "read_wanted"]

_LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
_TOOLS = re.compile(
    r"(jupyter|ipython|ipykernel|notebook|pytest|mypy|ruff|black|flake8|pylint|isort|coverage|pre-commit|nox|tox"
    r"|sphinx|mkdocs|types-|build$|twine|detect-secrets|kedro-viz$)"
)
_EGG = re.compile(r"#(?:.*&)?egg=(?P<name>[A-Za-z0-9._-]+)")


class Wanted(NamedTuple):
    """One distribution to install, and one of its extras; the empty text is the distribution itself."""

    name: str
    extra: str = ""


@dataclass(frozen=True)
class Installation:
    """The distributions that an installation holds.

    Attributes:
        names: Their normalised names.
        unknown: Those whose own dependencies are not known, as they are not installed here; tools for
            notebooks and checks, which bring no library of pipelines, are left out.
    """

    names: frozenset[str]
    unknown: tuple[str, ...] = ()

    def provides(self, library: str) -> bool:
        """Return whether a library can be imported, by its import name.

        Examples:
            >>> Installation(frozenset({"scikit-learn"})).provides("sklearn")
            True
        """
        return not self.names.isdisjoint(list_distributions(library))


def read_wanted(requirement: str, folder: Path) -> list[Wanted]:
    """Read a line of a requirement file, or a requirement of pyproject.toml; options give nothing.

    Args:
        requirement: The text: with extras and a marker, a path, a wheel, or a URL.
        folder: Where paths start.

    Returns:
        The distribution and its extras; nothing where the marker does not fit Linux.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    text = re.sub(r"^(?:-e|--editable)[\s=]+", "", requirement.strip())
    try:
        return list(_expand(Requirement(text)))
    except InvalidRequirement:
        name = _name_of_place(text, folder)
        return [Wanted(normalise(name))] if name else []


def _name_of_place(text: str, folder: Path) -> str | None:
    """Return the distribution that a URL, a wheel or a folder holds."""
    egg = _EGG.search(text)
    if egg or text.startswith("-"):
        return egg["name"] if egg else None
    place, _, _ = text.partition("[")
    if place.endswith(".whl"):
        return place.rpartition("/")[2].partition("-")[0]
    if "://" in place:
        return place.rpartition("/")[2].removesuffix(".git") or None
    name: str | None = read_toml(folder / place / "pyproject.toml").get("project", {}).get("name")
    return name or (folder / place).resolve().name


def _expand(requirement: Requirement, extra: str = "") -> Iterator[Wanted]:
    """Give what a requirement wants, if its marker holds on Linux."""
    environment = {**_LINUX, "extra": extra}
    if requirement.marker is None or requirement.marker.evaluate(environment):
        name = normalise(requirement.name)
        yield from (Wanted(name, each) for each in ("", *map(normalise, sorted(requirement.extras))))


def install_requirements(wanted: Iterable[Wanted]) -> Installation:
    """Follow requirements through the metadata of what is installed here."""
    from importlib.metadata import PackageNotFoundError, requires

    from packaging.requirements import Requirement

    waiting, seen, unknown = list(wanted), set[Wanted](), dict[str, None]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        try:
            lines = requires(one.name) or []
        except PackageNotFoundError:
            unknown[one.name] = None
            continue
        for line in lines:
            waiting += _expand_extra(Requirement(line), one.extra)
    return Installation(
        frozenset(each.name for each in seen),
        tuple(sorted(name for name in unknown if not _TOOLS.match(name))),
    )


def _expand_extra(requirement: Requirement, extra: str) -> Iterator[Wanted]:
    """Give what one extra of a distribution requires, or the distribution itself."""
    of_extra = requirement.marker is not None and "extra" in str(requirement.marker)
    if of_extra == bool(extra):
        yield from _expand(requirement, extra)


def install_from_lock(lock: Path, wanted: Iterable[Wanted], *, groups: Iterable[str] = ()) -> Installation:
    """Follow what is wanted through a ``uv.lock``.

    Args:
        lock: The file.
        wanted: What is wanted of the project's own package and of others.
        groups: Dependency groups of the project.

    Returns:
        Everything that is locked for it.
    """
    from packaging.markers import Marker

    table: dict[Wanted, list[dict[str, Any]]] = defaultdict(list)
    waiting = list(wanted)
    for package in read_toml(lock).get("package", ()):
        name = normalise(package["name"])
        table[Wanted(name)] += package.get("dependencies", [])
        for extra, listed in package.get("optional-dependencies", {}).items():
            table[Wanted(name, normalise(extra))] += listed
        for group, listed in package.get("dev-dependencies", {}).items():
            table[Wanted(name, f"group {group}")] += listed
            waiting += [Wanted(name, f"group {group}")] if group in groups else []
    seen = set[Wanted]()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for entry in table.get(one, ()):
            if "marker" not in entry or Marker(entry["marker"]).evaluate(_LINUX):
                name = normalise(entry["name"])
                waiting += [Wanted(name, each) for each in ("", *map(normalise, entry.get("extra", ())))]
    return Installation(frozenset(each.name for each in seen))
