"""Which values a running node received as parameters; everything else that it received is data.

Kedro calls a node's function with values alone, so this module looks at the call stack: ``Node.run`` holds
the inputs by name, and ``Task.execute`` the catalog that they came from. Both are public methods. The body
of a generator with one output starts after ``Node.run`` has returned, so ``Node.run`` is wrapped once: it
remembers the inputs of each generator that it returns, and what the parameters held before the node ran.
A call on another thread, or in a worker process, may come from a node, so it follows the rule as well.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import partial, wraps
from inspect import getattr_static
from types import FunctionType, GeneratorType, MethodType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from kedro_matrix_ext._import_path import import_module
from kedro_matrix_ext.errors import ImportPathError
from kedro_matrix_ext.injection.objects.blocks import container_types

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import CodeType, FrameType

__all__ = ["NodeInputs", "running_node", "watch_nodes"]

_ALL_PARAMETERS, _PREFIX = "parameters", "params:"
_WATCHED = "__kedro_matrix_original__"
_KNOWN = "known_inputs"  # the local variable of the wrapper around ``Node.run``
_SPARK_WORKERS = ("pyspark.daemon", "pyspark.worker")
_written: set[str] = set()  # names of parameters that a node of this process returned: they are data
_generators: WeakKeyDictionary[GeneratorType[Any, Any, Any], NodeInputs] = WeakKeyDictionary()


@dataclass(frozen=True)
class NodeInputs:
    """The inputs of a running node.

    Attributes:
        node: The node's name.
        data: The inputs that are not parameters, by name.
        trusted: Containers of parameters, and of arguments bound by a partial, by ``id``.
        only_parameters: The functions that receive nothing but parameters, by module and name: the node's
            own, with those it decorates, if every input of the node is a parameter.
    """

    node: str
    data: dict[str, Any]
    trusted: dict[int, Any]
    only_parameters: frozenset[tuple[str, str]] = frozenset()

    def all_are_parameters(self, function: Callable[..., Any]) -> bool:
        """Return whether a function receives nothing but parameters, or copies of them."""
        return _identify(function) in self.only_parameters

    def is_trusted(self, container: object) -> bool:
        """Return whether a container is a parameter or a part of one, and holds nothing else."""
        return all(id(found) in self.trusted for found in _containers([container]))

    def name_of(self, value: object) -> str | None:
        """Return the dataset that a value is or is a part of."""
        for name, data in self.data.items():
            if value is data or any(value is each for each in _containers([data])):
                return name
        return None


def running_node() -> NodeInputs | None:
    """Return the inputs of the node whose function is running; None outside of nodes.

    Inside a node whose inputs are not known, no input counts as a parameter. On a thread without a node, the
    inputs are those of the nodes on other threads, and in a worker process there are none.
    """
    kedro_node, kedro_task = sys.modules.get("kedro.pipeline.node"), sys.modules.get("kedro.runner.task")
    if kedro_node is None:
        return None
    own = sys._getframe(1)  # noqa: SLF001  there is no other way to the callers
    stacks = _Stacks(
        run_codes=_codes(kedro_node.Node.run),
        task_codes=_codes(kedro_task.Task.execute) if kedro_task is not None else (),
        generators={generator.gi_frame: inputs for generator, inputs in list(_generators.items())},
    )
    found = stacks.find_node(own)
    if found is not None:
        return found
    threads = sys._current_frames().values()  # noqa: SLF001  documented, and the only way to other threads
    elsewhere = [each for each in map(stacks.find_node, threads) if each is not None]
    if elsewhere:
        return NodeInputs(
            node=", ".join(each.node for each in elsewhere),
            data={name: value for each in elsewhere for name, value in each.data.items()},
            trusted={key: value for each in elsewhere for key, value in each.trusted.items()},
        )
    return NodeInputs("of another process", {}, {}) if _is_worker_process() else None


@dataclass(frozen=True)
class _Stacks:
    """How the frames of running nodes are recognised.

    Attributes:
        run_codes: The code of ``Node.run``.
        task_codes: The code of ``Task.execute``.
        generators: The inputs of nodes whose generator has the frame.
    """

    run_codes: tuple[CodeType, ...]
    task_codes: tuple[CodeType, ...]
    generators: dict[FrameType | None, NodeInputs]

    def find_node(self, frame: FrameType | None) -> NodeInputs | None:
        """Return the inputs of the innermost node on a stack."""
        while frame is not None:
            if frame in self.generators:
                return self.generators[frame]
            if frame.f_code in self.run_codes:
                known: NodeInputs | None = frame.f_back.f_locals.get(_KNOWN) if frame.f_back else None
                if known is not None:
                    return known
                node, inputs = frame.f_locals["self"], frame.f_locals.get("inputs")
                return _read(node, inputs or {}, _catalog_of(frame, self.task_codes))
            if frame.f_code in self.task_codes:
                return _read(frame.f_locals["self"].node, {}, None)
            frame = frame.f_back
        return None


def _is_worker_process() -> bool:
    """Return whether this process works for another one, which may be running a node."""
    processes = sys.modules.get("multiprocessing.process")
    if processes is not None and processes.parent_process() is not None:
        return True
    main = getattr(sys.modules.get("__main__"), "__spec__", None)
    return main is not None and main.name in _SPARK_WORKERS


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
        only_parameters=frozenset(_list_functions(node.func))
        if names and len(names) == len(node.inputs)
        else frozenset(),
    )


def _identify(function: Any) -> tuple[str, str]:
    return str(getattr(function, "__module__", "")), str(getattr(function, "__qualname__", ""))


def _list_functions(function: Any) -> Iterator[tuple[str, str]]:
    """Name a function, and those that partials and decorators around it call."""
    pending, seen = [function], set[int]()
    while pending:
        found = pending.pop()
        if id(found) in seen or not callable(found):
            continue
        seen.add(id(found))
        yield _identify(found)
        if isinstance(found, partial):
            pending.append(found.func)
        elif isinstance(found, MethodType):
            pending.append(found.__func__)
        elif isinstance(found, FunctionType):
            cells = found.__closure__ or ()
            pending += [cell.cell_contents for cell in cells if _is_filled(cell)]
        else:
            pending.append(getattr_static(type(found), "__call__", None))
        pending.append(getattr(found, "__wrapped__", None))


def _is_filled(cell: Any) -> bool:
    try:
        return callable(cell.cell_contents)
    except ValueError:  # a variable that is not assigned yet
        return False


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
        known_inputs = _read(self, inputs or {}, _catalog_of(sys._getframe(), _task_codes()))  # noqa: SLF001
        outputs: dict[str, Any] = original(self, inputs)
        for name, value in outputs.items():
            if name == _ALL_PARAMETERS or name.startswith(_PREFIX):
                _written.add(name)
            if isinstance(value, GeneratorType):
                _generators[value] = known_inputs
        return outputs

    setattr(run, _WATCHED, original)
    node_class.run = run


def _task_codes() -> tuple[CodeType, ...]:
    task = sys.modules.get("kedro.runner.task")
    return () if task is None else _codes(task.Task.execute)
