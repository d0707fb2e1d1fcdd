"""The schemas are those of the models, take what the loaders take, and find what they refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema_rs
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.conftest import EXAMPLES, ROOT

from kedro_matrix_ext._schemas import SCHEMA_FILES, find_schema_file
from kedro_matrix_ext._schemas.generation import make_schema
from kedro_matrix_ext.argo import ArgoConfig, scaffold
from kedro_matrix_ext.catalog import expand_transcoding
from kedro_matrix_ext.catalog.engines import _ROWS, EngineFormat
from kedro_matrix_ext.config.layers.yaml_parsing import parse_mapping
from kedro_matrix_ext.errors import CatalogError, ConfigurationError, FabricationError
from kedro_matrix_ext.fabrication.parsing import parse_fabrication

if TYPE_CHECKING:
    from tests.kedro_project import KedroProject

VALIDATORS = {name: jsonschema_rs.validator_for(make_schema(name)) for name in SCHEMA_FILES}
NEWEST_PYDANTIC = (2, 14)
FILES = [
    *(
        (file, name)
        for name, glob in SCHEMA_FILES.items()
        for file in sorted(EXAMPLES.rglob(f"conf/*/{glob}"))
    ),
    (Path(scaffold.__file__).parent / "project_files/argo.yml", "argo"),
]


def _load(text: str) -> Any:
    return parse_mapping(text, "file.yml")


def _mistakes(name: str, data: Any) -> list[str]:
    return [error.message for error in VALIDATORS[name].iter_errors(data)]


@pytest.mark.parametrize("name", SCHEMA_FILES)
def test_shipped_schema_is_that_of_the_models(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--regenerate` rewrites the files after a model has changed; rows that a project adds are not in."""
    ours = {key: row for key, row in _ROWS.items() if row.dataset.startswith("kedro_matrix_ext.")}
    monkeypatch.setattr(sys.modules[EngineFormat.__module__], "_ROWS", ours)
    if tuple(map(int, pydantic.VERSION.split(".")[:2])) < NEWEST_PYDANTIC:
        pytest.skip("older releases of pydantic write an equal schema in other words")
    file, made = find_schema_file(name), make_schema(name)
    if request.config.getoption("--regenerate"):
        file.write_text(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
    assert json.loads(file.read_text()) == made


@pytest.mark.parametrize(
    ("file", "name"), FILES, ids=lambda value: str(value).rpartition("conf_examples/")[2]
)
def test_files_of_the_examples_are_valid(file: Path, name: str) -> None:
    """An editor marks nothing in what is known to work."""
    assert _mistakes(name, _load(file.read_text())) == []


def test_every_kind_of_file_is_among_the_examples() -> None:
    """No schema goes untried."""
    assert {name for _, name in FILES} == set(SCHEMA_FILES)


# Per file a text that is valid, and one line of it with a typo.
TYPOS = {
    "argo": [
        ("deployment: {image: shop}", "deployment: {imgae: shop}"),
        ("machine_types: {small: {mem: 4Gi, cpu: 500m}}", "machine_types: {small: {mem: 4Gi, cpus: 1}}"),
        ("retries: {preset: spot, limit: 5}", "retries: {presets: spot}"),
        ("retries: spot", "retries: sometimes"),
        ("machine_types: {small: {mem: 1.5, cpu: 1}}", "machine_types: {small: {mem: lots, cpu: 1}}"),
        (
            "machine_types: {small: {mem: 1, cpu: 1, num_gpu: 1}}",
            "machine_types: {small: {mem: 1, cpu: 1, num_gpu: one}}",
        ),
        (
            "schedule: {cron: '0 6 * * *', concurrency: Forbid}",
            "schedule: {cron: '0 6 * * *', concurrency: Forbit}",
        ),
        ("deadlines: {task: 1h30m}", "deadlines: {task: soon}"),
        ("template: {environment: [{name: A, value: 1}]}", "template: {enviroment: []}"),
        ("pod_gc: OnPodSuccess", "pod_gc: OnPodSucces"),
        ("_shared: {image: shop}", "shared: {image: shop}"),
        ("parallelism: 4", "parallelism: [4]"),
        ("workflow: {priority: 3}", "workflow: {priorty: 3}"),
        ("pod: {terminationGracePeriodSeconds: 9}", "pod: {terminationGracePeriod: 9}"),
        (
            "rules: [{match: {tag: a}, pod: {hostPID: true}}]",
            "rules: [{match: {tag: a}, pod: {hostPid: true}}]",
        ),
        (
            "template: {environment: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]}",
            "template: {environment: [{name: A, valueFrom: {fieldref: {}}}]}",
        ),
        (
            "template: {templates: [{name: a, container: {command: [x], workingDir: /x}}]}",
            "template: {templates: [{name: a, container: {command: [x], workDir: /x}}]}",
        ),
        (
            "credentials: {s3: {key: {secret_ref: {name: a, key: b}}, region: eu}, db: me}",
            "credentials: {s3: {key: {secret_ref: {name: a, kee: b}}}}",
        ),
        ("{spot: gke, retries: spot}", "{spot: gcp, retries: spot}"),
    ],
    "catalog": [
        (
            "t: {transcode: [pandas, polars], format: csv, filepath: a.csv}",
            "t: {transcode: [pandas, polras], format: csv, filepath: a.csv}",
        ),
        (
            "t: {transcode: [pandas], format: csv, filepath: a, pandas: {save_args: {sep: ';'}}}",
            "t: {transcode: [pandas], format: csv, filepath: a, pandsa: {save_args: {sep: ';'}}}",
        ),
        (
            "t: {type: pandas.CSVDataset, filepath: a.csv}",
            "t: {transcode: [pandas], format: cvs, filepath: a.csv}",
        ),
        ("_t: {transcode: nothing}", "t: {transcode: [pandas], format: csv}"),
    ],
    "environment": [
        ("inherits: [cloud]", "inherit: [cloud]"),
        ("inherits:", "inherits: cloud"),
        ("fabricated: true", "fabricated: maybe"),
    ],
    "fabrication": [
        (
            "fabricator: {seed: 1, t: {num_rows: 3, columns: {a: {type: faker, provider: name}}}}",
            "fabricator: {t: {num_rows: 3, columns: {a: {type: fakre, provider: name}}}}",
        ),
        (
            "fabricator: {t: {columns: {a: {type: cross_product, values: [1]}}}}",
            "fabricator: {t: {columns: {a: {type: cross_product, vlaues: [1]}}}}",
        ),
        (
            "fabricator: {t: {num_rows: '@u.num_rows', columns: {a: {type: copy_column, source: u.a}}}}",
            "fabricator: {t: {num_rows: u, columns: {a: {type: copy_column, source: u.a}}}}",
        ),
    ],
    "tracking": [
        ("log: {parameters: false, metrics: {nodes: ['*']}}", "log: {parameter: false}"),
        ("timeout: 3", "timeout: later"),
    ],
}


@pytest.mark.parametrize(
    ("name", "good", "bad"), [(name, *pair) for name, pairs in TYPOS.items() for pair in pairs]
)
def test_typos_are_marked(name: str, good: str, bad: str) -> None:
    """What is right is taken, also with an interpolation in place of any value; a typo is found."""
    assert _mistakes(name, _load(good)) == []
    assert _mistakes(name, _load(bad))


@pytest.mark.parametrize("name", sorted(set(SCHEMA_FILES) - {"environment"}))
def test_an_interpolation_may_stand_for_any_value(name: str) -> None:
    """At every depth of what is valid, except a column's type, which says what keys it has."""
    for good, _ in TYPOS[name]:
        for spoilt in _interpolated(_load(good)):
            assert _mistakes(name, spoilt) == []


def _interpolated(data: Any) -> list[Any]:
    """Copies of data, in each of which one value below the top is an interpolation."""
    found: list[Any] = []
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        for spoilt in [] if key == "type" else ["${globals:value}", *_interpolated(value)]:
            copy = data.copy()
            copy[key] = spoilt
            found.append(copy)
    return found


WORDS = st.sampled_from(["pandas", "polars", "polras", "csv", "parquet", "a.csv", ""])
ENTRIES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(["transcode", "format", "filepath", "versioned", "pandas", "polars", "fs_args", "sep"]),
    st.one_of(WORDS, st.lists(WORDS, max_size=2, unique=True), st.booleans(), st.just({})),
)


