"""Names of images are accepted if, and only if, the kubelet reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kedro_matrix_ext.argo.configuration import ArgoConfig
from kedro_matrix_ext.argo.configuration.kubernetes_types import check_image

if TYPE_CHECKING:
    from tests.argo.real.validator import PodValidator

DIGEST = "sha256:" + "0123456789abcdef" * 4
WORDS = st.sampled_from(
    ["shop", "a", "A", "a-b", "a--b", "a_b", "a__b", "a___b", "a.b", "a..b", "-a", "a-", "ä", "", "0" * 64]
)
HOSTS = st.sampled_from(
    [
        "localhost",
        "host",
        "host.example",
        "HOST.example",
        "h_t",
        "[::1]",
        "[::g]",
        "10.0.0.1",
        "a.",
        "-a",
        "host.example.",
    ]
)
TAGS = st.sampled_from(
    ["v1", "1.10", "V_1", "-1", ".1", "_1", "", "a/b", "a:b", "a b", "a" * 128, "a" * 129, "ä"]
)
PATHS = st.lists(WORDS, min_size=1, max_size=3).map("/".join)
IMAGES = st.builds(
    "{}{}{}{}".format,
    st.one_of(
        st.just(""),
        st.builds("{}/".format, HOSTS),
        st.builds("{}:{}/".format, HOSTS, st.sampled_from(["5000", "", "x"])),
    ),
    PATHS,
    st.one_of(st.just(""), TAGS.map(":{}".format)),
    st.sampled_from(["", f"@{DIGEST}", "@sha256:12", f"@{DIGEST.upper()}", "@md5:" + "0" * 32, "@"]),
)


@pytest.fixture
def kubelet(kubernetes: PodValidator | None) -> PodValidator:
    """Kubernetes' own reader of names; the test is skipped where it is not built."""
    if kubernetes is None:
        return pytest.skip("Kubernetes' validator is not built: `nox -s argo_validate` does it, with Go")
    return kubernetes


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(image=st.one_of(IMAGES, st.text("aA0.:/@-_ ", max_size=12)))
@example("a" * 256)
@example("host.example/" + "a" * 242 + ":v1")
@example("host.example/" + "a" * 243 + ":v1")
@example("shop:v1\n")
def test_images_are_judged_as_the_kubelet_judges_them(kubelet: PodValidator, image: str) -> None:
    """Registry, path, tag and digest."""
    try:
        check_image(image)
        refused = ""
    except ValueError as error:
        refused = str(error)
    assert bool(refused) == bool(kubelet.refuse_image(image))


def test_an_image_may_have_its_tag_in_it() -> None:
    """The port of a registry is not a tag; with both forms the configuration is ambiguous."""

    def reference(**deployment: object) -> str | None:
        return ArgoConfig.model_validate({"deployment": deployment}).deployment.reference

    assert reference(image="host:5000/shop:v1") == "host:5000/shop:v1"
    assert reference(image="host:5000/shop") == "host:5000/shop:latest"
    assert reference(image="host/shop", tag="1.10") == "host/shop:1.10"
    assert reference(image=f"host/shop@{DIGEST}", tag="v1") == f"host/shop@{DIGEST}"
    assert reference(image=f"host/shop:v1@{DIGEST}") == f"host/shop:v1@{DIGEST}"
    with pytest.raises(ValueError, match=r"'host/shop:v1'.*'v2'"):
        reference(image="host/shop:v1", tag="v2")


@pytest.mark.parametrize("tag", [1.1, 8, True, "a/b", "", "-1", "ä"])
def test_a_tag_that_is_no_text_or_no_tag_is_refused(tag: object) -> None:
    """YAML reads 1.10 as 1.1 and 010 as 8, so a number might not be what is written."""
    with pytest.raises(ValueError, match=r"deployment\.tag"):
        ArgoConfig.model_validate({"deployment": {"image": "shop", "tag": tag}})


@pytest.mark.parametrize(
    "section",
    [
        {"deployment": {"image": "host/Shop"}},
        {"rules": [{"match": {"tag": "gpu"}, "image": "Shop:v1"}]},
        {"template": {"templates": [{"name": "t", "container": {"command": "x", "image": "Shop"}}]}},
        {"pod": {"initContainers": [{"name": "a", "image": "Shop"}]}},
    ],
)
def test_every_image_is_checked(section: dict[str, object]) -> None:
    """Wherever a container gets its image from."""
    with pytest.raises(ValueError, match=r"'.*Shop.*' is not the name of an image: it must be in lower case"):
        ArgoConfig.model_validate(section)
