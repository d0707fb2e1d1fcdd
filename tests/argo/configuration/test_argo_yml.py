"""What an `argo.yml` may contain, and the errors of a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kedro.config import OmegaConfigLoader
from pydantic import ValidationError

from kedro_matrix_ext import LayeredConfigLoader, config_loader_args
from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.configuration import MachineType, Rule, load_argo_config, parse_argo_config
from kedro_matrix_ext.argo.configuration.credentials import list_credential_secrets
from kedro_matrix_ext.argo.configuration.workflow import Retries
from kedro_matrix_ext.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

MINIMAL = {
    "machine_types": {"default": {"mem": 16, "cpu": 4, "num_gpu": 0}},
    "default_machine_type": "default",
}


def test_an_empty_file_has_defaults_for_everything() -> None:
    """No section is required, and hardening, retries and clean-up are off by default."""
    config = ArgoConfig()
    assert (config.namespace, config.template.default_template) == ("argo", "kedro")
    assert not config.hardening.enabled
    assert (config.retries.limit, config.pod_gc, config.ttl) == (0, None, None)
    assert config.template.emph_storage_mount_path == "/data"


def test_a_section_whose_entries_are_commented_out_counts_as_absent() -> None:
    """YAML reads a key without entries as null, which is the same as leaving it out."""
    empty = dict.fromkeys(("deployment", "runner", "machine_types", "template", "rules"))
    assert ArgoConfig.model_validate(empty) == ArgoConfig()


def test_sections_cannot_be_changed() -> None:
    """The models are frozen."""
    with pytest.raises(ValidationError, match="frozen"):
        ArgoConfig().namespace = "x"


def test_a_machine_type_is_request_and_limit_alike() -> None:
    """Memory and CPU of a machine are reserved and not exceeded; scratch storage is a limit only."""
    resources = MachineType.model_validate(
        {"mem": "1536Mi", "cpu": "500m", "num_gpu": 1, "emph_storage": 20}
    ).to_resources()
    assert resources.requests == {"cpu": "500m", "memory": "1536Mi"}
    assert resources.limits == {
        "cpu": "500m",
        "memory": "1536Mi",
        "ephemeral-storage": "20Gi",
        "nvidia.com/gpu": "1",
    }


def test_a_machine_of_an_unlikely_size_is_warned_about_once() -> None:
    """Memory given in MiB makes a machine larger than any for rent."""
    with pytest.warns(UserWarning, match="mem is 16384 GiB"):
        machine = MachineType(mem=16384, cpu=4)
    assert machine.to_resources().memory_limit == 16384


def test_credentials_name_secrets() -> None:
    """Each has a variable named after its path; incomplete ones and equal variables are errors with paths."""
    ref = {"secret_ref": {"name": "storage", "key": "a"}}
    config = parse_argo_config({"credentials": {"s3": {"key": ref, "hosts": ["a", ref]}, "db": ref}})
    assert [each.variable for each in list_credential_secrets(config.credentials)] == [
        "KEDRO_CREDENTIALS_S3_KEY",
        "KEDRO_CREDENTIALS_S3_HOSTS_1",
        "KEDRO_CREDENTIALS_DB",
    ]
    with pytest.raises(ConfigurationError) as caught:
        parse_argo_config(
            {
                "credentials": {
                    "a": {"secret_ref": {"name": "storage", "kee": "x"}},
                    "b": {"secret_ref": {"name": "storage", "key": "x"}, "region": "eu"},
                    "c-d": ref,
                    "c_d": ref,
                    "e": {"from_variable": "PATH"},
                }
            }
        )
    for line in (
        "argo: credentials.a.secret_ref.kee: unknown key. Did you mean 'key'?",
        "argo: credentials.b: a value from a secret has no other keys, such as 'region'",
        "'KEDRO_CREDENTIALS_C_D'",
        "argo: credentials.e.from_variable",
    ):
        assert line in str(caught.value)


def test_the_default_machine_is_named_or_called_default() -> None:
    """Without `default_machine_type`, the machine `default` counts; without one, the documented sizes."""
    machines = {"default": {"mem": 1, "cpu": 1}, "big": {"mem": 9, "cpu": 1}}
    by_name = ArgoConfig.model_validate({"machine_types": machines, "default_machine_type": "big"})
    assert by_name.default_resources.memory_limit == 9
    assert ArgoConfig.model_validate({"machine_types": machines}).default_resources.memory_limit == 1
    assert ArgoConfig().default_resources.memory_limit == 52
    assert by_name.resources_of("absent") is None
    found = by_name.resources_of("default")
    assert found is not None
    assert found.memory_limit == 1


def test_the_first_rule_that_matches_counts() -> None:
    """Every condition of a rule must hold; a namespace includes those inside it, a name is a pattern."""
    config = ArgoConfig.model_validate(
        {
            **MINIMAL,
            "rules": [
                {"match": {"tag": "gpu", "namespace": "price"}, "image": "one"},
                {"match": {"namespace": "price"}, "image": "two"},
                {"match": {"node": "*.train_*"}, "image": "three"},
            ],
        }
    )

    def image(name: str, namespace: str | None, tags: set[str]) -> str | None:
        rule = config.match_rule(name=name, namespace=namespace, tags=tags)
        return rule.image if rule else None

    assert image("price.base.x", "price.base", {"gpu"}) == "one"
    assert image("price.x", "price", set()) == "two"
    assert image("prices.x", "prices", {"gpu"}) is None
    assert image("other.train_a", "other", {"gpu"}) == "three"
    assert image("x", None, set()) is None
    assert Rule.model_validate({"match": {"tag": "a"}, "image": "i"}).matches(
        name="x", namespace=None, tags=frozenset({"a"})
    )


def test_retries_are_a_preset_an_expression_or_a_mapping() -> None:
    """Settings override a preset; text that is not a preset is Argo's expression."""
    assert Retries.model_validate("none").limit == 0
    spot = Retries.model_validate({"preset": "spot", "limit": 5})
    assert spot.limit == 5
    assert spot.expression is not None
    assert "'143'" in spot.expression
    own = Retries.model_validate("lastRetry.exitCode == '75'")
    assert (own.expression, own.limit) == ("lastRetry.exitCode == '75'", 3)


