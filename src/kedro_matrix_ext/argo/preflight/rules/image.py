"""What the image must hold: the environment's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kedro_matrix_ext._suggestion import did_you_mean
from kedro_matrix_ext.argo.code.listing import list_packed_files
from kedro_matrix_ext.argo.image.ignore import find_ignore_file, read_ignore_file
from kedro_matrix_ext.findings import Location, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext, ProjectFiles
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_credentials_outside_pods", "find_environments_outside_image"]


def find_environments_outside_image(context: CheckContext) -> Iterator[Finding]:
    """Report layers of the environment that the image's ignore file leaves out; tasks would miss them.

    Without an ignore file only Kedro's default environment for runs on one's own machine, ``local``, is
    reported.
    """
    files = context.files
    if files is None or files.conf_source is None:
        return
    for env in files.layers:
        reason = _find_reason(env, files, context)
        if reason is not None:
            others = [each for each in files.known_environments if each not in {env, files.default_env}]
            yield finding(
                "environment-not-in-image",
                f"the image does not hold the environment {env!r}: {reason}",
                fix=f"Choose another environment with --env{_list(others)}, or let the image hold it.",
                location=Location(env=context.plan.env, file=files.shorten(files.conf_source / env)),
            )


def find_credentials_outside_pods(context: CheckContext) -> Iterator[Finding]:
    """Report credentials that the catalog names and that neither ``argo.yml`` nor the image gives to pods.

    Kedro looks all of them up when it makes the catalog, also for entries that no pipeline uses.
    """
    files = context.files
    if files is None or files.conf_source is None:
        return
    for name, keys in context.credential_uses.items():
        reason = None if name in context.config.credentials else _find_credentials(name, context, files)
        if reason is not None:
            yield finding(
                "credentials-not-in-pods",
                f"dataset {keys[0]!r} names the credentials {name!r}, and pods do not have them: {reason}",
                fix=f"Give them in argo.yml, as in 'credentials: {{{name}: {{key: {{secret_ref: {{name: ..., "
                f"key: ...}}}}}}}}'. {did_you_mean(name, context.config.credentials)}".rstrip(),
                location=context.place("catalog", keys),
                dataset=keys[0],
            )


def _find_credentials(name: str, context: CheckContext, files: ProjectFiles) -> str | None:
    """Return why pods do not have credentials that ``argo.yml`` does not give them; none if they may."""
    place = context.locate("credentials", [name]).file if context.locate is not None else None
    if place is None:
        return "nothing gives them to pods"
    deployment = context.config.deployment
    build_context = (files.project / deployment.context).resolve()
    ignore_file = find_ignore_file(files.project / deployment.dockerfile, build_context)
    if ignore_file is None:
        return f"builds refuse secrets such as {place!r}"
    path = (files.project / place).resolve()
    if path.is_relative_to(build_context):
        inside = path.relative_to(build_context).as_posix()
        if not read_ignore_file(ignore_file).matches(inside):
            return None
    return f"the image leaves out {place!r}"


def _list(environments: list[str]) -> str:
    return f" ({', '.join(environments)})" if environments else ""


def _find_reason(env: str, files: ProjectFiles, context: CheckContext) -> str | None:
    deployment = context.config.deployment
    folder = files.project / (files.conf_source or "") / env
    if deployment.code is not None and folder.is_relative_to(files.project) and folder.is_dir():
        inside = folder.relative_to(files.project).as_posix()
        if not list_packed_files(files.project, deployment, [inside]) and any(folder.iterdir()):
            return "git or the ignore file of the image leaves its folder out of the code package"
    build_context = (files.project / deployment.context).resolve()
    ignore_file = find_ignore_file(files.project / deployment.dockerfile, build_context)
    if ignore_file is None:
        local = env == files.default_env != files.base_env
        return (
            "it is meant for runs on your machine, and there is no ignore file to say more" if local else None
        )
    folder = folder.resolve()
    if not folder.is_relative_to(build_context) or not read_ignore_file(ignore_file).covers_folder(
        folder, build_context
    ):
        return None
    return "the ignore file of the image leaves its folder out"
