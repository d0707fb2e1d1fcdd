"""Write functions for lambdas, for the user to review: nothing here runs them."""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass, field

__all__ = ["AddedFunction", "FunctionModule"]


@dataclass(frozen=True)
class AddedFunction:
    """A function that was written for a lambda.

    Attributes:
        path: Its import path.
        notes: What to review.
        required: The number of values that it needs.
        accepted: The number of values that it takes; None if any.
    """

    path: str
    notes: tuple[str, ...]
    required: int
    accepted: int | None

    def takes(self, number: int) -> bool:
        """Return whether it can be called with a number of values."""
        return self.required <= number and (self.accepted is None or number <= self.accepted)


@dataclass
class FunctionModule:
    """A Python module that collects the functions of a configuration.

    Attributes:
        path: The import path that configuration names the module by.
        imports: The modules that the functions use.
        functions: The source of each function by its name.
    """

    path: str
    imports: set[str] = field(default_factory=set)
    functions: dict[str, str] = field(default_factory=dict)

    def add(self, code: str, hint: str) -> AddedFunction | None:
        """Add a lambda as a function; return None if the code is not one."""
        try:
            parsed = ast.parse(code.strip(), mode="eval").body
        except SyntaxError:
            return None
        if not isinstance(parsed, ast.Lambda):
            return None
        modules, unknown = _free_names(parsed)
        self.imports |= modules
        name = self._name(hint)
        body = ast.unparse(parsed.body)
        self.functions[name] = f"def {name}({ast.unparse(parsed.args)}):\n    return {body}\n"
        notes = [f"{name} uses {missing!r}: import or define it" for missing in sorted(unknown)]
        if "random" in modules or re.search(r"\b(np|numpy)\.random\b", body):
            notes.append(f"{name} draws random numbers, which 'seed' does not control")
        arguments = parsed.args
        accepted = len(arguments.posonlyargs) + len(arguments.args)
        return AddedFunction(
            f"{self.path}.{name}",
            tuple(notes),
            accepted - len(arguments.defaults),
            None if arguments.vararg else accepted,
        )

    def source(self) -> str:
        """Return the text of the module."""
        imports = "".join(_import_line(name) for name in sorted(self.imports))
        parts = ['"""Functions that the tables to fabricate name."""\n', *([imports] if imports else [])]
        return "\n".join(parts) + "".join(f"\n\n{text}" for text in self.functions.values())

    def _name(self, hint: str) -> str:
        base = re.sub(r"\W+", "_", hint).strip("_").lower() or "column"
        base = f"column_{base}" if base[0].isdigit() else base
        name, number = base, 1
        while name in self.functions:
            number += 1
            name = f"{base}_{number}"
        return name


_SHORT_NAMES = {"np": "numpy", "pd": "pandas"}


def _import_line(name: str) -> str:
    return f"import {_SHORT_NAMES[name]} as {name}\n" if name in _SHORT_NAMES else f"import {name}\n"


def _free_names(code: ast.Lambda) -> tuple[set[str], set[str]]:
    """Return the modules that a lambda uses, and other names that it does not define."""
    bound = {node.arg for node in ast.walk(code) if isinstance(node, ast.arg)}
    bound |= {
        node.id for node in ast.walk(code) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    used = {node.id for node in ast.walk(code) if isinstance(node, ast.Name)} - bound - set(dir(builtins))
    modules = {
        node.value.id
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in used
    }
    return modules, used - modules