def test_short_forms_stand_for_mappings() -> None:
    """One value is enough where the others have defaults."""
    config = ArgoConfig.model_validate(
        {
            "pod_gc": "OnPodSuccess",
            "ttl": "1d12h",
            "hardening": True,
            "schedule": ["0 6 * * *", "@daily"],
            "tolerations": [{"key": "spot", "value": "true"}],
            "template": {"environment": [{"name": "A", "value": True}, {"name": "B", "value": 1.5}]},
        }
    )
    assert config.pod_gc is not None
    assert config.pod_gc.strategy == "OnPodSuccess"
    assert config.ttl is not None
    assert config.ttl.after_completion == 36 * 3600
    assert config.hardening.enabled
    assert config.schedule is not None
    assert config.schedule.cron == ("0 6 * * *", "@daily")
    assert config.tolerations[0].operator == "Equal"
    assert [entry.value for entry in config.template.environment] == ["true", "1.5"]


def test_every_field_of_every_section_is_described() -> None:
    """The schema for editors describes every key."""
    schema = ArgoConfig.model_json_schema()
    sections = {"ArgoConfig": schema, **schema["$defs"]}
    missing = [
        f"{name}.{key}"
        for name, section in sections.items()
        if name != "ArgoResourceConfig"
        for key, value in section.get("properties", {}).items()
        if not value.get("description")
    ]
    assert missing == []


def test_null_removes_a_key() -> None:
    """At any depth; where null is a value, it stays, and an unknown key is still an error."""
    config = parse_argo_config(
        {
            "machine_types": {"big": None, "small": {"mem": 4, "cpu": 1, "num_gpu": None}},
            "labels": {"team": None, "app": "shop"},
            "deployment": {"image": "shop", "tag": None},
            "retries": None,
            "hardening": {"run_as_user": None, "enabled": None},
            "parallelism": None,
        }
    )
    assert list(config.machine_types) == ["small"]
    assert (config.labels, config.deployment.tag) == ({"app": "shop"}, "latest")
    assert (config.hardening.run_as_user, config.hardening.enabled) == (None, True)
    with pytest.raises(ConfigurationError, match="unknown key"):
        parse_argo_config({"labls": None})


@pytest.mark.parametrize("loader_class", [OmegaConfigLoader, LayeredConfigLoader])
@pytest.mark.parametrize("arguments", [{}, config_loader_args()])
@pytest.mark.filterwarnings("ignore:register_new_resolver")
def test_environments_of_argo_yml_merge_softly(
    tmp_path: Path, loader_class: type[OmegaConfigLoader], arguments: dict[str, Any]
) -> None:
    """Mappings merge, lists are replaced, null removes a key, whichever loader and arguments."""
    for env, text in {
        "base": "deployment: {image: shop, tag: v1}\n"
        "machine_types: {a: {mem: 1, cpu: 1}, b: {mem: 2, cpu: 1}}\n"
        "image_pull_secrets: [one]\nlabels: {team: x, app: y}\n",
        "cloud": "deployment: {image: other}\nmachine_types: {a: {mem: 4}, b: null}\n"
        "image_pull_secrets: [two]\nlabels: {team: null}\n",
    }.items():
        (tmp_path / env).mkdir()
        (tmp_path / env / "argo.yml").write_text(text)
    config = load_argo_config(
        loader_class(
            str(tmp_path), env="cloud", **{**arguments, "base_env": "base", "default_run_env": "local"}
        )
    )
    assert config.deployment.reference == "other:v1"
    assert {name: (each.mem, each.cpu) for name, each in config.machine_types.items()} == {"a": (4, 1)}
    assert (config.image_pull_secrets, config.labels) == (("two",), {"app": "y"})
