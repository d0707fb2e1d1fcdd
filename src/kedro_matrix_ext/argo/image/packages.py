"""Which packages the image of a project holds, as far as its files say."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kedro_matrix_ext._requirements.declared import list_requirements, read_requirement_file, read_toml
from kedro_matrix_ext._requirements.distributions import normalise
from kedro_matrix_ext._requirements.installation import (
    Installation,
    Wanted,
    install_from_lock,
    install_requirements,
    read_wanted,
)
from kedro_matrix_ext.argo.image.dependencies import read_dependencies

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kedro_matrix_ext.argo.configuration.deployment import Deployment

__all__ = ["ImagePackages", "find_image_packages"]

_LOCK = "uv.lock"
_ARGUMENT = re.compile(r'^ARG\s+(?P<name>SYNC|REQUIREMENTS)="(?P<value>[^"]*)"', re.MULTILINE)
_INSTALLS = re.compile(r"\b(?:pip3?|uv|conda|mamba|poetry|pdm)\s+(?:install|add|sync)\s+(?P<words>[^;&|\n]*)")


@dataclass(frozen=True, kw_only=True)
class ImagePackages:
    """The packages of an image.

    Attributes:
        installation: What is installed.
        file: The file that lists it, relative to the project.
        certain: Whether the image holds no other packages: the Dockerfile of ``kedro argo init`` does not use
            packages of its base image.
    """

    installation: Installation
    file: str
    certain: bool


def find_image_packages(project: Path, deployment: Deployment) -> ImagePackages | None:
    """Find out what the image of a project installs; none where no file says it.

    Args:
        project: The project's folder.
        deployment: The section of ``argo.yml``.

    Raises:
        ArgoError: If ``pyproject.toml`` cannot be read.
    """
    dockerfile = project / deployment.dockerfile
    text = dockerfile.read_text(encoding="utf-8", errors="replace") if dockerfile.is_file() else ""
    arguments = {match["name"]: match["value"] for match in _ARGUMENT.finditer(text)}
    if text and not arguments:
        return _read_foreign(project, text)
    found = read_dependencies(project)
    declared = {"SYNC": found.sync, "REQUIREMENTS": found.requirements}
    chosen = {**declared, **arguments, **deployment.build_args}
    if (project / _LOCK).is_file():
        installation = _install_locked(project, shlex.split(chosen["SYNC"]))
        return ImagePackages(installation=installation, file=_LOCK, certain=bool(text))
    wanted = list(_read_arguments(project, shlex.split(chosen["REQUIREMENTS"])))
    if not wanted and not text:
        return None
    first = next((word for word in chosen["REQUIREMENTS"].split() if not word.startswith("-")), "")
    file = first if (project / first).is_file() else "pyproject.toml"
    return ImagePackages(installation=install_requirements(wanted), file=file, certain=bool(text))


def _read_foreign(project: Path, dockerfile: str) -> ImagePackages:
    """Take everything that is declared anywhere, and what a Dockerfile of the user's own installs."""
    wanted = [each for line in list_requirements(project) for each in read_wanted(line, project)]
    for match in _INSTALLS.finditer(dockerfile.replace("\\\n", " ")):
        words = [word for word in _split(match["words"]) if not word.endswith((".txt", "."))]
        wanted += (each for word in words for each in read_wanted(word, project) if word[0] not in "-$/")
    return ImagePackages(installation=install_requirements(wanted), file="pyproject.toml", certain=False)


def _split(words: str) -> list[str]:
    try:
        return shlex.split(words)
    except ValueError:  # a quote that another line closes
        return words.split()


def _install_locked(project: Path, options: list[str]) -> Installation:
    """Follow the options of ``uv sync`` through the lock file."""
    settings = read_toml(project / "pyproject.toml")
    name = normalise(settings.get("project", {}).get("name", ""))
    given = list(_pair(options))
    flags = {option for option, _ in given}
    only = [value for option, value in given if option == "--only-group"]
    if only:
        return install_from_lock(project / _LOCK, [], groups=only)
    every = settings.get("project", {}).get("optional-dependencies", {}) if "--all-extras" in flags else {}
    extras = {*every, *(value for option, value in given if option == "--extra")}
    groups = {value for option, value in given if option == "--group"} | _default_groups(settings, flags)
    wanted = [Wanted(name), *(Wanted(name, normalise(extra)) for extra in sorted(extras))]
    return install_from_lock(project / _LOCK, wanted, groups=groups)


def _default_groups(settings: dict[str, object], flags: set[str]) -> set[str]:
    declared = settings.get("dependency-groups", {})
    names: set[str] = set(declared) if isinstance(declared, dict) else set()
    tool = settings.get("tool", {})
    chosen = tool.get("uv", {}).get("default-groups", ["dev"]) if isinstance(tool, dict) else ["dev"]
    groups = names if chosen == "all" or "--all-groups" in flags else names & set(chosen)
    if "--no-default-groups" in flags:
        groups = set()
    return groups - ({"dev"} if "--no-dev" in flags else set())


def _read_arguments(project: Path, arguments: list[str]) -> Iterator[Wanted]:
    """Give what the arguments of ``uv pip install`` want."""
    settings = read_toml(project / "pyproject.toml")
    metadata = settings.get("project", {})
    optional = metadata.get("optional-dependencies", {})
    listed: list[tuple[str, Path]] = []
    for option, value in _pair(arguments):
        if option in {"-r", "--requirement", "--requirements"} and value.endswith(".toml"):
            listed += ((line, project) for line in metadata.get("dependencies", _list_poetry(settings)))
        elif option in {"-r", "--requirement", "--requirements"}:
            listed += ((line, (project / value).parent) for line in read_requirement_file(project / value))
        elif option == "--extra":
            listed += ((line, project) for line in optional.get(value, ()))
        elif option == "--all-extras":
            listed += ((line, project) for lines in optional.values() for line in lines)
        elif option == "--group":
            listed += ((line, project) for line in _read_group(settings, value))
        elif not option:
            listed.append((value, project))
    for line, folder in listed:
        yield from read_wanted(line, folder)


def _list_poetry(settings: dict[str, dict[str, dict[str, dict[str, object]]]]) -> list[str]:
    names = settings.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return [str(name) for name in names if name != "python"]


def _read_group(settings: dict[str, dict[str, list[object]]], group: str) -> Iterator[str]:
    """Give the requirements of a dependency group, with those of the groups that it includes."""
    for line in settings.get("dependency-groups", {}).get(group, ()):
        if isinstance(line, str):
            yield line
        elif isinstance(line, dict) and line.get("include-group") != group:
            yield from _read_group(settings, str(line.get("include-group")))


def _pair(words: list[str]) -> Iterator[tuple[str, str]]:
    """Pair each option with its value; a word without an option is paired with an empty one."""
    flags = {"--no-dev", "--all-extras", "--all-groups", "--no-default-groups", "--frozen", "--locked"}
    waiting = iter(words)
    for word in waiting:
        option, equals, value = word.partition("=")
        if not word.startswith("-"):
            yield "", word
        elif equals or word in flags:
            yield option, value
        else:
            yield option, next(waiting, "")
