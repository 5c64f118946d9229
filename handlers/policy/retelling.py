"""Telling again what was told: the same facts by their ids, for 原文, 说简单点 and the next-question buttons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from handlers.policy.memory import ToldItem
from knowledge.answers import PolicyBook
from knowledge.policy import Policy, Provision
from knowledge.results import Told
from knowledge.telling import cite


class Retelling:
    """All provisions of the shelves by name."""

    def __init__(self, book: PolicyBook) -> None:
        self.policies: dict[str, Policy] = {shelf.policy.id: shelf.policy for shelf in book.shelves}

    def find(self, policy: str, provision: str) -> Provision | None:
        """None where a document was taken out meanwhile: buttons live longer than documents."""
        found = self.policies.get(policy)
        return found.by_id.get(provision) if found else None

    def tell(self, items: Iterable[ToldItem], today: date) -> tuple[Told, ...]:
        told: list[Told] = []
        for policy_id, provision_id, fact_ids in items:
            provision = self.find(policy_id, provision_id)
            if provision is None:
                continue
            policy = self.policies[policy_id]
            facts = tuple(fact for name in fact_ids for fact in provision.facts if fact.id == name)
            facts = facts or provision.facts[:2]
            told.append(Told(policy_id, policy.document.place, provision, facts, cite(policy, provision, facts, today)))
        return tuple(told)


def items_of(told: Sequence[Told]) -> tuple[ToldItem, ...]:
    """What to remember of what was told."""
    return tuple((one.policy, one.provision.id, tuple(fact.id for fact in one.facts)) for one in told)


def items_from(data: Any) -> tuple[ToldItem, ...]:
    """Back from the JSON of a button."""
    return tuple((str(policy), str(provision), tuple(map(str, facts))) for policy, provision, facts in data)
