"""The code package of a submission, and the image that it runs in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kedro.framework.startup import ProjectMetadata

    from kedro_matrix_ext.argo.code.package import CodePackage
    from kedro_matrix_ext.argo.code.store import CodeStore
    from kedro_matrix_ext.argo.configuration.deployment import Deployment
    from kedro_matrix_ext.argo.manifest.options import CodeAddress

__all__ = ["PackedCode", "choose_image", "pack_code", "record_image"]


@dataclass(frozen=True, kw_only=True)
class PackedCode:
    """A project, packed and not uploaded yet.

    Attributes:
        store: Where it goes.
        package: The archive.
    """

    store: CodeStore
    package: CodePackage

    @property
    def address(self) -> CodeAddress:
        """Where tasks fetch it, and what it has to be."""
        from kedro_matrix_ext.argo.manifest.options import CodeAddress

        return CodeAddress(self.store.address(self.package), self.package.digest)

    def __str__(self) -> str:
        files, size = len(self.package.files), len(self.package.data) / 2**20
        return f"{self.address.address} ({files} files, {size:.1f} MiB)"


def pack_code(
    metadata: ProjectMetadata, deployment: Deployment, *, store: str | None = None
) -> PackedCode | None:
    """Pack the project where ``deployment.code`` says that tasks fetch it; None where the image has it.

    Raises:
        ArgoError: If the project cannot be packed.
    """
    from kedro.framework.project import settings

    from kedro_matrix_ext.argo.code.package import pack_project
    from kedro_matrix_ext.argo.code.store import CodeStore

    url = store or deployment.code
    if deployment.code is None or url is None:
        return None
    project = Path(metadata.project_path)
    package = pack_project(
        project,
        deployment,
        source=Path(metadata.source_dir).relative_to(project).as_posix(),
        conf_source=settings.CONF_SOURCE,
        name=metadata.package_name,
    )
    return PackedCode(store=CodeStore(url), package=package)


def choose_image(
    metadata: ProjectMetadata, deployment: Deployment, code: PackedCode, *, stale: bool
) -> str | None:
    """Choose the image that runs a code package: the one that was built last from the same dependencies.

    An image that nobody recorded is taken as ``argo.yml`` names it.

    Raises:
        ArgoError: If the dependencies have changed since the image was built, unless that is accepted.
    """
    from kedro_matrix_ext.argo.code.fingerprint import fingerprint_environment
    from kedro_matrix_ext.errors import ArgoError

    record = code.store.read_image(metadata.package_name)
    if record is None or not record.is_for(deployment.image):
        return deployment.reference
    if record.fingerprint != fingerprint_environment(Path(metadata.project_path), deployment) and not stale:
        raise ArgoError(
            f"the dependencies have changed since the image {record.image} was built",
            config_path="argo: deployment.code",
            hint="Build it again with '--build', or run the old one with '--stale-image'.",
        )
    return record.image


def record_image(metadata: ProjectMetadata, deployment: Deployment, image: str) -> None:
    """Record what an image was built from, for those who submit code to run in it.

    Raises:
        ArgoError: If the store cannot be written.
    """
    from kedro_matrix_ext.argo.code.fingerprint import fingerprint_environment
    from kedro_matrix_ext.argo.code.store import CodeStore, ImageRecord

    if deployment.code is None:
        return
    fingerprint = fingerprint_environment(Path(metadata.project_path), deployment)
    record = ImageRecord(image=image, fingerprint=fingerprint)
    CodeStore(deployment.code).write_image(metadata.package_name, record)