@given(entry=ENTRIES)
def test_transcode_entries_are_taken_as_the_loader_takes_them(entry: dict[str, Any]) -> None:
    """What the loader expands, the schema takes."""
    try:
        expand_transcoding({"t": entry})
    except CatalogError:
        return
    assert _mistakes("catalog", {"t": entry}) == []


def test_schema_of_the_page_judges_entries_by_ours_or_by_the_one_of_kedro() -> None:
    """The schema of the page sends each entry to one of the two, also factory patterns."""
    page = (ROOT / "docs/how-to/config-schemas.md").read_text()
    text = page.partition('title=".schemas/catalog-with-kedro.schema.json"\n')[2].partition("```")[0]
    combined = json.loads(text)
    address, _, pointer = combined["patternProperties"]["^[^_]"]["else"]["$ref"].partition("#")
    kedro_entry = {"required": ["type"], "properties": {"type": {"enum": ["pandas.CSVDataset"]}}}
    served = {
        "json-schema:///catalog.schema.json": make_schema("catalog"),
        address: {"patternProperties": {unquote(pointer).rpartition("/")[2]: kedro_entry}},
    }
    validator = jsonschema_rs.validator_for(combined, retriever=lambda uri: served[uri])
    for text in (
        "t: {transcode: [pandas], format: csv, filepath: a}",
        "'{name}.Raw': {type: pandas.CSVDataset}",
        "_a: 1",
    ):
        assert validator.is_valid(_load(text)), text
    for text in (
        "t: {transcode: [pandas], format: cvs, filepath: a}",
        "t: {type: pandas.CsvDataset}",
        "'{name}.Raw': {filepath: a}",
    ):
        assert not validator.is_valid(_load(text)), text


