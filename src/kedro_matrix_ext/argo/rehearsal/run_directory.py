"""A rehearsal on disk: its manifest, the output of each task, and its result."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from kedro_matrix_ext._atomic_file import write_file
from kedro_matrix_ext._json_lines import read_json_lines
from kedro_matrix_ext._variables import PARAMETERS_VARIABLE
from kedro_matrix_ext.argo.constants import PREFIX, RUN_ID
from kedro_matrix_ext.argo.rehearsal.report.results import StepResult
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kedro_matrix_ext.argo.rehearsal.workflow.model import Manifest
    from kedro_matrix_ext.argo.rehearsal.workflow.values import WorkflowValues

logger = logging.getLogger(__name__)

__all__ = ["FOLDER", "RunDirectory", "digest_manifest", "find_journals", "read_results"]

FOLDER = ".kedro_matrix/rehearsals"
_RUN_ID_TAG = f"workflow.parameters.{RUN_ID}"
_ABOUT = "rehearsal.json"
_TASKS = "tasks.jsonl"
_DONE = ("succeeded", "skipped")
_OWNER_ONLY = 0o700
_UNSAFE = re.compile(r"[^\w.-]")


def digest_manifest(manifest: Manifest) -> str:
    """Give the fingerprint by which a rehearsal may be resumed."""
    templates = manifest.workflow.templates
    plan = manifest.metadata.annotations.get(f"{PREFIX}/plan-digest")
    parameters = {
        variable.value
        for template in templates
        for variable in (template.container.env if template.container else ())
        if variable.name == PARAMETERS_VARIABLE
    }
    parts = [
        plan or [template.model_dump(mode="json") for template in templates],
        sorted(map(str, parameters)),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class RunDirectory:
    """The folder of a rehearsal.

    Attributes:
        folder: Where it is.
        name: The workflow's name.
        digest: What it was made from (`digest_manifest`).
        created: When the workflow was created, in UTC.
        run_id: The run's id; none where the workflow has no such parameter.
    """

    folder: Path
    name: str
    digest: str
    created: datetime
    run_id: str | None

    @staticmethod
    def place(folder: Path, name: str) -> Path:
        """Name the folder of a workflow's rehearsal."""
        return folder / _UNSAFE.sub("_", name)

    @staticmethod
    def make_private(folder: Path) -> None:
        """Make the folder of a rehearsal, which only its owner can read: the manifest may hold secrets."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_OWNER_ONLY)
        if not (ignored := folder.parent / ".gitignore").exists():
            write_file(ignored, "*\n")

    @classmethod
    def begin(cls, folder: Path, *, manifest: str, values: WorkflowValues, digest: str) -> RunDirectory:
        """Make the folder of a new rehearsal; it counts as one when its description is written."""
        name, run_id = values.values["workflow.name"], values.look_up(_RUN_ID_TAG)
        journal = cls(
            folder=cls.place(folder, name), name=name, digest=digest, created=values.created, run_id=run_id
        )
        (journal.folder / _ABOUT).unlink(missing_ok=True)
        journal.logs.mkdir(parents=True, exist_ok=True)
        journal.tasks.unlink(missing_ok=True)
        write_file(journal.folder / "workflow.yml", manifest, private=True)
        about = {"name": name, "digest": digest, "created": values.created.isoformat(), "run_id": run_id}
        write_file(journal.folder / _ABOUT, json.dumps(about, indent=2) + "\n", private=True)
        return journal

    @classmethod
    def read(cls, folder: Path) -> RunDirectory:
        """Open the folder of an earlier rehearsal.

        Raises:
            ArgoError: If there is none.
        """
        try:
            about = json.loads((folder / _ABOUT).read_text())
            created = datetime.fromisoformat(about["created"]).astimezone(timezone.utc)
            name, digest, run_id = (_as_text(about.get(key)) for key in ("name", "digest", "run_id"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ArgoError(f"this is not the folder of a rehearsal: {error}", file=str(folder)) from error
        return cls(
            folder=folder, name=name or folder.name, digest=digest or "", created=created, run_id=run_id
        )

    @property
    def logs(self) -> Path:
        """The folder of the tasks' output."""
        return self.folder / "logs"

    @property
    def files(self) -> Path:
        """The folder of what containers pass in files."""
        return self.folder / "files"

    @property
    def tasks(self) -> Path:
        """The file of results."""
        return self.folder / _TASKS

    def log_of(self, path: str) -> Path:
        """Give the file with the output of a step."""
        return self.logs / f"{path}.log"

    def note(self, result: StepResult) -> None:
        """Save the result of a step."""
        descriptor = os.open(self.tasks, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(_write(result))
            file.flush()
            os.fsync(file.fileno())

    def read_done(self) -> dict[str, StepResult]:
        """Read the steps that are done."""
        latest = read_results(self.tasks) if self.tasks.exists() else []
        return {result.task: replace(result, earlier=True) for result in latest if result.status in _DONE}

    def resume(self, done: Iterable[StepResult]) -> None:
        """Forget all results except those of steps that are done."""
        kept = "".join(_write(replace(result, earlier=False)) for result in done)
        write_file(self.tasks, kept, private=True)


def _write(result: StepResult) -> str:
    return json.dumps(asdict(result), ensure_ascii=False) + "\n"


def read_results(file: Path) -> list[StepResult]:
    """Read the results of the steps of a rehearsal.

    Raises:
        ArgoError: If a whole line is not such a record.
    """
    known = {field.name for field in fields(StepResult)}
    latest: dict[str, StepResult] = {}
    try:
        lines = list(read_json_lines(file))
    except OSError as error:
        raise ArgoError(f"cannot read this file: {error.strerror}", file=str(file)) from error
    for number, line, value in lines:
        try:
            record = {name: part for name, part in value.items() if name in known}
            result = StepResult(**{**record, "nodes": tuple(record["nodes"])})
            is_sound = result.is_sound
        except (TypeError, KeyError, AttributeError):
            is_sound = False
        if not is_sound:
            raise ArgoError(f"{line[:80]!r} is not a record of a task", file=str(file), line=number)
        latest[result.task] = result
    return list(latest.values())


def find_journals(folder: Path) -> list[RunDirectory]:
    """Find the rehearsals of a project, the latest first; of a folder that cannot be read, warn."""
    found = (_read_or_warn(about.parent) for about in folder.glob(f"*/{_ABOUT}"))
    journals = [journal for journal in found if journal is not None]
    return sorted(journals, key=lambda journal: journal.created, reverse=True)


def _read_or_warn(folder: Path) -> RunDirectory | None:
    try:
        return RunDirectory.read(folder)
    except ArgoError as error:
        logger.warning("A rehearsal is left out: %s", error)
        return None


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{value!r} is not text")
