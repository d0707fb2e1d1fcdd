"""The lines that ``kedro matrix init`` adds to a project's ``settings.py``, and where they go."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kedro_matrix_ext.cli.matrix.templates import read_template
from kedro_matrix_ext.errors import SettingsError

__all__ = ["SettingsLines", "add_settings_lines"]

_PACKAGE = "kedro_matrix_ext"
_KNOWN_LOADERS = frozenset({"OmegaConfigLoader", "LayeredConfigLoader"})


@dataclass(frozen=True)
class SettingsLines:
    """A new text of ``settings.py``.

    Attributes:
        text: The text with what was missing; the given one where nothing was.
        added: The names of this package that the added lines use.
        notes: What is set already and was left alone although it matters.
    """

    text: str
    added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Settings:
    """What a ``settings.py`` does.

    Attributes:
        assigned: Per name the last value given to it; None where it is imported.
        elsewhere: The settings that get their values in a way that a line below cannot build on: by a star
            import, in a tuple, in ``globals()``.
        used: Every name that is used.
        top: The number of lines that must stay above all others: docstring and ``__future__`` imports.
    """

    assigned: dict[str, ast.expr | None]
    elsewhere: frozenset[str]
    used: frozenset[str]
    top: int


@dataclass(frozen=True)
class _Addition:
    """A thing of this package that a ``settings.py`` should use.

    Attributes:
        name: What is imported and used.
        setting: The setting it is for, which is also the template's name; none for what goes to the top.
        advice: What to advise if the setting has another value; none if ours works with it.
        line: What to add by hand where the setting gets its value elsewhere.
    """

    name: str
    setting: str = ""
    advice: str = ""
    line: str = ""

    def made(self, value: object) -> bool:
        """Return whether this has made the setting's value already."""
        from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
        from kedro_matrix_ext.settings import SwitchedHooks

        if self.setting == "CONFIG_LOADER_CLASS":
            return isinstance(value, type) and issubclass(value, LayeredConfigLoader)
        if self.setting == "HOOKS":
            return isinstance(value, SwitchedHooks)
        return isinstance(value, Mapping) and config_loader_args().keys() <= value.keys()


_ADDITIONS = (
    _Addition("load_environment_variables"),
    _Addition("defer_node_imports"),
    _Addition(
        "LayeredConfigLoader",
        "CONFIG_LOADER_CLASS",
        "Set it to LayeredConfigLoader to have an override reach everything that refers to it.",
        "CONFIG_LOADER_CLASS = LayeredConfigLoader",
    ),
    _Addition(
        "config_loader_args",
        "CONFIG_LOADER_ARGS",
        line="CONFIG_LOADER_ARGS = {**config_loader_args(), **CONFIG_LOADER_ARGS}",
    ),
    _Addition(
        "determine_hooks_to_execute",
        "HOOKS",
        "Give determine_hooks_to_execute a mapping of names to hooks to switch them off by variable.",
        'HOOKS = determine_hooks_to_execute({"<name>": <hook>, ...})',
    ),
)


def add_settings_lines(text: str, *, file: str, values: Mapping[str, object] | None = None) -> SettingsLines:
    r"""Add to a ``settings.py`` what layered environments need and it does not have.

    What is set already stays: arguments of the loader are merged over our defaults, another loader and hooks
    are left alone. So is what gets its value elsewhere: by a star import, in a tuple, in ``globals()``.

    Args:
        text: The text of the file.
        file: How messages call it.
        values: What the module holds once it has run; None if that is not known.

    Raises:
        SettingsError: If the text is not Python.

    Examples:
        >>> print(add_settings_lines("HOOKS = ()\n", file="settings.py").text.splitlines()[-1])
        CONFIG_LOADER_ARGS = config_loader_args()
    """
    settings = _parse(text, file, values)
    missing = [
        addition
        for addition in _applicable(settings, values or {})
        if addition.name not in settings.used and not _is_made_elsewhere(addition, settings, values or {})
    ]
    left = [addition for addition in missing if _is_left(addition, settings)]
    notes = tuple(_note(addition, settings, file) for addition in left)
    added = [addition for addition in missing if addition not in left]
    names = tuple(addition.name for addition in added)
    return SettingsLines(_assemble(text, settings, added) if added else text, names, notes)


