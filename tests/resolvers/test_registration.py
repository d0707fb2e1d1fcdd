from __future__ import annotations

import threading
import warnings
from functools import partial
from typing import Any

import pytest
from omegaconf import OmegaConf
from omegaconf.basecontainer import BaseContainer

from kedro_matrix_ext.resolvers import (
    ResolverClashWarning,
    default_resolvers,
    offer_resolvers,
    registered_resolvers,
)


def _register(name: str, resolver: Any) -> None:
    """Register as other software of the process would."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        OmegaConf.register_new_resolver(name, resolver)


def _foreign(value: Any = None) -> str:
    return f"foreign {value}"


def _value(text: str) -> Any:
    return OmegaConf.create({"value": text}).value


def test_the_table_is_afterwards_as_it_was() -> None:
    """Names that were there are put back, names that were not are gone, also after an error inside."""
    _register("km_before", _foreign)
    before = dict(BaseContainer._resolvers)
    ours = {**default_resolvers(), "km_new": str.upper}
    with registered_resolvers(ours):
        assert _value("${km_new:a}") == "A"
    with pytest.raises(ZeroDivisionError), registered_resolvers(ours):
        raise ZeroDivisionError
    assert dict(BaseContainer._resolvers) == before


def test_it_warns_of_nothing_of_ours() -> None:
    """Neither the deprecated way to register nor any annotation is reported by this OmegaConf."""
    text = (
        "${merge:{a: 1},null} ${oc.env:KM_NONE,1} ${oc.int:'1'} ${if_null:null,1,2} ${run:id} ${ka.random:}"
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with registered_resolvers(default_resolvers()):
            assert _value(text).startswith("{'a': 1} 1 1 1 ")
    assert caught == []


def test_a_block_inside_a_block_sees_its_own_and_gives_back() -> None:
    """The inner block's resolver is used inside, the outer's again afterwards."""
    with registered_resolvers({"km": lambda: "outer"}):
        with registered_resolvers({"km": partial(str, "inner")}):
            assert _value("${km:}") == "inner"
        assert _value("${km:}") == "outer"


def test_a_clash_with_a_foreign_registration_is_reported() -> None:
    """The foreign function is named, ours is used inside the block, theirs is there again afterwards."""
    _register("km_clash", _foreign)
    with (
        pytest.warns(ResolverClashWarning, match=r"'km_clash' is already registered .*_foreign"),
        registered_resolvers({"km_clash": partial(str, "ours")}),
    ):
        assert _value("${km_clash:}") == "ours"
    assert _value("${km_clash:x}") == "foreign x"


def test_a_foreign_callable_without_a_name_is_shown() -> None:
    """Any callable can be a resolver; one without a qualified name is shown by its repr."""
    _register("km_clash", partial(_foreign, "p"))
    with (
        pytest.warns(ResolverClashWarning, match=r"functools\.partial"),
        registered_resolvers({"km_clash": len}),
    ):
        pass


def test_the_same_function_is_no_clash() -> None:
    """A user who registered the very function that the loader is given gets no report."""
    _register("km_same", _foreign)
    with registered_resolvers({"km_same": _foreign}):
        assert _value("${km_same:1}") == "foreign 1"


def test_threads_take_turns() -> None:
    """Two threads with different functions under one name each see their own throughout."""
    seen: dict[str, set[str]] = {"a": set(), "b": set()}
    barrier = threading.Barrier(2)

    def load(mine: str) -> None:
        barrier.wait()
        for _ in range(50):
            with registered_resolvers({"km_thread": lambda: mine}):
                seen[mine] |= {_value("${km_thread:}") for _ in range(5)}

    threads = [threading.Thread(target=load, args=(name,)) for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {"a": {"a"}, "b": {"b"}}


def test_an_offer_reports_what_kedros_loader_would_keep() -> None:
    """A foreign name is reported when offered and stays; a builtin of OmegaConf is not cleared."""
    _register("km_clash", _foreign)
    with pytest.warns(ResolverClashWarning, match="Kedro's OmegaConfigLoader keeps that one"):
        offer_resolvers({"km_clash": str.upper})
    assert _value("${km_clash:x}") == "foreign x"
    offer_resolvers(default_resolvers())
    assert OmegaConf.has_resolver("oc.select")
