"""Leave texts outside our grammar, and resolvers that are not ours, to OmegaConf.

OmegaConf gets a copy of the raw configuration in which every text that we can evaluate is a call back to the
evaluator, so both see the same values and each is evaluated once. The value of a top-level key is copied when
a text first needs it: the nodes of OmegaConf's mapping (``_content``, alike in 2.3 and 2.4) are made late.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from omegaconf import DictConfig, ListConfig, OmegaConf
from omegaconf.errors import GrammarParseError, OmegaConfBaseException, UnsupportedInterpolationType

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext._tainted_text import TaintedStr
from kedro_matrix_ext.config.interpolation.grammar import LONGEST_EXTERNAL_TEXT
from kedro_matrix_ext.config.interpolation.runtime_type_restriction import has_runtime_text, taint
from kedro_matrix_ext.config.layers.merging import MISSING, Layered, Resolved, is_special
from kedro_matrix_ext.config.layers.values import copy_plain, map_leaves
from kedro_matrix_ext.resolvers import registered_resolvers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import ExitStack

    from kedro_matrix_ext._config_path import Keys

__all__ = ["OmegaConfFallback", "OmegaConfProblem"]

_NUMBERS = count()  # each instance is called back under its own name
_SCRATCH_KEY = "__kedro_matrix_ext_aside__"
_PARSER_FAILURES = (RecursionError, ValueError)  # OmegaConf's parser raises them for depth and long numbers
_FLATTER = "Give the inner interpolations their own keys, and refer to those."
_WELL_FORMED = (
    "Close each '${', '[' and quote, put arguments that contain any of {}[],:' in quotes, and write '\\${' "
    "for a '${' that is text."
)
_PARSER_MESSAGE = re.compile(r"(?:missing (\w+) )?(?:at|input):? '(.*?)'(?: expecting.*)?$")
_TOKENS = {"BRACE_CLOSE": "}", "BRACKET_CLOSE": "]", "COLON": ":"}
_OPENING = re.compile(r"(\\*)\$\{")


class OmegaConfProblem(Exception):  # noqa: N818  carries an error to where its place is known
    """OmegaConf could not evaluate a text.

    Attributes:
        origin: What it, or a resolver that it called, raised.
        hint: What to do.
        resolver: The resolver that raised it, if one did.
    """

    def __init__(
        self, message: str, origin: BaseException, hint: str | None = None, resolver: str | None = None
    ) -> None:
        super().__init__(message)
        self.origin = origin
        self.hint = hint
        self.resolver = resolver


class NativeEvaluator(Protocol):
    """Evaluates what OmegaConf is not needed for."""

    @property
    def raw(self) -> dict[Any, Any]:
        """The merged raw layers."""

    @property
    def native(self) -> Mapping[str, Callable[..., Any]]:
        """The resolvers that it calls itself."""

    @property
    def external(self) -> Mapping[str, Callable[..., Any]]:
        """The user's resolvers."""

    def evaluate(self, node: Any, keys: Keys) -> Any:
        """Evaluate one raw node at its place."""

    def is_native(self, text: str) -> bool:
        """Check whether it evaluates a text itself."""


