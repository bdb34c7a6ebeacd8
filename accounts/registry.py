"""Registries let an app be extended by apps it does not import: they register in ``AppConfig.ready``.

``manage.py map`` prints every registry and which module registered each entry.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class AlreadyRegistered(Exception):
    """The key is taken, by another module or by an earlier call of the same one."""


@dataclass(frozen=True)
class Entry(Generic[T]):
    """``registered_by`` is the registering module; entries with a smaller ``order`` come first."""

    key: str
    value: T
    order: int
    registered_by: str


class Registry(Generic[T]):
    """Values under unique keys, sorted by ``order``, then by order of registration.

    ``title`` is its name in ``manage.py map``; ``offered_by`` is the module that created it.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.offered_by = str(sys._getframe(1).f_globals["__name__"])
        self._entries: dict[str, Entry[T]] = {}
        _registries.add(self)

    def register(self, key: str, value: T, *, order: int = 0) -> None:
        """Add the value. Raises :class:`AlreadyRegistered` if the key is taken."""
        module = self._caller()
        if taken := self._entries.get(key):
            raise AlreadyRegistered(
                f"{module} can’t register {key!r} with {self.title} ({self.offered_by}): "
                f"{taken.registered_by} has registered it already."
            )
        self._entries[key] = Entry(key, value, order, module)

    def _caller(self) -> str:
        """The module that called ``register``, skipping wrapper functions in the registry's own module."""
        frame = sys._getframe(2)
        while frame.f_globals["__name__"] == self.offered_by and frame.f_back:
            frame = frame.f_back
        return str(frame.f_globals["__name__"])

    def entries(self) -> list[Entry[T]]:
        return sorted(self._entries.values(), key=lambda entry: entry.order)

    def values(self) -> list[T]:
        return [entry.value for entry in self.entries()]

    def keys(self) -> list[str]:
        return [entry.key for entry in self.entries()]

    def find(self, key: str) -> T | None:
        entry = self._entries.get(key)
        return entry.value if entry else None

    @contextmanager
    def restored_after(self, *, empty: bool = False) -> Iterator[None]:
        """For tests: remove on exit whatever was registered inside the block.

        With ``empty``, earlier entries are hidden inside the block and their keys are free.
        """
        before = self._entries
        self._entries = {} if empty else dict(before)
        try:
            yield
        finally:
            self._entries = before


# Weak references, so that a registry made by a test disappears with it.
_registries: WeakSet[Registry[Any]] = WeakSet()


def registries() -> list[Registry[Any]]:
    """Every registry, sorted by module and title."""
    return sorted(_registries, key=lambda registry: (registry.offered_by, registry.title))
