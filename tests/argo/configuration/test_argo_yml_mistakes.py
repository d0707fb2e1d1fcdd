"""The errors of an `argo.yml` that is wrong: each names its place and the right form."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kedro_matrix_ext.argo import ArgoConfig
from kedro_matrix_ext.argo.configuration import parse_argo_config
from kedro_matrix_ext.errors import ConfigurationError

MINIMAL = {
    "machine_types": {"default": {"mem": 16, "cpu": 4, "num_gpu": 0}},
    "default_machine_type": "default",
}


def test_all_errors_of_a_file_are_in_one_error_with_their_paths() -> None:
    """Types, unknown keys, undeclared names and rules that do nothing are in one error."""
    wrong = {
        "namespce": "x",
        "machine_types": {"a": {"mem": 0, "cpu": "x", "gpu": 1}},
        "default_machine_type": "b",
        "rules": [{"match": {}, "machine_type": "aa"}, {"match": {"tag": "{x}"}}],
        "template": {"init_templates": ["absent"], "emph_storage_mount": "/x"},
    }
    with pytest.raises(ConfigurationError) as caught:
        parse_argo_config(wrong, source="conf/base/argo.yml")
    text = str(caught.value)
    assert text.startswith("conf/base/argo.yml has 10 errors:")
    for place in (
        "argo: namespce: unknown key. Did you mean 'namespace'?",
        "argo: machine_types.a.mem: Input should be greater than 0",
        "argo: machine_types.a.cpu: 'x' is not a Kubernetes quantity",
        "argo: machine_types.a.gpu: unknown key.",
        "argo: default_machine_type: machine type 'b' is not declared",
        "argo: rules[0].match: set at least one of 'tag', 'namespace', 'node'",
        "argo: rules[0].machine_type: machine type 'aa' is not declared in 'machine_types'. Did you mean",
        "argo: rules[1]: the rule sets nothing",
        "argo: template.init_templates[0]: template 'absent' is not declared",
        "argo: template.emph_storage_mount: unknown key.",
    ):
        assert place in text
    assert isinstance(caught.value.__cause__, ValidationError)


@pytest.mark.parametrize("code", ["sftp://ann:hunter2@host/code", "abfs://box/code?sig=hunter2"])
def test_an_address_of_the_code_holds_no_password(code: str) -> None:
    """The manifest would show it; the error does not show it either."""
    with pytest.raises(ConfigurationError, match=r"argo: deployment\.code") as caught:
        parse_argo_config({"deployment": {"code": code}}, source="argo.yml")
    assert "hunter2" not in str(caught.value)


def test_braces_of_a_value_stand_in_its_error_as_they_are_written() -> None:
    """Nested sections hand an error on, and the value in it stays the user's."""
    with pytest.raises(ConfigurationError, match=r"'\{\{x\}\}' is not a Kubernetes quantity"):
        parse_argo_config({"machine_types": {"a": {"mem": 1, "cpu": "{{x}}"}}}, source="argo.yml")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"default_machine_type": "big"},
            "machine type 'big' is not declared in 'machine_types'. Declared are: none.",
        ),
        ({"template": {"default_template": "kedo"}}, "template 'kedo' is not declared"),
        (
            {"rules": [{"match": {"tag": "a"}, "template": "own"}]},
            "argo: rules[0].template: template 'own' is not",
        ),
        ({"retries": "sport"}, "'sport' is not a preset of retries. Did you mean 'spot'?"),
        ({"deadlines": {"task": "soon"}}, "'soon' is not a duration"),
        ({"namespace": "Team_A"}, "'Team_A' is not a name"),
        ({"schedule": "every day"}, "'every day' is not a schedule"),
        ({"tolerations": [{"operator": "Exists", "value": "x"}]}, "operator 'Exists' takes no 'value'"),
        ({"tolerations": [{"value": "x"}]}, "operator 'Equal' needs a 'key'"),
        (
            {"rules": [{"match": {"tag": "a"}, "machine_type": "default", "resources": {}}], **MINIMAL},
            "'machine_type' or 'resources', not both",
        ),
        (
            {
                "template": {
                    "environment": [{"name": "A", "value": "1", "secret_ref": {"name": "s", "key": "k"}}]
                }
            },
            "'A' has both 'value' and 'secret_ref'",
        ),
        (
            {"template": {"environment": [{"name": "a b"}]}},
            "'a b' is not the name of an environment variable",
        ),
        (
            {"template": {"templates": [{"name": "a_b", "container": {"command": "x"}}]}},
            "is not a template name",
        ),
        (
            {
                "template": {
                    "templates": [{"name": "a", "container": {"command": "x"}, "volumes": [{"name": "v"}]}]
                }
            },
            "volume 'v' needs 'secret_ref', 'size', or one source",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": "a",
                            "container": {
                                "command": "x",
                                "volume_mounts": [{"name": "v", "mount_path": "/v"}],
                            },
                        }
                    ]
                }
            },
            "volume 'v' is mounted and not among the template's volumes",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": "a",
                            "container": {"command": "x"},
                            "sidecars": [{"name": "wait", "image": "i"}],
                        }
                    ]
                }
            },
            "'wait' is a container",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": "a",
                            "container": {"command": "x"},
                            "outputs": {
                                "parameters": [{"name": "o", "path": "/1"}, {"name": "o", "path": "/2"}]
                            },
                        }
                    ]
                }
            },
            "output 'o' is declared twice",
        ),
        (
            {
                "template": {
                    "templates": [
                        {
                            "name": "a",
                            "container": {"command": "x"},
                            "outputs": {"parameters": [{"name": "o p", "path": "/1"}]},
                        }
                    ]
                }
            },
            "'o p' is not a parameter name",
        ),
    ],
)
def test_each_mistake_has_its_own_message(data: dict[str, Any], message: str) -> None:
    """Each rule of the file has a message that names the offender."""
    with pytest.raises(ConfigurationError) as caught:
        parse_argo_config(data)
    assert message in str(caught.value)


@given(st.text(min_size=1).filter(lambda key: key not in ArgoConfig.model_fields))
def test_an_unknown_key_is_never_ignored(key: str) -> None:
    """Any unknown key is an error that shows the key."""
    with pytest.raises(ValidationError, match="unknown key"):
        ArgoConfig.model_validate({key: 1})


@pytest.mark.parametrize(
    ("setting", "form"),
    [
        ({"image_pull_secrets": "regcred"}, "text, not a list: write lines that begin with '- '"),
        ({"template": {"environment": {"A": 1}}}, "a mapping, not a list"),
        ({"retries": 3}, "{limit: 3}"),
        ({"hardening": "yes"}, "true or false without quotes"),
        ({"template": ["a"]}, "a list, not a mapping: write lines of 'key: value'"),
        ({"deployment": {"image": "shop", "build_args": 3}}, "a number, not a mapping"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_the_right_form(setting: dict[str, Any], form: str) -> None:
    """In the words of YAML, not with classes of Python."""
    with pytest.raises(ConfigurationError) as raised:
        parse_argo_config({"deployment": {"image": "shop"}, **setting})
    assert form in str(raised.value)
    assert "instance of" not in str(raised.value)
