"""文件依据: which documents a reply to somebody rests on, and whether they still hold. Pure; used by the console.

A reply that rests on a document whose period has ended, or that names none, says so, or is sent on purpose.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from bot.errors import UserFacingError
from bot.staff.roles import EVERYWHERE
from handlers.tickets.labels import latest_holds
from knowledge.answers import PolicyBook
from knowledge.policy import Document, PeriodState, Policy, Provision


class BasisEnded(UserFacingError):
    """What the reply rests on may hold no longer, and it does not say so."""

    code = "basis_ended"


@dataclass(frozen=True)
class Basis:
    """A document that a reply rests on."""

    policy: str
    title: str
    number: str
    state: PeriodState
    period_words: str

    @property
    def holds(self) -> bool:
        return self.state is PeriodState.IN_FORCE


class Citing:
    def __init__(self, book: PolicyBook) -> None:
        self.book = book
        self._policies = {shelf.policy.id: shelf.policy for shelf in book.shelves}
        self._names = {
            policy.id: tuple(_plain(name) for name in (policy.document.number, policy.document.title) if name)
            for policy in self._policies.values()
        }

    def basis(self, policy: str, *, today: date) -> Basis | None:
        """None for a document that we do not hold."""
        found = self._policies.get(policy)
        return _basis(policy, found.document, today) if found else None

    def provision(self, policy: str, provision: str) -> Provision | None:
        found = self._policies.get(policy)
        return found.by_id.get(provision) if found else None

    def serving(self, region: str) -> list[Policy]:
        """Documents that serve a place, and those of places below it."""
        if region == EVERYWHERE:
            return list(self._policies.values())
        return [shelf.policy for shelf in (*self.book.serving(region), *self.book.below(region))]

    def serves(self, policy: str, region: str) -> bool:
        """Whether a document holds for a whole place."""
        return any(shelf.policy.id == policy for shelf in self.book.serving(region))

    def find_weak(self, text: str, policies: Iterable[str], *, today: date) -> tuple[Basis, ...]:
        """Of the documents that were put in or are named, those that may hold no longer; none if the text says so."""
        if latest_holds() in text:
            return ()
        plain = _plain(text)
        named = (policy for policy, names in self._names.items() if any(name in plain for name in names))
        found = (self.basis(policy, today=today) for policy in dict.fromkeys((*policies, *named)))
        return tuple(basis for basis in found if basis is not None and not basis.holds)


def _basis(policy: str, document: Document, today: date) -> Basis:
    words = document.period.words if document.period else ""
    return Basis(policy, document.title, document.number or "", document.state(today), words)


def _plain(text: str) -> str:
    """洪人社办〔2023〕7号, however its brackets and spaces are written."""
    return re.sub(r"[\s〔〕\[\]()【】《》「」]", "", unicodedata.normalize("NFKC", text))
