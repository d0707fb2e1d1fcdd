"""Packages that pods import and the image does not hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kedro_matrix_ext._requirements.distributions import find_distribution
from kedro_matrix_ext.argo.image.packages import find_image_packages
from kedro_matrix_ext.argo.preflight.pod_needs import list_pod_needs
from kedro_matrix_ext.catalog.lookup.storage_libraries import is_installed, list_storage_needs
from kedro_matrix_ext.catalog.missing_libraries import as_note, report_missing_package
from kedro_matrix_ext.findings import Location, Severity, finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kedro_matrix_ext.argo.image.packages import ImagePackages
    from kedro_matrix_ext.argo.preflight.context import CheckContext
    from kedro_matrix_ext.argo.preflight.pod_needs import Need
    from kedro_matrix_ext.findings import Finding

__all__ = ["find_missing_storage_packages", "find_packages_outside_image"]


def find_packages_outside_image(context: CheckContext) -> Iterator[Finding]:
    """Report libraries that pods import and the project's files do not install, each at its first use.

    It is an error with the Dockerfile of ``kedro argo init``, a warning where the image may hold more than
    the project's files say, and a note where a dependency that is not installed here may bring the library.
    What extras of kedro-datasets bring is known only where it is installed, so that is not reported.
    """
    files = context.files
    image = find_image_packages(files.project, context.config.deployment) if files is not None else None
    if image is None:
        return
    datasets_unknown = "kedro-datasets" in image.installation.unknown
    seen: set[str] = set()
    for need in list_pod_needs(context):
        distribution = find_distribution(need.library)
        if need.dataset is not None and datasets_unknown:
            continue
        if distribution not in seen and not image.installation.provides(need.library):
            seen.add(distribution)
            yield _report(need, image, distribution)


def find_missing_storage_packages(context: CheckContext) -> Iterator[Finding]:
    """Report packages of protocols and databases that are not installed here; in the image, they are notes.

    What the image lacks too is reported as such.
    """
    if context.files is None or not context.imports:
        return
    project = context.files.project
    image = find_image_packages(project, context.config.deployment)
    seen: set[str] = set()
    for use in (use for found in {**context.readers, **context.makers}.values() for use in found):
        entry, classes = context.view.entry(use.dataset), context.view.classes(use.dataset)
        for library, scheme in list_storage_needs(entry, classes) if entry is not None else ():
            in_image = image is not None and image.installation.provides(library)
            if library in seen or is_installed(library) or (image is not None and not in_image):
                continue
            seen.add(library)
            found = report_missing_package(use.dataset, library, scheme, project)
            found = replace(found, location=context.catalog_place(use.dataset), task=use.task, node=use.node)
            yield as_note(found) if in_image else found


def _report(need: Need, image: ImagePackages, distribution: str) -> Finding:
    message = f"the image lacks {distribution!r}: {need.why}"
    severity = Severity.ERROR if image.certain else Severity.WARNING
    unknown = image.installation.unknown
    if unknown:
        message += f"; unless {', '.join(map(repr, unknown[:3]))} brings it, which is not installed here"
        severity = Severity.NOTE
    how = (
        f"Run 'uv add {distribution}'" if image.file == "uv.lock" else f"Add {distribution!r} to {image.file}"
    )
    found = finding(
        "image-lacks-package",
        message,
        fix=f"{how}, and build the image again.",
        location=need.location if need.location != Location() else Location(file=image.file),
        task=need.task,
        node=need.node,
        dataset=need.dataset,
    )
    return replace(found, severity=severity)
