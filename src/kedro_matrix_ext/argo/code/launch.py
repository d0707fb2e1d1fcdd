"""Start a task's command in the project that its code package holds.

Variables of the manifest name the package. Without them the code is in the image, and the command runs
as it is.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from kedro_matrix_ext._variables import CODE_DIGEST_VARIABLE, CODE_VARIABLE
from kedro_matrix_ext.argo.code.distribution import read_source_folder
from kedro_matrix_ext.argo.code.unpacking import unpack
from kedro_matrix_ext.argo.constants import WORTH_RETRYING
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["fetch", "launch", "prepare"]

_USAGE = 2
_TERMINATED = 128 + signal.SIGTERM


class FetchError(ArgoError):
    """The package was not read; it may work later."""


def launch(command: Sequence[str]) -> NoReturn:
    """Fetch the package that the environment names, and become the command inside of it.

    Raises:
        SystemExit: With 75 where the package cannot be fetched, 1 where it is another than the manifest's,
            and 2 without a command.
    """
    signal.signal(signal.SIGTERM, lambda *_: os._exit(_TERMINATED))  # process 1 of a pod ignores it otherwise
    if not command:
        sys.stderr.write("give the command to run: python -m kedro_matrix_ext.argo.code kedro run\n")
        raise SystemExit(_USAGE)
    try:
        environment = prepare(os.environ)
    except FetchError as error:
        sys.stderr.write(f"{error}\nWorth retrying, so the exit status is {WORTH_RETRYING}.\n")
        raise SystemExit(WORTH_RETRYING) from error
    except ArgoError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from error
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        sys.stderr.write(f"there is no program {command[0]!r} on PATH\n")
        raise SystemExit(127)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.execve(program, list(command), environment)  # noqa: S606  no shell is what is wanted


def prepare(variables: Mapping[str, str]) -> dict[str, str]:
    """Unpack the package that variables name, enter its folder, and return the environment of the command.

    Raises:
        FetchError: If the package cannot be read.
        ArgoError: If it is not the one that the manifest names, or cannot be unpacked.
    """
    address, digest = variables.get(CODE_VARIABLE), variables.get(CODE_DIGEST_VARIABLE)
    if not address or not digest:
        return dict(variables)
    data = fetch(address)
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise ArgoError(
            f"the code package at {address!r} is not the one that was submitted: its SHA-256 is {found}, "
            f"and the workflow names {digest}",
            hint="Delete it from there and submit again: what the store has is not uploaded twice.",
        )
    folder = Path(tempfile.mkdtemp(prefix="kedro-code-"))
    unpack(data, folder)
    os.chdir(folder)
    paths = [str(folder / read_source_folder(folder)), variables.get("PYTHONPATH", "")]
    return {**variables, "PYTHONPATH": os.pathsep.join(filter(None, paths)), "PWD": str(folder)}


def fetch(address: str) -> bytes:
    """Read a package.

    Raises:
        ArgoError: If the image does not have the package that reads the address.
        FetchError: If it cannot be read.
    """
    import fsspec

    try:
        filesystem, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:  # a protocol that is not installed, or none
        raise ArgoError(
            f"cannot fetch the code package at {address!r}: {error}",
            hint="Add the package that reads the address to the dependencies of the image.",
        ) from error
    except Exception as error:
        raise _explain(address, error) from error
    try:
        read: bytes = filesystem.cat_file(path)
    except Exception as error:
        raise _explain(address, error) from error
    return read


def _explain(address: str, error: Exception) -> FetchError:
    return FetchError(f"cannot fetch the code package at {address!r}: {str(error) or type(error).__name__}")
