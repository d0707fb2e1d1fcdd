"""Environment variables that only a pod has, read from ``argo.yml`` before anything in it is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kedro.config import OmegaConfigLoader

from kedro_matrix_ext.argo.configuration.credentials import list_credential_secrets
from kedro_matrix_ext.argo.configuration.loading import ARGO_PATTERNS
from kedro_matrix_ext.config.layers.environments import read_environment_chain, two_environments
from kedro_matrix_ext.config.layers.raw_config import read_raw_configuration
from kedro_matrix_ext.config.layers.sources import open_config_source
from kedro_matrix_ext.config.loader import LayeredConfigLoader

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PodVariable", "read_pod_variables"]

_ENVIRONMENT = ("template", "environment")
_MLFLOW_RUN_ID = "MLFLOW_RUN_ID"


class PodVariable(NamedTuple):
    """A variable that tasks have on the cluster.

    Attributes:
        name: Its name.
        value: Its value, where ``argo.yml`` has it as plain text; none where only the cluster knows it.
        file: The file that names it.
        line: The line in that file.
    """

    name: str
    value: str | None
    file: str | None
    line: int | None


def read_pod_variables(
    conf_source: str, *, env: str | None, loader_class: type[Any], loader_args: Mapping[str, Any]
) -> list[PodVariable]:
    """Return the variables under ``template.environment``, outputs of init templates, and credentials.

    They are read from the raw files and without a loader: Kedro's own resolves globals, which may need the
    variables, when it is made.
    """
    if not issubclass(loader_class, OmegaConfigLoader):
        return []
    base_env = loader_args.get("base_env") or "base"
    default_env = loader_args.get("default_run_env") or "local"
    source = open_config_source(
        conf_source, base_env=base_env, ignore_hidden=loader_args.get("ignore_hidden", True)
    )
    if issubclass(loader_class, LayeredConfigLoader):
        chain = read_environment_chain(source, env=env, base_env=base_env, default_run_env=default_env)
    else:
        chain = two_environments(source, base_env=base_env, run_env=env or default_env)
    patterns = (loader_args.get("config_patterns") or {}).get("argo", ARGO_PATTERNS)
    raw = read_raw_configuration(source, chain, config_type="argo", patterns=patterns, strategy="soft")
    found = [*_list_environment(raw.data), *_list_outputs(raw.data), *_list_credentials(raw.data)]
    return [PodVariable(name, value, *raw.locate(keys)) for name, value, keys in found]


_Found = tuple[str, "str | None", tuple[Any, ...]]


def _list_environment(raw: Any) -> Iterator[_Found]:
    for index, entry in enumerate(_items(_get(_get(raw, "template"), "environment"))):
        name, value = _get(entry, "name"), _get(entry, "value")
        if isinstance(name, str):
            known = str(value) if value is not None and "${" not in str(value) else None
            if _get(entry, "secret_ref") is None and value is None:
                known = ""
            yield name, known, (*_ENVIRONMENT, index)


def _list_credentials(raw: Any) -> Iterator[_Found]:
    for each in list_credential_secrets(_get(raw, "credentials")):
        yield each.variable, None, ("credentials", *each.keys)


def _list_outputs(raw: Any) -> Iterator[_Found]:
    section = _get(raw, "template")
    first = set(map(str, _items(_get(section, "init_templates"))))
    for index, template in enumerate(_items(_get(section, "templates"))):
        if _get(template, "name") not in first:
            continue
        own = ("template", "templates", index)
        outputs = [_get(template, "outputs"), _get(_get(template, "container"), "outputs")]
        for output in (each for group in outputs for each in _items(_get(group, "parameters"))):
            if isinstance(name := _get(output, "name"), str):
                yield name.upper().replace("-", "_"), None, own
    if _get(raw, "mlflow") is True:
        yield _MLFLOW_RUN_ID, None, ("mlflow",)


def _get(node: Any, key: str) -> Any:
    return node.get(key) if isinstance(node, Mapping) else None


def _items(node: Any) -> list[Any]:
    return list(node) if isinstance(node, list | tuple) else []
