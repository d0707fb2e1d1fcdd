"""The preflight compares what pods import with what the image installs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.image.packages import find_image_packages
from kedro_matrix_ext.argo.preflight.source_imports import SourceImports

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kedro_project import KedroProject

DOCKERFILE = 'ARG SYNC="{sync}"\nARG REQUIREMENTS="{requirements}"\n'
LOCK = """
[[package]]
name = "shop"
source = { editable = "." }
dependencies = [
  { name = "kedro" },
  { name = "kedro-datasets", extra = ["pandas-csvdataset"] },
  { name = "pywin32", marker = "sys_platform == 'win32'" },
]
[package.optional-dependencies]
pods = [{ name = "gcsfs" }]
[package.dev-dependencies]
dev = [{ name = "ruff" }]
lab = [{ name = "jupyter" }]

[[package]]
name = "kedro-datasets"
dependencies = [{ name = "lazy-loader" }]
[package.optional-dependencies]
pandas-csvdataset = [{ name = "pandas" }]
pandas-exceldataset = [{ name = "openpyxl" }]
"""


@pytest.mark.parametrize(
    ("files", "holds", "lacks"),
    [
        ({"pyproject.toml": '[project]\nname="shop"\ndependencies=["kedro"]'}, "kedro omegaconf", "pandas"),
        (
            {"pyproject.toml": '[project]\nname="shop"\ndependencies=["kedro-matrix-ext[polars]"]'},
            "polars",
            "boto3",
        ),
        (
            {
                "pyproject.toml": '[project]\nname="shop"\ndependencies=["kedro"]\n'
                '[dependency-groups]\nbase=["s3fs"]\npods=[{include-group="base"}, "kedro"]',
            },
            "s3fs kedro",
            "pandas",
        ),
        (
            {"requirements.txt": "-r more.txt\n-c limits.txt\n", "more.txt": "kedro>=1  # new\n"},
            "kedro",
            "pandas",
        ),
        ({"requirements.txt": "./wheels/shared_code-1.0-py3-none-any.whl\n"}, "shared_code", "kedro"),
        ({"requirements.txt": "git+https://example.com/team/tool.git#egg=tool\n"}, "tool", "kedro"),
        ({"requirements.txt": "pandas; sys_platform == 'win32'\nkedro\n"}, "kedro", "pandas"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython="^3.11"\nkedro="*"'}, "kedro", "pandas"),
        (
            {"uv.lock": LOCK, "pyproject.toml": '[project]\nname="shop"'},
            "pandas lazy_loader",
            "openpyxl ruff gcsfs win32",
        ),
        (
            {
                "uv.lock": LOCK,
                "pyproject.toml": '[project]\nname="shop"\n[project.optional-dependencies]\npods=["gcsfs"]',
            },
            "pandas gcsfs",
            "jupyter",
        ),
        (
            {
                "uv.lock": LOCK,
                "pyproject.toml": '[project]\nname="shop"\n[dependency-groups]\nlab=["jupyter"]',
                "Dockerfile": DOCKERFILE.format(sync="--only-group lab", requirements=""),
            },
            "jupyter",
            "kedro pandas",
        ),
        (
            {
                "pyproject.toml": '[project]\nname="shop"\ndependencies=["kedro"]',
                "Dockerfile": "FROM python\nRUN pip install --no-cache-dir \\\n  'polars>=1' && true\n",
            },
            "kedro polars",
            "pandas",
        ),
    ],
)
def test_what_the_image_holds(tmp_path: Path, files: dict[str, str], holds: str, lacks: str) -> None:
    """Wherever it is listed, with what it depends on; groups, extras and markers as the build reads them."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
    found = find_image_packages(tmp_path, config.deployment)
    assert found is not None
    assert [name for name in holds.split() if not found.installation.provides(name)] == []
    assert [name for name in lacks.split() if found.installation.provides(name)] == []


def test_nothing_is_known_of_an_image_without_files(tmp_path: Path) -> None:
    """Neither dependencies nor a Dockerfile."""
    (tmp_path / "pyproject.toml").write_text('[tool.kedro]\npackage_name = "shop"\n')
    config = ArgoConfig.model_validate({"deployment": {"image": "registry.example/shop"}})
    assert find_image_packages(tmp_path, config.deployment) is None


def test_imports_that_a_function_needs(tmp_path: Path) -> None:
    """Those of its modules and bodies, relative and indirect ones too; no optional ones."""
    package = tmp_path / "src" / "shop"
    (package / "models").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "models/__init__.py": "import always_run",
        "models/fitting.py": "import scipy.stats\nfrom numpy import array\ndef fit():\n    import late_one\n",
        "nodes.py": "from typing import TYPE_CHECKING\nimport json\nfrom .models.fitting import fit\n"
        "if TYPE_CHECKING:\n    import hints_only\ntry:\n    import optional\nexcept ImportError:\n    pass\n"
        "def train(table):\n    return fit()\n"
        "def plot(table):\n    import plots\n",
    }
    for name, text in files.items():
        (package / name).write_text(text)
    found = SourceImports(source=tmp_path / "src", project=tmp_path)
    found.follow("shop.nodes", "train")
    assert sorted(found.libraries) == ["always_run", "late_one", "numpy", "scipy"]
    assert tuple(found.libraries["late_one"]) == ("src/shop/models/fitting.py", 4)
    found.follow("shop.nodes", "plot")
    assert "plots" in found.libraries


