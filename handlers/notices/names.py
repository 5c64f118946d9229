"""What names in the rule of an audience may mean: ids, and the words that staff and people use for them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from bot.staff.roles import EVERYWHERE, is_region_id
from handlers.notices.labels import names_of
from handlers.people.person import Employment, Group, WishKind
from handlers.people.trades import ANY, OTHER, load_trades
from knowledge.answers import PolicyBook

SERVICES = ("briefing", "guidance", "training", "introduction")
"""Kinds of the yearly record."""
TOPICS = ("jobs", "training")
"""What people ask for beside provisions of the documents."""


class BureauNames:
    """`rule_reading.Names` over the documents, the divisions and the closed sets of people."""

    def __init__(self, book: PolicyBook) -> None:
        self._book = book

    def region(self, name: str) -> str | None:
        if is_region_id(name):
            known = name == EVERYWHERE or self._book.regions.name(name.partition("-")[0])
            return name if known else None
        return self._book.regions.resolve_whole(name) or self._book.regions.resolve(name)

    def group(self, name: str) -> str | None:
        return _one_of(name, tuple(Group), names_of("group"))

    def employment(self, name: str) -> str | None:
        return _one_of(name, tuple(Employment), names_of("employment"))

    def wish(self, name: str) -> str | None:
        return _one_of(name, tuple(WishKind), names_of("wish"))

    def service(self, name: str) -> str | None:
        return _one_of(name, SERVICES, names_of("service"))

    def trade(self, name: str) -> str | None:
        trades = load_trades()
        if name in trades.names or name in (ANY, OTHER):
            return name
        found = trades.find(name)
        return found[0] if len(found) == 1 else None

    def provision(self, policy: str, name: str) -> bool:
        return (policy, name) in self._provisions

    def topic(self, name: str) -> str | None:
        if (found := _one_of(name, TOPICS, names_of("topic"))) is not None:
            return found
        ids = {provision for _, provision in self._provisions}
        if name in ids:
            return name
        named = {provision for (_, provision), words in self._provisions.items() if name in words}
        return named.pop() if len(named) == 1 else None

    @cached_property
    def _provisions(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """(policy, provision) -> its names."""
        return {
            (shelf.policy.id, provision.id): (provision.name, provision.plain)
            for shelf in self._book.shelves
            for provision in shelf.policy.provisions
        }


def _one_of(name: str, ids: tuple[str, ...], words: Mapping[str, str]) -> str | None:
    if name in ids:
        return str(name)
    found = [key for key, word in words.items() if word == name]
    return found[0] if found else None
