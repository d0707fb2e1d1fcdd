"""Files written for argo-kedro 0.1.41: the shapes that it generates and documents, in other words."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from kedro.config import OmegaConfigLoader

from kedro_matrix_ext import LayeredConfigLoader
from kedro_matrix_ext.argo.configuration import load_argo_config, parse_argo_config
from kedro_matrix_ext.errors import ConfigurationError

GENERATED = """
namespace: argo-workflows
deployment:
  image: registry.example/image
  tag: ${ka.random:}
  target_platform: linux/amd64
  context: ./
  dockerfile: Dockerfile
runner:
  use_memory_datasets: true
machine_types:
  default: {mem: 16, cpu: 4, num_gpu: 0}
  g2-standard-4: {mem: 16, cpu: 4, num_gpu: 1}
  c4-highmem-288: {mem: 2232, cpu: 288, num_gpu: 0}
default_machine_type: default
"""

# What the generated file shows in comments: `args` as a list, outputs inside the container, `valueFrom`.
COMMENTED = """
template:
  environment:
    - name: TOKEN_OF_SERVICE
      secret_ref: {name: secret, key: SERVICE_KEY}
  templates:
    - name: init-mlflow-run
      container:
        name: init-mlflow-run
        command: ["python", "-c"]
        args:
          - |
            print("made")
        outputs:
          parameters:
            - name: mlflow_run_id
              valueFrom:
                path: /tmp/mlflow_run_id
  init_templates: ["init-mlflow-run"]
"""

# The snippets of its README, one per heading.
SNIPPETS: dict[str, dict[str, Any]] = {
    "machine types": {
        "machine_types": {"default": {"mem": 16, "cpu": 4, "num_gpu": 0}},
        "default_machine_type": "default",
    },
    "secrets": {
        "template": {"environment": [{"name": "TOKEN", "secret_ref": {"name": "secret", "key": "TOKEN"}}]}
    },
    "custom templates": {
        "template": {
            "templates": [
                {
                    "name": "neo4j",
                    "container": {
                        "name": "kedro",
                        "command": ["/bin/sh", "-c"],
                        "env": [{"name": "NEO4J_HOST", "value": "bolt://127.0.0.1:7687"}],
                        "args": 'kedro run -p "{{inputs.parameters.pipeline}}" '
                        '-e "{{inputs.parameters.environment}}" -n "{{inputs.parameters.kedro_nodes}}"\n',
                    },
                    "sidecars": [{"name": "neo4j", "image": "neo4j:5.21.0-enterprise"}],
                }
            ]
        }
    },
    "init templates": {
        "template": {
            "templates": [
                {
                    "name": "init-mlflow-run",
                    "container": {
                        "name": "init-mlflow-run",
                        "command": ["python", "-c"],
                        "args": "print('made')\n",
                    },
                    "outputs": {"parameters": [{"name": "mlflow_run_id", "path": "/tmp/mlflow_run_id"}]},  # noqa: S108
                }
            ],
            "init_templates": ["init-mlflow-run"],
        }
    },
    "all fields of its models": {
        "template": {
            "emph_storage_mount_path": "/scratch",
            "default_template": "own",
            "templates": [
                {
                    "name": "own",
                    "container": {"name": "c", "command": ["x"], "args": "y"},
                    "sidecars": [
                        {
                            "name": "side",
                            "image": "i",
                            "env": [{"name": "A", "value": "b"}],
                            "volume_mounts": [{"name": "v", "mount_path": "/v", "read_only": False}],
                        }
                    ],
                    "volumes": [{"name": "v", "secret_ref": {"name": "s", "key": "k", "path": "p"}}],
                }
            ],
        },
        "machine_types": {"default": {"mem": 16, "cpu": 4, "num_gpu": 0, "emph_storage": 50}},
    },
}


@pytest.mark.parametrize("snippet", SNIPPETS.values(), ids=SNIPPETS)
def test_every_snippet_of_its_readme_loads(snippet: dict[str, Any]) -> None:
    """A snippet loads by itself, and as part of a generated file."""
    generated = yaml.safe_load(GENERATED.replace("${ka.random:}", "latest"))
    assert parse_argo_config(snippet)
    assert parse_argo_config({**generated, **snippet}).namespace == "argo-workflows"


def test_outputs_and_args_come_in_two_shapes() -> None:
    """Outputs are next to or in the container, with `path` or `valueFrom`; `args` is a string or a list."""
    inside = parse_argo_config(yaml.safe_load(COMMENTED)).template.templates[0]
    beside = parse_argo_config(SNIPPETS["init templates"]).template.templates[0]
    assert inside.parameters == beside.parameters
    assert inside.container.args == ('print("made")\n',)
    assert beside.container.args == ("print('made')\n",)


@pytest.mark.filterwarnings("ignore:register_new_resolver")
def test_a_generated_file_loads_with_kedros_own_loader(tmp_path: Any) -> None:
    """`${ka.random:}` is resolved, and no pattern need be declared for `argo.yml`."""
    (tmp_path / "base").mkdir()
    (tmp_path / "local").mkdir()
    (tmp_path / "base" / "argo.yml").write_text(GENERATED)
    (tmp_path / "local" / "argo.yml").write_text("namespace: mine\n")
    loader = OmegaConfigLoader(str(tmp_path), base_env="base", default_run_env="local")
    config = load_argo_config(loader)
    assert config.namespace == "mine"
    assert len(config.deployment.tag) == 6
    assert config.machine_types["default"].emph_storage == 10
    assert config.runner.use_memory_datasets


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("loader_class", [OmegaConfigLoader, LayeredConfigLoader])
def test_all_errors_name_their_file_and_line(tmp_path: Any, loader_class: type[OmegaConfigLoader]) -> None:
    """Each error names the file of the environment that counts, with Kedro's loader and ours."""
    files = {
        "base": "machine_types:\n  default: {mem: 4, cpu: 1}\n  gpu:\n    cpu: 1\n    mem: 0\n",
        "local": "# mine\nrules:\n  - match: {node: a}\n    machine_type: gpuu\nnamespac: mine\n",
    }
    for env, text in files.items():
        (tmp_path / "conf" / env).mkdir(parents=True)
        (tmp_path / "conf" / env / "argo.yml").write_text(text)
    loader = loader_class(str(tmp_path / "conf"), base_env="base", default_run_env="local")
    with pytest.raises(ConfigurationError) as caught:
        load_argo_config(loader)
    message = str(caught.value)
    assert "argo.yml has 3 errors" in message
    assert "argo: machine_types.gpu.mem (conf/base/argo.yml:5): " in message
    assert "argo: rules[0].machine_type (conf/local/argo.yml:4): " in message
    assert "argo: namespac (conf/local/argo.yml:5): " in message


@pytest.mark.filterwarnings("ignore:register_new_resolver")
@pytest.mark.parametrize("text", [None, "# nothing\n"])
def test_a_project_without_argo_yml_names_the_command_to_run(tmp_path: Any, text: str | None) -> None:
    """A missing or empty file leads to `kedro argo init`."""
    (tmp_path / "base").mkdir()
    (tmp_path / "local").mkdir()
    if text is not None:
        (tmp_path / "base" / "argo.yml").write_text(text)
    with pytest.raises(ConfigurationError, match=r"has no 'argo\.yml'") as caught:
        load_argo_config(OmegaConfigLoader(str(tmp_path), base_env="base", default_run_env="local"))
    assert "kedro argo init" in str(caught.value)