class OmegaConfFallback:
    """Evaluates single texts through OmegaConf.

    Args:
        evaluator: Evaluates the rest.
        cleanup: Closing it restores OmegaConf's registered resolvers.
    """

    def __init__(self, evaluator: NativeEvaluator, cleanup: ExitStack) -> None:
        self._evaluator = evaluator
        self._name = f"kedro_matrix_ext.node_{next(_NUMBERS)}"
        self._nodes: list[tuple[Any, Keys]] = []
        self._verbatim: set[Keys] = set()
        self._raised: BaseException | None = None
        self._raised_by: str | None = None
        self._marked = False  # whether runtime text went into the value
        cleanup.enter_context(registered_resolvers(self._resolvers()))
        self._mirror: Any = OmegaConf.create({})
        self._mirror.__dict__["_content"] = _LazyNodes(evaluator.raw, self._make_node)

    def resolve(self, text: str, keys: Keys) -> Any:
        """Evaluate a text at its place.

        Raises:
            OmegaConfProblem: If OmegaConf or a resolver fails.
        """
        if len(text) > LONGEST_EXTERNAL_TEXT:
            raise OmegaConfProblem(
                f"this text of {len(text):,} characters is too long for what its interpolations need",
                ValueError(text[:80]),
                f"At most {LONGEST_EXTERNAL_TEXT:,} may be with calls of your own resolvers, or lists or "
                "backslashes inside '${...}'. Give each of these its own key, and write '${key}' here.",
            )
        self._raised = self._raised_by = None
        before, self._marked = self._marked, False
        try:
            value = self._plain(self._evaluate(text, keys))
            if isinstance(value, str) and self._name in value:
                raise OmegaConfProblem(
                    "a mapping or list inside text cannot be written out", ValueError(text)
                )
            return taint(value) if self._marked else value
        except (OmegaConfBaseException, *_PARSER_FAILURES) as error:
            raise self._problem(error) from error
        finally:
            self._marked = self._marked or before

    def _resolvers(self) -> dict[str, Callable[..., Any]]:
        native = {name: self._wrap(name, function) for name, function in self._evaluator.native.items()}
        external = {name: self._watch(name, function) for name, function in self._evaluator.external.items()}
        return {**external, **native, self._name: self._call_back}

    def _evaluate(self, text: str, keys: Keys) -> Any:
        parent = self._parent(keys)
        if keys in self._verbatim and parent is not None:
            return parent[keys[-1]]
        if parent is None:
            parent = self._mirror
        if isinstance(parent, ListConfig):
            parent.append(text)
            try:
                return self._plain(parent[-1])
            finally:
                parent.pop()
        parent[_SCRATCH_KEY] = text
        try:
            return self._plain(parent[_SCRATCH_KEY])
        finally:
            del parent[_SCRATCH_KEY]

    def _parent(self, keys: Keys) -> Any:
        """Return the container of a place in the copy; None if layers that are not merged yet lie between."""
        container = self._mirror
        for depth, key in enumerate(keys[:-1], start=1):
            if not isinstance(container, (DictConfig, ListConfig)) or keys[:depth] in self._verbatim:
                return None
            try:
                container = container._get_node(key)  # noqa: SLF001  indexing would resolve it
            except (OmegaConfBaseException, TypeError):
                return None
        return container if isinstance(container, (DictConfig, ListConfig)) else None

    def _make_node(self, key: Any) -> Any:
        """Copy the value of a top-level key."""
        made: Any = OmegaConf.create({key: self._copy(self._evaluator.raw[key], (key,))})
        node = made._get_node(key)  # noqa: SLF001  indexing would resolve it
        node._set_parent(self._mirror)  # noqa: SLF001
        return node

    def _copy(self, node: Any, keys: Keys) -> Any:
        if isinstance(node, dict):
            return {key: self._copy(child, (*keys, key)) for key, child in node.items()}
        if isinstance(node, list):
            return [self._copy(child, (*keys, index)) for index, child in enumerate(node)]
        if isinstance(node, (Layered, Resolved)):
            return self._as_call(node, keys)
        if isinstance(node, str) and is_special(node) and node != MISSING:
            if type(node) is TaintedStr or self._evaluator.is_native(node) or not _is_well_formed(node):
                return self._as_call(node, keys)
            self._verbatim.add(keys)
        return node

    def _as_call(self, node: Any, keys: Keys) -> str:
        self._nodes.append((node, keys))
        return f"${{{self._name}:{len(self._nodes) - 1}}}"

    def _call_back(self, number: int) -> Any:
        node, keys = self._nodes[number]
        try:
            return self._given(self._evaluator.evaluate(node, keys))
        except Exception as error:
            self._raised = self._raised or error
            raise

    def _given(self, value: Any) -> Any:
        """Return our value as OmegaConf takes it; OmegaConf drops the taint of runtime text."""
        self._marked = self._marked or has_runtime_text(value)
        return _for_omegaconf(value)

    def _wrap(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return one of our resolvers as OmegaConf calls it."""

        def resolver(*arguments: Any) -> Any:
            return self._given(self._watched(name, function, *arguments))

        resolver.__module__ = __name__
        return resolver

    def _watch(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a resolver of the user's that keeps what it raises, since OmegaConf drops it."""
        from functools import wraps

        @wraps(function)
        def resolver(*arguments: Any, **keywords: Any) -> Any:
            return self._watched(name, function, *arguments, **keywords)

        return resolver

    def _watched(self, name: str, function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Any:
        try:
            return function(*arguments, **keywords)
        except Exception as error:
            if self._raised is None:
                self._raised, self._raised_by = error, name
            raise

    def _plain(self, value: Any) -> Any:
        if OmegaConf.is_config(value):
            return OmegaConf.to_container(value, resolve=True)
        return copy_plain(value)

    def _problem(self, error: Exception) -> OmegaConfProblem:
        origin: BaseException = self._raised or error
        message = next(iter(str(origin).splitlines()), type(origin).__name__)
        if isinstance(origin, UnsupportedInterpolationType):
            name = message.rpartition(" ")[2]
            known = [*self._evaluator.native, *self._evaluator.external]
            hint = did_you_mean(name, known) or "Pass it as one of 'custom_resolvers', or register it before."
            return OmegaConfProblem(f"there is no resolver {name!r}", origin, hint)
        if isinstance(origin, RecursionError):
            return OmegaConfProblem("this is nested or referred to too deeply", origin, _FLATTER)
        if self._raised_by in self._evaluator.external:
            message = f"resolver {self._raised_by!r} raised {type(origin).__name__}: {message}"
            hint = "Correct what it is called with, or the function itself, one of 'custom_resolvers'."
            return OmegaConfProblem(message, origin, hint, self._raised_by)
        if isinstance(origin, GrammarParseError):
            return OmegaConfProblem(_describe_malformed(message), origin, _WELL_FORMED)
        if self._raised is not None:
            message = f"{type(origin).__name__}: {message}"
        return OmegaConfProblem(message, origin)


class _LazyNodes(dict[Any, Any]):
    """The nodes of OmegaConf's mapping, each made when it is first looked up."""

    def __init__(self, keys: Iterable[Any], make: Callable[[Any], Any]) -> None:
        super().__init__(dict.fromkeys(keys))
        self._make = make

    def __getitem__(self, key: Any) -> Any:
        node = super().__getitem__(key)
        if node is None:
            node = self[key] = self._make(key)
        return node

    def get(self, key: Any, default: Any = None) -> Any:
        try:
            return self[key]
        except KeyError:
            return default

    def items(self) -> Any:
        return {key: self[key] for key in self}.items()

    def values(self) -> Any:
        return [self[key] for key in self]

    def __repr__(self) -> str:
        """Write all nodes out, as where the whole configuration is inside text."""
        return repr({key: self[key] for key in self if key != _SCRATCH_KEY})


def _is_well_formed(text: str) -> bool:
    """Check whether OmegaConf can parse a text; it refuses a configuration that contains any other."""
    if len(text) > LONGEST_EXTERNAL_TEXT:
        return False
    try:
        OmegaConf.create({"text": text})
    except (GrammarParseError, *_PARSER_FAILURES):
        return False
    return True


def _for_omegaconf(value: Any) -> Any:
    """Return containers as OmegaConf's, so that references can lead into them; their text is final."""
    if isinstance(value, (dict, list)):
        return OmegaConf.create(map_leaves(value, _escaped))
    return value


def _escaped(leaf: Any) -> Any:
    if isinstance(leaf, str) and "${" in leaf:
        return _OPENING.sub(lambda match: f"{match[1] * 2}\\${{", leaf)
    return leaf


def _describe_malformed(message: str) -> str:
    """Say what OmegaConf's parser says, without the names of its tokens."""
    found = _PARSER_MESSAGE.search(message)
    missing, place = found.groups() if found else (None, message)
    mark = f" at {place!r}" if re.fullmatch(r"\W{1,2}", place) else ""  # other text may be a password's
    where = " at its end" if place == "<EOF>" else mark
    lacks = f": {_TOKENS.get(missing, missing)!r} is missing" if missing else ""
    return f"this interpolation is not well-formed{where}{lacks}"
