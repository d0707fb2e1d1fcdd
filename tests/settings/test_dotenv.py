from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext import load_environment_variables
from kedro_matrix_ext.errors import SettingsError

if TYPE_CHECKING:
    from pathlib import Path

_FILES = st.dictionaries(st.sampled_from(["KM_A", "KM_B", "KM_C"]), st.sampled_from(["", "1", "2"]))


def _write(folder: Path, name: str, variables: dict[str, str]) -> None:
    (folder / name).write_text("".join(f"{key}={value}\n" for key, value in variables.items()))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(defaults=_FILES, dotenv=_FILES, environment=_FILES)
def test_the_environment_wins_over_dotenv_over_defaults(
    tmp_path: Path, defaults: dict[str, str], dotenv: dict[str, str], environment: dict[str, str]
) -> None:
    """Each variable gets the value of the first of the three that has it; what was set is returned."""
    _write(tmp_path, ".env.defaults", defaults)
    _write(tmp_path, ".env", dotenv)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("KM_A", "KM_B", "KM_C"):
            patch.delenv(name, raising=False)
            patch.setenv(name, environment[name]) if name in environment else None
        added = load_environment_variables(tmp_path)
        found = {name: os.environ[name] for name in ("KM_A", "KM_B", "KM_C") if name in os.environ}
        for name in added:
            del os.environ[name]
    assert found == {**defaults, **dotenv, **environment}
    assert added == {name: value for name, value in found.items() if name not in environment}


def test_references_see_the_environment_and_the_other_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`${NAME}` is the environment's value where there is one, else what was read before; quotes are gone."""
    monkeypatch.setenv("KM_BUCKET", "from-shell")
    (tmp_path / ".env.defaults").write_text("KM_BUCKET=dev\nKM_USER='some one'\n")
    (tmp_path / ".env").write_text(
        'export KM_BUCKET=mine\nKM_PATH="s3://${KM_BUCKET}/${KM_USER}/${KM_NONE:-none}"  # comment\nKM_BARE\n'
    )
    assert load_environment_variables(tmp_path) == {
        "KM_USER": "some one",
        "KM_PATH": "s3://from-shell/some one/none",
        "KM_BARE": "",
    }
    assert os.environ["KM_BARE"] == ""  # present, which is enough to disable a hook


def test_without_files_nothing_is_set(tmp_path: Path) -> None:
    """A project with neither file is fine."""
    before = dict(os.environ)
    assert load_environment_variables(str(tmp_path)) == {}
    assert dict(os.environ) == before


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A folder that does not exist, and a file that is not UTF-8, are errors that name them."""
    with pytest.raises(SettingsError, match=r"'.*nowhere' is not a folder"):
        load_environment_variables(tmp_path / "nowhere")
    (tmp_path / ".env").write_bytes(b"KM_A=\xff\n")
    with pytest.raises(SettingsError, match=r"'\.env': it is not UTF-8") as caught:
        load_environment_variables(tmp_path)
    assert caught.value.file == str(tmp_path / ".env")


def test_the_current_folder_serves_outside_any_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called from a prompt, outside any Kedro project, the files of the current folder are read."""
    (tmp_path / ".env").write_text("KM_HERE=yes\n")
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {"load": load_environment_variables}
    exec("added = load()", scope)  # noqa: S102  as a prompt does: no __file__
    assert scope["added"] == {"KM_HERE": "yes"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("KM_A=1\nKM_B=x\0y\n", "KM_B"),
        ("KM_A='x\0'\n", "KM_A"),
        ("KM_A\0B=1\n", "KM_A"),
        ("KM_A=" + "x" * 140_000, "KM_A"),
        (
            "KM_A0=0123456789abcdef\n"
            + "".join(f"KM_A{n}=${{KM_A{n - 1}}}${{KM_A{n - 1}}}\n" for n in range(1, 60)),
            "KM_A13",
        ),
        (
            "KM_A0=0123456789abcdef\n"
            + "".join(
                f"KM_A{n}=${{KM_X:-}}${{KM_A{n - 1}}}{f'${{KM_A{n - 1}}}' * 9}\n" for n in range(1, 30)
            ),
            "KM_A4",
        ),
    ],
    ids=["nul", "quoted-nul", "nul-in-name", "long", "doubled", "tenfold"],
)
def test_what_no_variable_can_hold_is_an_error_that_names_it(tmp_path: Path, text: str, name: str) -> None:
    """NUL characters, and values that references double until the memory is full."""
    (tmp_path / ".env").write_text(text)
    with pytest.raises(SettingsError, match=f"'{name}") as raised:
        load_environment_variables(tmp_path)
    assert ".env" in str(raised.value)
    assert len(str(raised.value)) < 500