def _applicable(settings: _Settings, values: Mapping[str, object]) -> tuple[_Addition, ...]:
    """Leave out the arguments of a loader that is neither Kedro's nor ours."""
    from kedro.config import OmegaConfigLoader

    written = settings.assigned.get("CONFIG_LOADER_CLASS", ast.Name("OmegaConfigLoader"))
    is_known = isinstance(written, ast.Name) and written.id in _KNOWN_LOADERS
    loader = values.get("CONFIG_LOADER_CLASS")
    if isinstance(loader, type):  # which may be a subclass of the project's
        is_known = issubclass(loader, OmegaConfigLoader)
    if is_known:
        return _ADDITIONS
    return tuple(addition for addition in _ADDITIONS if addition.setting != "CONFIG_LOADER_ARGS")


def _is_made_elsewhere(addition: _Addition, settings: _Settings, values: Mapping[str, object]) -> bool:
    """Check whether the module that ``settings.py`` takes its names from does this already."""
    if not addition.setting:
        return addition.name in values
    return addition.setting in settings.elsewhere and addition.made(values.get(addition.setting))


def _is_left(addition: _Addition, settings: _Settings) -> bool:
    if addition.setting in settings.elsewhere:
        return True
    return bool(addition.advice) and addition.setting in settings.assigned


def _note(addition: _Addition, settings: _Settings, file: str) -> str:
    if addition.setting not in settings.elsewhere:
        return f"{file} sets {addition.setting} already. {addition.advice}"
    return (
        f"{file} gets {addition.setting} by a star import, in a tuple or in globals(), so it was left. Where "
        f"it is set, add by hand: from {_PACKAGE} import {addition.name}; {addition.line}"
    )


def _loader_args_template(settings: _Settings) -> str:
    """Choose how arguments that are set already get on with ours."""
    from kedro_matrix_ext import config_loader_args

    if "CONFIG_LOADER_ARGS" not in settings.assigned:
        return "CONFIG_LOADER_ARGS"
    taken = inspect.signature(config_loader_args).parameters
    given = settings.assigned["CONFIG_LOADER_ARGS"]
    keys = [getattr(key, "value", None) for key in given.keys] if isinstance(given, ast.Dict) else [None]
    return "CONFIG_LOADER_ARGS_over" if all(key in taken for key in keys) else "CONFIG_LOADER_ARGS_under"


def _assemble(text: str, settings: _Settings, added: list[_Addition]) -> str:
    lines = text.splitlines(keepends=True)
    head = [_import_of(sorted(addition.name for addition in added))]
    tail: list[str] = []
    for addition in added:
        (tail if addition.setting else head).append(read_template(_template_of(addition, settings)))
    parts = ["".join(lines[: settings.top]), *head, "".join(lines[settings.top :]), *tail]
    return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def _template_of(addition: _Addition, settings: _Settings) -> str:
    if addition.setting == "CONFIG_LOADER_ARGS":
        return f"settings/{_loader_args_template(settings)}.txt"
    return f"settings/{addition.setting or addition.name}.txt"


def _import_of(names: list[str]) -> str:
    if len(names) == 1:
        return f"from {_PACKAGE} import {names[0]}\n"
    listed = "".join(f"    {name},\n" for name in names)
    return f"from {_PACKAGE} import (\n{listed})\n"


def _parse(text: str, file: str, values: Mapping[str, object] | None) -> _Settings:
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise SettingsError(
            f"{file!r} is not valid Python: {error.msg}", file=file, line=error.lineno, hint="Fix it first."
        ) from error
    assigned: dict[str, ast.expr | None] = {}
    present = set(values or ())
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            assigned.update({target.id: node.value for target in targets if isinstance(target, ast.Name)})
        elif isinstance(node, ast.ImportFrom) and node.module != _PACKAGE:
            assigned.update({alias.asname or alias.name: None for alias in node.names})
        present.update(_named_otherwise(node))
    if "*" in assigned and values is None:
        present.update(addition.setting for addition in _ADDITIONS)
    used = frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    elsewhere = {addition.setting for addition in _ADDITIONS if addition.setting} & present - assigned.keys()
    return _Settings(assigned, frozenset(elsewhere), used, _top_of(tree))


def _named_otherwise(node: ast.AST) -> Iterator[str]:
    """Give what a part of the code may set without a plain assignment: in a tuple, in ``globals()``."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield str(node.slice.value)
    elif isinstance(node, ast.keyword) and node.arg:
        yield node.arg


def _top_of(tree: ast.Module) -> int:
    top = 0
    for position, node in enumerate(tree.body):
        is_docstring = position == 0 and ast.get_docstring(tree) is not None
        if not is_docstring and not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            break
        top = node.end_lineno or top
    return top
