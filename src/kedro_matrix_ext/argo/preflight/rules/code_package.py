"""What would keep tasks from running the code package."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kedro_matrix_ext.argo.code.fingerprint import fingerprint_environment
from kedro_matrix_ext.argo.code.store import CodeStore
from kedro_matrix_ext.argo.constants import CODE_MODULE
from kedro_matrix_ext.errors import ArgoError
from kedro_matrix_ext.findings import finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_code_package_faults"]

_KEDRO = re.compile(r"(?<![\w./-])kedro(?![\w./-])")


def find_code_package_faults(context: CheckContext) -> Iterator[Finding]:
    """Report templates that do not fetch the code, a store that pods cannot read, and an outdated image."""
    if context.config.deployment.code is None:
        return
    yield from _find_templates_without_code(context)
    yield from _find_local_store(context, context.config.deployment.code)
    yield from _find_outdated(context, context.config.deployment.code)


def _find_templates_without_code(context: CheckContext) -> Iterator[Finding]:
    """Report templates that call Kedro in the project's image, which does not hold the project."""
    for number, template in enumerate(context.config.template.templates):
        words = " ".join([*template.container.command, *template.container.args])
        if template.container.image is None and _KEDRO.search(words) and CODE_MODULE not in words:
            yield finding(
                "template-lacks-code",
                f"template {template.name!r} calls 'kedro' and does not fetch the code package",
                fix=f"Write 'python -m {CODE_MODULE}' before 'kedro'.",
                location=context.argo_place("template", "templates", number),
            )


def _find_local_store(context: CheckContext, url: str) -> Iterator[Finding]:
    """Report a folder of this machine that no template mounts."""
    protocol, separator, path = url.partition("://")
    if separator and protocol not in {"file", "local"}:
        return
    folder = PurePosixPath(path if separator else url)
    mounts = [
        PurePosixPath(mount.mount_path)
        for template in context.config.template.templates
        for mount in template.container.volume_mounts
    ]
    if not any(folder.is_relative_to(mount) for mount in mounts):
        yield finding(
            "code-store-local",
            f"{url!r} is a folder of this machine, and no template mounts it",
            location=context.argo_place("deployment", "code"),
        )


def _find_outdated(context: CheckContext, url: str) -> Iterator[Finding]:
    """Report an image for code packages that was built from other dependencies than the project has now."""
    files, deployment = context.files, context.config.deployment
    if files is None or files.package is None:
        return
    location = context.argo_place("deployment", "code")
    try:
        record = CodeStore(url).read_image(files.package)
    except ArgoError as error:
        yield finding("code-store-unreadable", error.message, location=location)
        return
    if record is None or not record.is_for(deployment.image):
        return
    if record.fingerprint != fingerprint_environment(files.project, deployment):
        yield finding(
            "image-outdated",
            f"the dependencies have changed since the image {record.image} was built",
            location=location,
        )
