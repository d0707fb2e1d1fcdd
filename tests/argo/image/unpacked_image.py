"""Build a Dockerfile in a folder, without a container engine: its own lines, with the image's paths moved.

The shell runs every ``RUN``, and ``COPY`` copies into the folder, stage by stage, as written. A path of the
image as ``/opt/venv`` becomes the same path below the folder, which holds one stage at a time, and of earlier
stages only what ``COPY --from`` takes. What the ignore file leaves out is not copied. The base has Python,
a user with a home folder and no apt; commands that need root (``chown``) do nothing.
"""

from __future__ import annotations

import os
import posixpath
import re
import shutil
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from tests.argo.image.parsed_dockerfile import expand, parse_dockerfile
from tests.waiting import PATIENCE

from kedro_matrix_ext.argo.image.context import list_context_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.argo.image.parsed_dockerfile import Instruction, Stage

__all__ = ["UnpackedImage"]

_PATH_OF_THE_IMAGE = re.compile(r"(?<![\w./}*$])/(?!dev/|bin/sh)(?=\w)")
_COMMANDS = ("cat", "cp", "find", "git", "grep", "ln", "mkdir", "rm", "uname")
_AS_ROOT = ("chown", "update-ca-certificates")
_PREDEFINED = re.compile(r"(https?|no|all)_proxy", re.IGNORECASE)  # arguments that every builder passes on


@dataclass
class UnpackedImage:
    """An image in a folder.

    Attributes:
        folder: Where ``root``, the stages before and the commands of the base image are.
        context: The folder that a builder would be sent.
        dockerfile: The Dockerfile.
        cache: The cache of uv.
        args: Arguments of the build.
        secrets: Secrets of the build, by id.
        environment: What ``ENV`` set.
        working_directory: What ``WORKDIR`` set.
    """

    folder: Path
    context: Path
    dockerfile: Path
    cache: Path
    args: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    working_directory: str = "/"

    @property
    def root(self) -> Path:
        """The root folder of the stage that is built."""
        return self.folder / "root"

    def build(self) -> UnpackedImage:
        """Build the last stage, and those before it."""
        _make_commands(self.folder / "commands")
        head, *stages = parse_dockerfile(self.dockerfile.read_text())
        defaults = self._declare(head.named("ARG"), {})
        previous = ""
        for stage in stages:
            self._begin(expand(stage.base, defaults), previous)
            self._build_stage(stage)
            previous = stage.name
        return self

    def run(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> str:
        """Run a command in the image, as a pod does, and return what it prints."""
        variables = {**self.environment, **(env or {})}
        return self._call(list(command), variables)

    def _begin(self, base: str, previous: str) -> None:
        """Keep the stage before, and lay out what the next one begins with."""
        if self.root.exists():
            self.root.rename(self.folder / f"stage-{previous}")
        kept = self.folder / f"stage-{base}"
        if kept.exists():  # its variables and working directory are kept too
            kept.rename(self.root)
            return
        path = f"{self.root}/bin:{self.folder}/commands"
        self.environment, self.working_directory = {"PATH": path, "HOME": f"{self.root}/home/user"}, "/"
        certificates = self.root / "etc/ssl/certs/ca-certificates.crt"
        for place in (certificates.parent, self.root / "tmp", self.root / "bin"):
            place.mkdir(parents=True)
        if trusted := ssl.get_default_verify_paths().cafile:
            certificates.symlink_to(trusted)
        if "/uv:" in base:
            (self.root / "uv").symlink_to(shutil.which("uv") or "uv")

    def _build_stage(self, stage: Stage) -> None:
        scope: dict[str, str] = {name: value for name, value in os.environ.items() if _PREDEFINED.match(name)}
        for instruction in stage.instructions:
            if instruction.word == "ARG":
                scope.update(self._declare([instruction], scope))
            elif instruction.word == "ENV":
                pairs = (word.split("=", 1) for word in instruction.words)
                known = {**scope, **self.environment}
                self.environment |= {name: expand(self._move(value), known) for name, value in pairs}
            elif instruction.word == "WORKDIR":
                self.working_directory = instruction.text
                self._inside(instruction.text).mkdir(parents=True, exist_ok=True)
            elif instruction.word == "COPY":
                self._copy(instruction, scope)
            elif instruction.word == "RUN":
                with self._mounted(instruction):
                    self._call(["/bin/sh", "-c", self._move(instruction.text)], {**scope, **self.environment})

    def _declare(self, arguments: list[Instruction], scope: Mapping[str, str]) -> dict[str, str]:
        """Give arguments the values that the build has for them, or their defaults; others stay unset."""
        declared = [word.partition("=") for argument in arguments for word in argument.words]
        return {
            name: self.args.get(name, expand(default, scope))
            for name, equals, default in declared
            if equals or name in self.args
        }

    def _copy(self, instruction: Instruction, scope: Mapping[str, str]) -> None:
        *sources, target = instruction.words
        place = self._inside(posixpath.join(self.working_directory, target))
        if stage := instruction.option("from"):
            place.parent.mkdir(parents=True, exist_ok=True)
            taken = self.folder / f"stage-{stage}" / sources[0].lstrip("/")
            if taken.is_dir():
                taken.rename(place)
            else:
                shutil.copy2(taken, place, follow_symlinks=False)
            return
        sent = list(list_context_files(self.dockerfile, self.context))
        copied = [self._copy_one(expand(source, scope), sent, place) for source in sources]
        assert any(copied), f"COPY {instruction.text}: the context has no such file"

    def _copy_one(self, source: str, sent: list[str], place: Path) -> int:
        """Copy a file, the contents of a folder, or what a pattern matches; return the number of files."""
        pattern = posixpath.normpath(source)
        folder, name = posixpath.split(pattern)
        inside = [path for path in sent if posixpath.dirname(path) == folder]
        chosen = {path: Path(path).name for path in inside if fnmatchcase(Path(path).name, name)}
        if (self.context / pattern).is_dir():
            chosen = {
                path: posixpath.relpath(path, pattern) for path in sent if path.startswith(f"{pattern}/")
            }
        assert chosen or "*" in pattern, f"COPY {source}: the context has no such file"
        for path, name in chosen.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.context / path, place / name)
        return len(chosen)

    @contextmanager
    def _mounted(self, instruction: Instruction) -> Iterator[None]:
        with ExitStack() as stack:
            for mount in instruction.mounts:
                target = self._inside(mount.get("target", f"/run/secrets/{mount.get('id')}"))
                if mount["type"] == "secret" and mount["id"] not in self.secrets:
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                if mount["type"] == "secret":
                    target.write_text(self.secrets[mount["id"]])
                elif mount["type"] == "cache":
                    target.symlink_to(self.cache)
                else:
                    target.symlink_to(self.folder / f"stage-{mount['from']}" / mount["source"].lstrip("/"))
                stack.callback(target.unlink)
            yield

    def _call(self, command: list[str], variables: Mapping[str, str]) -> str:
        words = [shutil.which(command[0], path=variables["PATH"]) or command[0], *command[1:]]
        done = subprocess.run(
            words,
            cwd=self._inside(self.working_directory),
            env=dict(variables),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, f"{command} exited {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def _move(self, text: str) -> str:
        return _PATH_OF_THE_IMAGE.sub(f"{self.root}/", text)

    def _inside(self, path: str) -> Path:
        return self.root / path.lstrip("/")


def _make_commands(folder: Path) -> None:
    """Fill the folder that is the base image's PATH."""
    folder.mkdir(parents=True)
    for name in _COMMANDS:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    for name in _AS_ROOT:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / version).symlink_to(os.path.realpath(sys.executable))
