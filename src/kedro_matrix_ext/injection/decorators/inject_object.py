"""The decorator that hands a node the objects its parameters declare."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.errors import InjectionError
from kedro_matrix_ext.injection.decorators.calls import UNKNOWN, Call
from kedro_matrix_ext.injection.decorators.decoration import ParameterNames, function_name, wrap_function
from kedro_matrix_ext.injection.decorators.kedro_validation import build_hinted, model_hint, read_hints
from kedro_matrix_ext.injection.decorators.running_node import running_node, watch_nodes
from kedro_matrix_ext.injection.objects.blocks import holds_block, read_key
from kedro_matrix_ext.injection.objects.dry_run import find_faults, list_blocks
from kedro_matrix_ext.injection.objects.instantiation import Place, build, build_trusted, read_names
from kedro_matrix_ext.injection.objects.signatures import shorten
from kedro_matrix_ext.injection.targets.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kedro_matrix_ext._config_path import Key
    from kedro_matrix_ext.injection.decorators.calls import Given
    from kedro_matrix_ext.injection.decorators.running_node import NodeInputs
    from kedro_matrix_ext.injection.objects.blocks import Block
    from kedro_matrix_ext.injection.objects.dry_run import Fault

__all__ = ["Injection", "inject_object"]

_LOGGER = logging.getLogger(__name__)

F = TypeVar("F", bound="Callable[..., Any]")


def inject_object(
    *,
    exclude_kwargs: Iterable[str] = (),
    only: Iterable[str] | None = None,
    allow: Iterable[str] | None = None,
    key: str | None = None,
) -> Callable[[F], F]:
    """Decorate a node function, so that it receives the objects its parameters declare.

    In a node's run, only parameters are built: inputs called ``parameters`` or ``params:...``, and their
    parts. A dataset's value is data and passes untouched, unless ``only`` names its argument. Called
    directly, outside of a node, every argument is built.

    An argument without a block is passed as it is, by identity. Only plain dicts, lists and tuples are looked
    into, and OmegaConf's containers, which are read like them.

    Args:
        exclude_kwargs: Keys and arguments whose values are left as they are, at any depth.
        only: The arguments that may declare objects, also if a dataset is their input; by default all.
        allow: The targets that may be used: exact import paths, or packages with a star, as
            ``sklearn.linear_model.*``. A target on the deny-list must be named exactly.
        key: ``"_object"`` where ``object`` is a key of the data; by default both declare objects.

    Returns:
        The decorator. The function keeps its signature, hints, kind and pickle.

    Raises:
        InjectionError: If an option is malformed, ``only`` names no argument of the function, or the function
            is asynchronous. When the function is called: as ``instantiate``.

    Examples:
        >>> @inject_object()
        ... def days_until(end, start):
        ...     return (end - start).days
        >>> start = {"object": "datetime.date", "year": 2024, "month": 1, "day": 1}
        >>> days_until({**start, "day": 31}, start=start)
        30
    """
    excluded = read_names(exclude_kwargs, "exclude_kwargs")
    chosen = None if only is None else read_names(only, "only")
    allowed = None if allow is None else tuple(sorted(read_names(allow, "allow")))
    declaring = read_key(key)

    def decorate(function: F) -> F:
        injection = Injection(function, excluded, chosen, allowed, declaring)
        injection.require_arguments()
        watch_nodes()
        return wrap_function(function, injection)  # type: ignore[return-value]  # a function just like it

    return decorate


@dataclass(frozen=True, eq=False)
class Injection:
    """What is injected into one function.

    Attributes:
        function: The function.
        exclude: Keys and arguments that are left as they are.
        only: The arguments that may declare objects; None for all.
        allow: As of ``inject_object``.
        key: As of ``inject_object``.
    """

    function: Callable[..., Any]
    exclude: frozenset[str]
    only: frozenset[str] | None
    allow: tuple[str, ...] | None
    key: str | None

    @cached_property
    def _names(self) -> ParameterNames:
        return ParameterNames.read(self.function)

    @cached_property
    def _models(self) -> dict[str, Any]:
        """The pydantic models and dataclasses that arguments are hinted with."""
        found = {name: model_hint(hint) for name, hint in read_hints(self.function).items()}
        return {name: model for name, model in found.items() if model is not None}

    def require_arguments(self) -> None:
        """Reject an ``only`` that names what the function does not take."""
        unknown = sorted(self.only - set(self._names)) if self.only else []
        if unknown:
            raise InjectionError(
                f"only= names {unknown[0]!r}, which {function_name(self.function)!r} does not take",
                hint=did_you_mean(unknown[0], self._names) or None,
            )

    def transform(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Build the arguments that declare objects; in a node's run, only what is a parameter."""
        positional = [self._names.at(index) for index in range(len(args))]
        given = [*zip(positional, args, strict=True), *kwargs.items()]
        if not any(self.handles(name, value) for name, value in given):
            return args, kwargs
        inputs = running_node()
        built = tuple(self._inject(name, value, inputs) for name, value in zip(positional, args, strict=True))
        return built, {name: self._inject(name, value, inputs) for name, value in kwargs.items()}

    def handles(self, name: str, value: object) -> bool:
        """Return whether Kedro leaves a raw parameter alone: it declares objects that are built here."""
        return self._is_chosen(name) and self._holds_block(value)

    def predict_errors(self, call: Call) -> tuple[Call, list[Fault]]:
        """Find what building the arguments would raise; what is built is not known before the run."""
        faults: list[Fault] = []
        args = tuple(
            self._foresee(self._names.at(index), given, faults) for index, given in enumerate(call.args)
        )
        named = {name: self._foresee(name, given, faults) for name, given in call.kwargs.items()}
        return Call(args, named), faults

    def list_blocks(self, call: Call) -> Iterator[tuple[Block, Place]]:
        """List the blocks that would be built for a call, as far as its arguments are known."""
        positional = ((self._names.at(index), given) for index, given in enumerate(call.args))
        for name, given in (*positional, *call.kwargs.items()):
            if self._is_chosen(name):
                yield from list_blocks(given.value, self._place(name, given.keys))

    def _foresee(self, name: str, given: Given, faults: list[Fault]) -> Given:
        if not self._is_chosen(name):
            return given
        root = f"argument {name!r}" if given.parameter is None else "parameters"
        found = list(find_faults(given.value, self._place(root, given.keys)))
        faults += (fault._replace(parameter=given.parameter) for fault in found)
        return UNKNOWN if found or self._holds_block(given.value) else given

    def _place(self, root: str, keys: tuple[Key, ...] = ()) -> Place:
        return Place(root, Policy.read(self.allow), keys, self.exclude, self.key)

    def _holds_block(self, value: object) -> bool:
        return holds_block(value, self.exclude, self.key)

    def _is_chosen(self, name: str) -> bool:
        return name not in self.exclude and (self.only is None or name in self.only)

    def _inject(self, name: str, value: Any, inputs: NodeInputs | None) -> Any:
        if not self.handles(name, value):
            return value
        place = self._place(f"argument {name!r}")
        if inputs is None or self.only is not None or inputs.all_are_parameters(self.function):
            built = build(value, place)
        else:
            built = build_trusted(value, place, inputs.is_trusted)
            if self._holds_block(built):
                self._warn_about_data(name, value, inputs)
            if built is value:
                return value
        model = self._models.get(name)
        return built if model is None else self._build_model(model, built, place)

    def _warn_about_data(self, name: str, value: object, inputs: NodeInputs) -> None:
        """Warn once per argument that a block in data is not built."""
        if name in self._warned:
            return
        self._warned.add(name)
        dataset = inputs.name_of(value)
        _LOGGER.warning(
            "Argument %r of node %r holds 'object:' in %s, which is not a parameter, so it is passed as "
            "data. If it must be built, decorate the function with @inject_object(only=[%r]).",
            name,
            inputs.node,
            "a value of another decorator" if dataset is None else f"the dataset {dataset!r}",
            name,
        )

    @cached_property
    def _warned(self) -> set[str]:
        return set()

    def _build_model(self, model: Any, value: Any, place: Place) -> Any:
        try:
            return build_hinted(model, value)
        except Exception as error:
            raise InjectionError(
                f"{model.__name__!r} cannot be built: {type(error).__name__}: {shorten(str(error))}",
                config_path=str(place),
            ) from error