@pytest.fixture
def shop(project: KedroProject) -> KedroProject:
    """A project that lists Kedro and its datasets, with the Dockerfile of ``init``."""
    text = project.read("pyproject.toml")
    project.write(
        "pyproject.toml",
        f'[project]\nname = "shop"\nversion = "1"\ndependencies = ["kedro", "kedro-datasets"]\n{text}',
    )
    project.write(
        "src/shop/nodes.py",
        """
        import sklearn
        from kedro_matrix_ext import inject_object

        @inject_object(only=["model"], exclude_kwargs=["note"], key="_object")
        def train(table, model, source): return table

        def keep(model): return model
        """,
    )
    project.write(
        "src/shop/pipeline_registry.py",
        """
        from kedro.pipeline import Node, Pipeline
        from shop.nodes import keep, train


        def register_pipelines():
            inputs = ["raw", "params:model", "params:source"]
            return {
                "__default__": Pipeline(
                    [
                        Node(train, inputs, "model", name="train"),
                        Node(keep, "params:source", "kept", name="keep"),
                    ]
                )
            }
        """,
    )
    project.write(
        "conf/base/parameters.yml",
        """
        model:
          _object: xgboost_absent.Model
          object: tree
          steps: [{_object: nested_absent.Step}, {object: data_absent.Row}]
          note: {_object: excluded_absent.Note}
        source: {_object: other_absent.Source}
        """,
    )
    project.write("conf/base/argo.yml", "deployment: {image: registry.example/shop, tag: v1}\n")
    project.write(
        "conf/base/catalog.yml",
        """
        raw: {type: pandas.ParquetDataset, filepath: "s3://bucket/raw.parquet"}
        model: {type: pickle.PickleDataset, filepath: "gs://bucket/model.pkl"}
        """,
    )
    project.kedro("argo", "init", "--only", "dockerfile")
    return project


def _check(project: KedroProject) -> dict[str, dict[str, Any]]:
    result = project.kedro(
        "argo", "check", "-e", "base", "--format", "json", "--without-imports", check=False
    )
    assert "{\n" in result.stdout, result.stderr
    findings = json.loads(result.stdout[result.stdout.index("{\n") :])["findings"]
    lacking = [found for found in findings if found["code"] == "image-lacks-package"]
    return {found["message"].split("'")[1]: found for found in lacking}


@pytest.mark.project
def test_the_image_of_a_new_project_lacks_what_it_does_not_list(shop: KedroProject) -> None:
    """This package, which each task runs; libraries of nodes, objects, dataset types and protocols.

    Objects are those that the node's decorator builds: not what `only=`, `exclude_kwargs=` or `key=` leaves.
    """
    found = _check(shop)
    assert set(found) == {
        *("kedro-matrix-ext", "scikit-learn", "xgboost-absent", "nested-absent"),
        *("pandas", "pyarrow", "s3fs", "gcsfs"),
    }
    assert {each["severity"] for each in found.values()} == {"error"}
    assert found["scikit-learn"]["location"]["file"] == "src/shop/nodes.py"
    assert found["scikit-learn"]["location"]["line"] == 1
    assert found["xgboost-absent"]["node"] == "train"
    assert found["gcsfs"]["dataset"] == "model"
    assert found["gcsfs"]["location"]["line"] == 2
    assert "pyproject.toml" in found["gcsfs"]["fix"]


@pytest.mark.project
def test_what_a_project_lists_is_not_lacking(shop: KedroProject) -> None:
    """Nor what tasks need that run in another image; what may bring more makes notes of the rest."""
    listed = '"kedro-matrix-ext[datasets]", "pandas", "pyarrow", "s3fs", "scikit-learn", "kedro-datasets"'
    text = shop.read("pyproject.toml").replace('"kedro-datasets"', listed)
    shop.write("pyproject.toml", text)
    shop.write("pyproject.toml", text.replace('"pandas"', '"pandas", "jupyterlab-absent", "pytest-absent"'))
    assert {name: each["severity"] for name, each in _check(shop).items()} == {
        "xgboost-absent": "error",
        "nested-absent": "error",
        "gcsfs": "error",
    }
    shop.write("pyproject.toml", text.replace('"pandas"', '"pandas", "company-platform"'))
    assert {each["severity"] for each in _check(shop).values()} == {"note"}
    shop.write(
        "conf/base/argo.yml",
        """
        deployment: {image: registry.example/shop, tag: v1}
        template: {templates: [{name: own, container: {image: registry.example/own, command: [run]}}]}
        rules: [{match: {node: train}, template: own}]
        """,
    )
    assert _check(shop) == {}
