"""Text in the configuration: double braces, which Argo would replace, and secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import yaml

from kedro_matrix_ext._known_secrets import holds_known_secret
from kedro_matrix_ext._secrets import looks_secret
from kedro_matrix_ext.argo.configuration.credentials import SECRET_REF
from kedro_matrix_ext.argo.preflight.rules.parameters import read_parameters
from kedro_matrix_ext.argo.template_tags.size_expressions import SIZE_NAMES, fill_expressions
from kedro_matrix_ext.argo.template_tags.syntax import fill_tags, has_tags
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kedro_matrix_ext.argo.configuration.resource import Resource
    from kedro_matrix_ext.argo.configuration.templates import EnvironmentVariable
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_braces", "find_secrets", "list_passed_trees"]

Keys = tuple["str | int", ...]


def find_secrets(context: CheckContext) -> Iterator[Finding]:
    """Report values that look like a secret, without showing them."""
    for keys, variable in _list_variables(context):
        if _is_secret(variable.name, variable.value):
            yield finding(
                "secret-in-clear",
                f"the value of environment variable {variable.name!r} looks like a secret",
                fix="Keep it in a Kubernetes secret: 'secret_ref: {name: ..., key: ...}' instead of 'value'.",
                location=context.argo_place(*keys),
            )
    for keys, name, text in _list_passed(context):
        if _is_secret(name, text):
            yield finding(
                "secret-in-clear",
                f"the value of {name!r} looks like a secret",
                fix="Keep it in a Kubernetes secret; use 'secretKeyRef', 'secretRef' or a volume.",
                location=context.argo_place(*keys),
            )
    for name, value in context.config.deployment.build_args.items():
        if _is_secret(name, value):
            yield finding(
                "secret-in-clear",
                f"the value of build argument {name!r} looks like a secret, which the image's history shows",
                fix="Pass it as a secret of the build: 'build_secrets: [{id: ..., env: ...}]'.",
                location=context.argo_place("deployment", "build_args", name),
            )
    for keys, value in _walk(read_parameters(context)):
        if looks_secret(_last_name(keys), value) and not _comes_from_pod(value, context):
            place = context.parameter_place(keys)
            yield finding(
                "secret-in-clear",
                f"the value of '{place.config_path}' looks like a secret",
                fix="Keep it in credentials.yml or in an environment variable from a Kubernetes secret.",
                location=place,
            )


def _is_secret(name: str, value: object) -> bool:
    return looks_secret(name, value) or (isinstance(value, str) and holds_known_secret(value))


def _comes_from_pod(value: object, context: CheckContext) -> bool:
    """Return whether a value comes from a variable that tasks get from a secret."""
    named = [entry.name for entry in context.config.template.environment if entry.secret_ref is not None]
    known = filter(None, (os.environ.get(name) for name in (*named, *context.placeholders.variables)))
    return bool(context.placeholders.find(value)) or any(secret in str(value) for secret in known)


def _list_variables(context: CheckContext) -> Iterator[tuple[Keys, EnvironmentVariable]]:
    section = context.config.template
    for position, task_variable in enumerate(section.environment):
        yield ("template", "environment", position), task_variable
    for number, template in enumerate(section.templates):
        own: Keys = ("template", "templates", number)
        for index, variable in enumerate(template.container.env):
            yield (*own, "container", "env", index), variable
        for which, sidecar in enumerate(template.sidecars):
            for index, variable in enumerate(sidecar.env):
                yield (*own, "sidecars", which, "env", index), variable


def _list_passed(context: CheckContext) -> Iterator[tuple[Keys, str, str]]:
    """Yield path, name and text of what is passed through; of a variable, its name and value."""
    for place, tree in list_passed_trees(context):
        yield from _name_texts(tree, place)
    for number, template in enumerate(context.config.template.templates):
        for index, sidecar in enumerate(template.sidecars):
            yield from _name_texts(sidecar.passed, ("template", "templates", number, "sidecars", index))


def list_passed_trees(context: CheckContext) -> list[tuple[Keys, Any]]:
    """List what is passed through to the workflow, its pods and main containers, with paths."""
    config = context.config
    trees: list[tuple[Keys, Any]] = [(("workflow",), config.workflow), (("pod",), config.pod)]
    trees.append((("credentials",), _without_secrets(config.credentials)))
    trees += [(("rules", index, "pod"), rule.pod) for index, rule in enumerate(config.rules)]
    for number, template in enumerate(config.template.templates):
        own: Keys = ("template", "templates", number)
        trees += [(own, template.passed), ((*own, "pod"), template.pod)]
        trees.append(((*own, "container"), template.container.passed))
        if template.resource is not None:
            trees.append(((*own, "resource"), _parse_resource(template.resource)))
    return trees


def _parse_resource(resource: Resource) -> dict[str, Any]:
    """Return a resource with its manifest as data, where it is YAML apart from its tags."""
    written: Any = fill_tags(resource.manifest or "", lambda _: "tag")
    with suppress(yaml.YAMLError):
        if not any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(written)):  # they may multiply
            written = yaml.safe_load(written)
    return {**resource.passed, "manifest": written}


def _without_secrets(tree: object) -> Any:
    """Leave out what comes from secrets of the cluster."""
    if isinstance(tree, Mapping):
        kept = {key: _without_secrets(value) for key, value in tree.items()}
        return {} if SECRET_REF in tree else kept
    return [_without_secrets(value) for value in tree] if isinstance(tree, list | tuple) else tree


def _name_texts(tree: object, keys: Keys) -> Iterator[tuple[Keys, str, str]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            named = tree.get("name") if key == "value" else None
            if isinstance(value, str):
                yield (*keys, str(key)), named if isinstance(named, str) else str(key), value
            else:
                yield from _name_texts(value, (*keys, str(key)))
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from _name_texts(value, (*keys, index))


def _last_name(keys: Sequence[str | int]) -> str:
    """Return the last key that is a name; items of a list have the name of the list."""
    return next((key for key in reversed(keys) if isinstance(key, str)), "")


def _walk(tree: object, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Yield the leaves of a tree of mappings and lists."""
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _walk(value, (*keys, str(key)))
    elif isinstance(tree, list | tuple):
        for index, value in enumerate(tree):
            yield from _walk(value, (*keys, index))
    else:
        yield keys, tree


def find_braces(context: CheckContext) -> Iterator[Finding]:
    """Report text with '{{' that would be in the manifest; only custom templates may contain it."""
    written = context.config.model_dump(mode="json", exclude={"pod", "retries", "workflow"})
    del written["template"]["templates"]
    for rule in written["rules"]:
        del rule["pod"]
    for variable in written["template"]["environment"]:
        variable["value"] = fill_expressions(variable["value"] or "", dict.fromkeys(SIZE_NAMES, 1.0))
    for keys, value in _walk(written):
        if isinstance(value, str) and has_tags(value):
            yield _braces(value, context.argo_place(*keys))
    plan = context.plan
    for what, value in (("pipeline", plan.pipeline), ("env", plan.env), ("group_by", plan.group_by)):
        if has_tags(value):
            yield _braces(value, Location(config_path=what, env=plan.env))


def _braces(value: str, location: Location) -> Finding:
    return finding(
        "braces-in-text", f"{value!r} contains '{{{{', which Argo would replace", location=location
    )
