"""What this machine gives to a container: stand-ins for what its image and the cluster's secrets hold."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from kedro_matrix_ext._known_secrets import remember_secrets
from kedro_matrix_ext._variables import REHEARSAL_VARIABLE
from kedro_matrix_ext.errors import ArgoError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kedro_matrix_ext.argo.rehearsal.workflow.model import Variable
    from kedro_matrix_ext.argo.rehearsal.workflow.steps import Step

__all__ = ["LocalEnvironment"]

# What an image sets: where programs, libraries, certificates and the user's home are.
_OF_THE_IMAGE = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR"),
    *(
        "COLUMNS",
        "NO_COLOR",
        "DO_NOT_TRACK",
        "VIRTUAL_ENV",
        "CONDA_*",
        "PYTHON*",
        "LD_LIBRARY_PATH",
        "DYLD_*",
    ),
    *("JAVA_HOME", "SPARK_HOME", "HADOOP_*", "CUDA_*", "NVIDIA_*"),
    *("SSL_CERT_*", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "*_proxy", "*_PROXY"),
)


@dataclass(frozen=True)
class LocalEnvironment:
    """The environment that a rehearsal is started in.

    Attributes:
        local: Its variables.
        passed: Names, or shell-style patterns, of those that containers get beyond what stands for the image;
            they win over the manifest's.
        ask: Asks a person for a value that is not shown; none where nobody can be asked.
    """

    local: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    passed: tuple[str, ...] = ()
    ask: Callable[[str], str] | None = None

    def environment(self, declared: Mapping[str, str]) -> dict[str, str]:
        """Give the whole environment of a container."""
        variables = {**self._select(_OF_THE_IMAGE), **declared, **self._select(self.passed)}
        variables[REHEARSAL_VARIABLE] = "1"
        folder = os.path.dirname(sys.executable)  # noqa: PTH120  a link to Python stays what it is
        variables["PATH"] = os.pathsep.join(filter(None, [folder, variables.get("PATH", os.defpath)]))
        return variables

    def _select(self, patterns: tuple[str, ...]) -> dict[str, str]:
        return {
            name: value
            for name, value in self.local.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        }

    def read_secret(self, variable: Variable) -> str | None:
        """Return the value of a secret or config map variable: that of the local variable of its name."""
        value = self.local.get(variable.name)
        if variable.value_from is not None and variable.value_from.secret_key_ref is not None:
            remember_secrets([value])
        return value

    def require_secrets(self, steps: Iterable[Step]) -> LocalEnvironment:
        """Make sure that every secret is there before anything runs.

        Raises:
            ArgoError: If any is not; it names them all.
        """
        missing: dict[str, str] = {}
        for template in {step.template.name: step.template for step in steps}.values():
            for variable in template.container.env if template.container else ():
                source = variable.value_from and (
                    variable.value_from.secret_key_ref or variable.value_from.config_map_key_ref
                )
                if source and not source.optional and variable.name not in self.local:
                    missing[variable.name] = f"key {source.key!r} of {source.name!r}"
        if missing and self.ask is not None:
            answers = {name: self.ask(f"{name} ({source})") for name, source in missing.items()}
            return replace(self, local={**self.local, **answers})
        if missing:
            listed = ", ".join(f"{name} ({source})" for name, source in missing.items())
            raise ArgoError(
                f"tasks get these variables from the cluster, and they are not set here: {listed}",
                hint="Set them in this shell or in .env; they are passed on by their names.",
            )
        return self