def test_models_agree_on_the_typos() -> None:
    """Each pair is right and wrong to the models too."""
    for good, bad in TYPOS["argo"]:
        if not good.startswith("_"):  # dropped by the loader before the model sees it
            ArgoConfig.model_validate(_load(good))
        with pytest.raises(ValidationError):
            ArgoConfig.model_validate(_load(bad))
    for _, bad in TYPOS["fabrication"]:
        with pytest.raises(FabricationError):
            parse_fabrication(_load(bad)["fabricator"])


def test_environment_files_are_taken_as_the_loader_takes_them(tmp_path: Path) -> None:
    """Right and wrong are the loader's."""
    from kedro_matrix_ext.config.layers.environments import read_environment_chain
    from kedro_matrix_ext.config.layers.sources import open_config_source

    for folder in ("base", "cloud", "prod"):
        (tmp_path / folder).mkdir()
    source = open_config_source(str(tmp_path), base_env="base")
    for good, bad in TYPOS["environment"]:
        (tmp_path / "prod/environment.yml").write_text(good)
        read_environment_chain(source, env="prod", base_env="base", default_run_env="local")
        (tmp_path / "prod/environment.yml").write_text(bad)
        with pytest.raises(ConfigurationError):
            read_environment_chain(source, env="prod", base_env="base", default_run_env="local")


@pytest.mark.project
def test_the_command_lists_prints_and_writes(project: KedroProject) -> None:
    """The list names the shipped files; engines that settings add are known; a mistyped name is reported."""
    project.write(
        "src/shop/settings.py",
        """
        from kedro_matrix_ext.catalog import EngineFormat, add_engine_format

        add_engine_format("ibis", "parquet", EngineFormat("ibis.FileDataset"))
        """,
    )
    listed = project.kedro("matrix", "schema").stdout
    assert all(str(find_schema_file(name)) in listed for name in SCHEMA_FILES)
    written = project.kedro("matrix", "schema", "--output", ".schemas").stdout
    assert written.splitlines()[-len(SCHEMA_FILES) :] == [
        f".schemas/{name}.schema.json" for name in SCHEMA_FILES
    ]
    catalog = json.loads(project.read(".schemas/catalog.schema.json"))
    assert "ibis" in catalog["$defs"]["TranscodeEntry"]["properties"]
    assert json.loads(project.read(".schemas/argo.schema.json")) == make_schema("argo")
    wrong = project.kedro("matrix", "schema", "agro", check=False)
    assert (wrong.returncode, "Did you mean 'argo'?" in wrong.stderr) == (2, True)
