"""Where code packages are kept: a folder that this machine writes to and pods read."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from kedro_matrix_ext.argo.code.package import CodePackage

__all__ = ["CodeStore", "ImageRecord"]

_PLACE = "argo: deployment.code"


@dataclass(frozen=True, kw_only=True)
class ImageRecord:
    """The image that was built last for a project, and what decided what is in it.

    Attributes:
        image: Its reference, by digest.
        fingerprint: A hash of lock file or dependencies, Python and Dockerfile.
    """

    image: str
    fingerprint: str

    def is_for(self, image: str | None) -> bool:
        """Check whether it is about the image that ``argo.yml`` names, by name or by digest."""
        return image is not None and image in (self.image, self.image.partition("@")[0])


@dataclass(frozen=True)
class CodeStore:
    """The packages of projects, and the record of each project's image.

    Attributes:
        url: The folder, as ``s3://bucket/code``.
    """

    url: str

    def address(self, package: CodePackage) -> str:
        """Return the address of a package, present or not."""
        return f"{self._folder(package.project)}/{package.digest}.tar"

    def upload(self, package: CodePackage) -> bool:
        """Write a package unless the store has it; return whether it was written.

        It is written under another name and renamed, so that no pod ever reads half of one.

        Raises:
            ArgoError: If the store cannot be written.
        """
        address = self.address(package)
        try:
            filesystem, path = self._open(address)
            if filesystem.exists(path) and filesystem.size(path) == len(package.data):
                return False
            _write(filesystem, path, package.data)
        except Exception as error:
            raise _explain(error, f"cannot write the code package to {address!r}") from error
        return True

    def read_image(self, project: str) -> ImageRecord | None:
        """Read which image was built last for a project; None where nobody has built one.

        Raises:
            ArgoError: If the store cannot be read, or the record is damaged.
        """
        address = self._record(project)
        try:
            filesystem, path = self._open(address)
            if not filesystem.exists(path):
                return None
            read = json.loads(filesystem.cat_file(path))
            return ImageRecord(image=str(read["image"]), fingerprint=str(read["fingerprint"]))
        except Exception as error:
            raise _explain(error, f"cannot read the record of the image at {address!r}") from error

    def write_image(self, project: str, record: ImageRecord) -> None:
        """Record the image that was built for a project.

        Raises:
            ArgoError: If the store cannot be written.
        """
        address = self._record(project)
        try:
            filesystem, path = self._open(address)
            _write(filesystem, path, json.dumps(asdict(record), indent=2).encode())
        except Exception as error:
            raise _explain(error, f"cannot write the record of the image to {address!r}") from error

    def _folder(self, project: str) -> str:
        return f"{self.url.rstrip('/')}/{project}"

    def _record(self, project: str) -> str:
        return f"{self._folder(project)}/image.json"

    def _open(self, address: str) -> tuple[Any, str]:
        import fsspec

        filesystem, path = fsspec.core.url_to_fs(address)
        filesystem.invalidate_cache()
        return filesystem, path


def _write(filesystem: Any, path: str, data: bytes) -> None:
    folder = path.rpartition("/")[0]
    filesystem.makedirs(folder, exist_ok=True)
    beside = f"{path}.{uuid.uuid4().hex}"
    try:
        filesystem.pipe_file(beside, data)
        filesystem.mv(beside, path)
    except BaseException:
        if filesystem.exists(beside):
            filesystem.rm_file(beside)
        raise


def _explain(error: Exception, what: str) -> ArgoError:
    if isinstance(error, ImportError):
        return ArgoError(
            f"{what}: {error}", config_path=_PLACE, hint="Install the package that reads the address."
        )
    reason = str(error) or type(error).__name__
    return ArgoError(
        f"{what}: {reason}",
        config_path=_PLACE,
        hint="Check the address, and the credentials that this shell has for it.",
    )
