"""Which values a running node received as parameters; everything else that it received is data.

Kedro calls a node's function with values alone, so this module looks at the call stack: ``Node.run`` holds
the inputs by name, and ``Task.execute`` the catalog that they came from. Both are public methods. The body
of a generator with one output starts after ``Node.run`` has returned, so ``Node.run`` is wrapped once to
remember the inputs of each generator that it returns.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial, wraps
from types import GeneratorType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kedro_matrix_ext._import_path import import_module
from kedro_matrix_ext.errors import ImportPathError
from kedro_matrix_ext.injection.objects.blocks import container_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType, FrameType

__all__ = ["NodeInputs", "running_node", "watch_nodes"]

_ALL_PARAMETERS, _PREFIX = "parameters", "params:"
_WATCHED = "__kedro_matrix_original__"
_written: set[str] = set()  # names of parameters that a node of this process returned: they are data
_generators: WeakKeyDictionary[GeneratorType[Any, Any, Any], NodeInputs] = WeakKeyDictionary()


@dataclass(frozen=True)
class NodeInputs:
    """The inputs of a running node.

    Attributes:
        node: The node's name.
        data: The inputs that are not parameters, by name.
        trusted: Containers of parameters, and of arguments bound by a partial, by ``id``.
        all_parameters: Whether every input is a parameter.
    """

    node: str
    data: dict[str, Any]
    trusted: dict[int, Any]
    all_parameters: bool

    def is_trusted(self, container: object) -> bool:
        """Return whether a container is a parameter, or a part of one."""
        return self.all_parameters or id(container) in self.trusted

    def name_of(self, value: object) -> str | None:
        """Return the dataset that a value is or is a part of."""
        for name, data in self.data.items():
            if value is data or any(value is each for each in _containers([data])):
                return name
        return None


def running_node() -> NodeInputs | None:
    """Return the inputs of the node whose function is running; None outside of nodes.

    Inside a node whose inputs are not known, no input counts as a parameter.
    """
    kedro_node, kedro_task = sys.modules.get("kedro.pipeline.node"), sys.modules.get("kedro.runner.task")
    if kedro_node is None:
        return None
    run_codes = _codes(kedro_node.Node.run)
    task_codes = _codes(kedro_task.Task.execute) if kedro_task is not None else ()
    started = {generator.gi_frame: inputs for generator, inputs in list(_generators.items())}
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  there is no other way to the callers
    found: NodeInputs | None = None
    while frame is not None:
        if found is None and frame in started:
            found = started[frame]
        if found is None and frame.f_code in run_codes:
            node, inputs = frame.f_locals["self"], frame.f_locals.get("inputs")
            found = _read(node, inputs or {}, _catalog_of(frame, task_codes))
        if found is not None:
            return found
        if frame.f_code in task_codes:
            return _read(frame.f_locals["self"].node, {}, None)
        frame = frame.f_back
    return None


def _catalog_of(frame: FrameType | None, task_codes: Iterable[CodeType]) -> Any:
    while frame is not None:
        if frame.f_code in task_codes:
            return frame.f_locals["self"].catalog
        frame = frame.f_back
    return None


def _codes(method: Any) -> tuple[CodeType, ...]:
    original = getattr(method, _WATCHED, None)
    return (method.__code__,) if original is None else (original.__code__,)


def _read(node: Any, inputs: dict[str, Any], catalog: Any) -> NodeInputs:
    names = [name for name in node.inputs if _is_parameter(name, catalog)]
    parameters = [inputs[name] for name in names if name in inputs]
    return NodeInputs(
        node=str(node.name),
        data={name: value for name, value in inputs.items() if name not in names},
        trusted={id(found): found for found in _containers([*parameters, *_bound_arguments(node.func)])},
        all_parameters=len(names) == len(node.inputs),
    )


def _is_parameter(name: str, catalog: Any) -> bool:
    """Return whether an input is a parameter: by name, by what serves it, and by who wrote it."""
    if name != _ALL_PARAMETERS and not name.startswith(_PREFIX):
        return False
    if name in _written:
        return False
    if catalog is None:
        return True
    return type(catalog.get(name)).__qualname__ == "MemoryDataset"


def _bound_arguments(function: Any) -> Iterator[Any]:
    """List the arguments that partials bind: they are code."""
    while isinstance(function, partial):
        yield from function.args
        yield from function.keywords.values()
        function = function.func


def _containers(values: Iterable[Any]) -> Iterator[Any]:
    """List plain containers at every depth, each once."""
    kinds = container_types()
    pending, seen = [value for value in values if type(value) in kinds], set[int]()
    while pending:
        container = pending.pop()
        if id(container) in seen:
            continue
        seen.add(id(container))
        yield container
        items = container.values() if isinstance(container, dict) else container
        if type(container) not in {dict, list, tuple}:
            continue  # OmegaConf's are read as a whole
        pending += [item for item in items if type(item) in kinds]


def watch_nodes() -> None:
    """Wrap ``Node.run`` once, if Kedro is installed, so that generators and written parameters are known."""
    try:
        node_class = import_module("kedro.pipeline.node").Node
    except ImportPathError:
        return
    original = node_class.run
    if hasattr(original, _WATCHED):
        return

    @wraps(original)
    def run(self: Any, inputs: dict[str, Any] | None = None) -> dict[str, Any]:
        outputs: dict[str, Any] = original(self, inputs)
        for name, value in outputs.items():
            if name == _ALL_PARAMETERS or name.startswith(_PREFIX):
                _written.add(name)
            if isinstance(value, GeneratorType):
                _generators[value] = _read(self, inputs or {}, _catalog_of(sys._getframe(), _task_codes()))  # noqa: SLF001
        return outputs

    setattr(run, _WATCHED, original)
    node_class.run = run


def _task_codes() -> tuple[CodeType, ...]:
    task = sys.modules.get("kedro.runner.task")
    return () if task is None else _codes(task.Task.execute)
