"""Ask the code of Argo and Kubernetes whether they accept a manifest, a pod or a schedule."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from tests.argo.real.build import find_binary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

__all__ = ["ArgoValidator", "PodValidator", "start_pod_validator", "start_validators"]


class _Validator:
    """A running program that answers questions."""

    def __init__(self, version: str) -> None:
        self.version = version
        self._process = subprocess.Popen(
            [find_binary(version)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def close(self) -> None:
        """End the process."""
        self._stream(self._process.stdin).close()
        self._stream(self._process.stdout).close()
        self._process.wait()

    def _ask(self, **question: Any) -> dict[str, Any]:
        stdin = self._stream(self._process.stdin)
        stdin.write(json.dumps(question).encode("utf-8", "surrogatepass") + b"\n")
        stdin.flush()
        line = self._stream(self._process.stdout).readline()
        assert line, f"the validator {self.version} ended with {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream


class ArgoValidator(_Validator):
    """A running validator of one version of Argo."""

    def refuse(self, manifest: str | Mapping[str, Any], *, stored: Sequence[str] = ()) -> str:
        """Return why Argo refuses a manifest, as text or as data; an empty text if Argo accepts it."""
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        error: str = self._ask(ask="manifest", text=text, stored=list(stored))["error"]
        return error

    def read(self, text: str) -> Any:
        """Return what Argo's YAML reader makes of a text."""
        answer = self._ask(ask="yaml", text=text)
        assert not answer["error"], answer["error"]
        return answer["value"]

    def refuse_schedule(self, line: str, zone: str = "") -> str:
        """Return why the controller refuses a schedule; an empty text if it accepts it."""
        error: str = self._ask(ask="schedule", text=line, zone=zone)["error"]
        return error

    def expand(self, text: str, values: Mapping[str, str]) -> str:
        """Return a text with its tags replaced by the controller's code."""
        answer = self._ask(ask="expand", text=text, values=dict(values))
        assert not answer["error"], answer["error"]
        value: str = answer["value"]
        return value

    def refuse_syntax(self, expression: str) -> str:
        """Return why an expression cannot be parsed; an empty text if it can."""
        error: str = self._ask(ask="syntax", text=expression)["error"]
        return error

    def decide_retry(self, expression: str, values: Mapping[str, str]) -> bool | str:
        """Return what the controller makes of the expression of a retry, or why it fails."""
        answer = self._ask(ask="retry", text=expression, values=dict(values))
        return answer["error"] or bool(answer["value"])


class PodValidator(_Validator):
    """A running validator of Kubernetes."""

    def refuse(self, pod: Mapping[str, Any], patches: Sequence[str] = ()) -> str:
        """Return why Kubernetes refuses a pod; an empty text if it accepts it."""
        error: str = self._ask(ask="pod", text=json.dumps(pod), patches=list(patches))["error"]
        return error

    def refuse_image(self, image: str) -> str:
        """Return why the kubelet refuses the name of an image; an empty text if it accepts it."""
        error: str = self._ask(ask="image", text=image)["error"]
        return error


def start_validators() -> list[ArgoValidator]:
    """Start the validators that `ARGO_VERSIONS` names (that of Argo 4 if unset) and that are built."""
    versions = os.environ.get("ARGO_VERSIONS", "v4").split()
    missing = [version for version in versions if not find_binary(version).exists()]
    if missing and "ARGO_VERSIONS" in os.environ:
        pytest.fail(f"not built: {', '.join(missing)}; run tests/argo/real/build.py")
    return [ArgoValidator(version) for version in versions if version not in missing]


def start_pod_validator() -> PodValidator | None:
    """Start Kubernetes' validator of pods, if it is built."""
    if find_binary("pods").exists():
        return PodValidator("pods")
    if "ARGO_VERSIONS" in os.environ:
        pytest.fail("not built: pods; run tests/argo/real/build.py")
    return None
