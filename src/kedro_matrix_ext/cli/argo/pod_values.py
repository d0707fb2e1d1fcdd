"""Loading a project whose configuration needs variables that only a pod has."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext._config_path import render_config_path
from kedro_matrix_ext.errors import (
    ConfigurationError,
    KedroMatrixError,
    MissingEnvironmentVariableError,
    MissingVariablesError,
)
from kedro_matrix_ext.resolvers.placeholders import Placeholders, no_placeholders, use_placeholders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pluggy import PluginManager

    from kedro_matrix_ext._config_path import Keys
    from kedro_matrix_ext.argo.plan.model import Plan
    from kedro_matrix_ext.findings import Finding, Location

__all__ = ["PodValues", "find_missing_variable", "read_pod_values"]

_NAME_IT = "If tasks have it on the cluster, name it under 'template.environment' in argo.yml"


@dataclass(frozen=True)
class PodValues:
    """The variables that tasks have on the cluster, with placeholders for those that this machine lacks."""

    placeholders: Placeholders

    @contextmanager
    def used(self, hooks: PluginManager | None = None) -> Iterator[None]:
        """Resolve configuration with placeholders until the block ends; hooks see none.

        Raises:
            ConfigurationError: If a value that only a pod has is needed to load the configuration.
        """
        with self._explained(), use_placeholders(self.placeholders), _without_hooks(hooks):
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Name the variables in errors, instead of placeholders or a traceback of OmegaConf."""
        try:
            yield
        except KedroMatrixError as error:
            if names := self.placeholders.find(str(error)):
                raise _needs_value(self.placeholders.conceal(error.message), names, error) from None
            if isinstance(error, MissingVariablesError):
                raise replace(error, hint=f"{error.hint} {_NAME_IT}.") from error
            raise
        except Exception as error:
            if names := self.placeholders.find(str(error)):
                raise _needs_value(self.placeholders.conceal(str(error)), names) from None
            if (missing := find_missing_variable(error)) is not None:
                raise ConfigurationError(
                    f"environment variable {missing.variable!r} is not set, and the configuration needs it",
                    hint=f"{_NAME_IT}; else set it in the shell or in .env.",
                ) from error
            raise

    def refuse(self, data: Any, what: str, place: Location | None = None) -> None:
        """Refuse data that contains a placeholder, with its place if known."""
        if names := self.placeholders.find(data):
            raise _needs_value(f"{what} contains the value of {_list(names)}", names, place)

    def refuse_in_argo(self, data: Any, locate: Callable[[Keys], Location]) -> None:
        """Refuse data of ``argo.yml`` that contains placeholders, with the place of each."""
        found = [(keys, names) for keys, value in _walk(data) if (names := self.placeholders.find(value))]
        if not found:
            return
        lines = []
        for keys, names in found:
            place = replace(locate(keys), config_path=render_config_path("argo", keys), env=None)
            lines.append(f"  {self.placeholders.conceal(str(place))}: {_list(names)}")
        names = tuple(dict.fromkeys(name for _, each in found for name in each))
        raise ConfigurationError(
            "\n".join([f"argo.yml needs {_list(names)} itself, and only a pod has the value:", *lines]),
            hint=f"Set {_list(names)} in the shell or in .env to plan with a value, or do not use it there.",
        )

    def conceal_plan(self, plan: Plan, locate: Callable[..., Location] | None = None) -> Plan:
        """Replace placeholders in a plan by the names of the variables.

        Raises:
            ConfigurationError: If the type of a dataset is not known before a pod runs.
        """
        for name, described in plan.datasets.items():
            place = locate("catalog", (name, "type")) if locate else None
            self.refuse(described.get("type"), f"the type of dataset {name!r}", place)
        return replace(plan, datasets=self.placeholders.conceal(plan.datasets))

    def conceal_finding(self, found: Finding) -> Finding:
        """Replace placeholders in a finding by the names of the variables."""
        conceal = self.placeholders.conceal
        location = replace(found.location, config_path=conceal(found.location.config_path))
        return replace(found, message=conceal(found.message), fix=conceal(found.fix), location=location)


def read_pod_values(session: Any, env: str | None) -> PodValues:
    """Read from ``argo.yml`` which variables tasks have, before the session makes a loader."""
    from kedro.framework.project import settings

    from kedro_matrix_ext.argo.configuration.pod_variables import read_pod_variables

    found = read_pod_variables(
        session._conf_source,  # noqa: SLF001  Kedro has no public way to ask for it
        env=env,
        loader_class=settings.CONFIG_LOADER_CLASS,
        loader_args=settings.CONFIG_LOADER_ARGS,
    )
    values = {variable.name: variable.value for variable in found}
    unknown = tuple(name for name, value in values.items() if value is None)
    known = {name: value for name, value in values.items() if value is not None}
    return PodValues(Placeholders(unknown, known))


@contextmanager
def _without_hooks(manager: PluginManager | None) -> Iterator[None]:
    """Call hooks of the project without placeholders."""
    if manager is None or not hasattr(manager, "add_hookcall_monitoring"):
        yield
        return
    blocks: list[Any] = []

    def before(*_: Any) -> None:
        blocks.append(no_placeholders())
        blocks[-1].__enter__()

    def after(*_: Any) -> None:
        blocks.pop().__exit__(None, None, None)

    undo = manager.add_hookcall_monitoring(before, after)
    try:
        yield
    finally:
        undo()


def _needs_value(
    message: str, names: Sequence[str], place: KedroMatrixError | Location | None = None
) -> ConfigurationError:
    return ConfigurationError(
        f"{message}: only a pod has the value of {_list(names)}",
        hint=f"Set {_list(names)} in the shell or in .env to plan with a value, or do not use it here.",
        config_path=place.config_path if place else None,
        file=place.file if place else None,
        line=place.line if place else None,
    )


def _walk(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield the keys and scalars of plain data, with their key paths."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*keys, key), key
            yield from _walk(item, (*keys, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _walk(item, (*keys, index))
    else:
        yield keys, value


def _list(names: Sequence[str]) -> str:
    return " and ".join(map(repr, names))


def find_missing_variable(error: BaseException) -> MissingEnvironmentVariableError | None:
    """Return the missing variable that an error of OmegaConf comes from."""
    chain: BaseException | None = error
    while chain is not None:
        if isinstance(chain, MissingEnvironmentVariableError):
            return chain
        chain = chain.__cause__ or chain.__context__
    return None
