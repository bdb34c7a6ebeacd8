from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, Any

import pytest

from accounts.registry import AlreadyRegistered, Registry, registries
from portfolio.people import relations

if TYPE_CHECKING:
    from collections.abc import Callable


def registering_from(module: str, registry: Registry[Any]) -> Callable[..., None]:
    """``registry.register``, as if called from a module of this name."""
    names: dict[str, Any] = {"__name__": module, "registry": registry}
    exec("def register(*args, **options): registry.register(*args, **options)", names)
    register: Callable[..., None] = names["register"]
    return register


@pytest.fixture
def greetings() -> Registry[str]:
    return Registry("greetings")


def test_smaller_order_comes_first_and_equal_ones_as_they_were_registered(greetings: Registry[str]) -> None:
    greetings.register("late", "Good night", order=20)
    greetings.register("noon", "Hello", order=10)
    greetings.register("also noon", "Good day", order=10)
    greetings.register("first", "Good morning")
    assert greetings.values() == ["Good morning", "Hello", "Good day", "Good night"]
    assert greetings.keys() == ["first", "noon", "also noon", "late"]
    assert greetings.find("noon") == "Hello"
    assert greetings.find("never") is None


def test_second_registration_is_refused_and_names_both_modules(greetings: Registry[str]) -> None:
    registering_from("outreach.panels", greetings)("noon", "Hello")
    with pytest.raises(AlreadyRegistered) as refused:
        registering_from("meetings.panels", greetings)("noon", "Good day")
    words = str(refused.value)
    assert "'noon'" in words
    assert "greetings" in words
    assert words.index("meetings.panels") < words.index("outreach.panels")
    assert greetings.values() == ["Hello"]


def test_entries_know_who_registered_them(greetings: Registry[str]) -> None:
    registering_from("outreach.panels", greetings)("noon", "Hello", order=3)
    (entry,) = greetings.entries()
    assert (entry.key, entry.value, entry.order, entry.registered_by) == ("noon", "Hello", 3, "outreach.panels")
    assert greetings.offered_by == __name__


def test_function_beside_the_registry_that_hands_on_is_passed_over() -> None:
    by = {entry.key: entry.registered_by for entry in relations._relations.entries()}
    assert by["approached"] == "outreach.panels"


@pytest.mark.parametrize("empty", [False, True])
def test_what_is_registered_for_a_while_is_forgotten(greetings: Registry[str], empty: bool) -> None:
    greetings.register("noon", "Hello")
    with contextlib.suppress(RuntimeError), greetings.restored_after(empty=empty):
        assert greetings.keys() == ([] if empty else ["noon"])
        greetings.register("late", "Good night")
        if empty:
            greetings.register("noon", "Good day")
        raise RuntimeError
    assert greetings.values() == ["Hello"]


def test_every_registry_is_known_until_it_is_gone() -> None:
    mine = Registry[str]("nothing in particular")
    assert mine in registries()
    del mine
    gc.collect()
    assert "nothing in particular" not in {registry.title for registry in registries()}
