"""The rules about a person's record: what may be agreed to, and what is kept though all else is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a person can agree to, each for itself."""

    NOTICES = "notices"
    """Notices of the bureau that concern them."""
    GAP_NEWS = "gap_news"
    """To be told when a question that had no answer has one."""


@dataclass(frozen=True)
class Profile:
    """What we know of a person. Nothing is guessed: a place is there because they said it."""

    region: str | None = None
    """Division code of their place."""
    agreed: frozenset[Purpose] = frozenset()
    refused: frozenset[Purpose] = frozenset()
    """What they said no to; it is not asked again."""

    def may(self, purpose: Purpose) -> bool:
        """Only a yes is a yes: who never answered has not agreed."""
        return purpose in self.agreed

    def was_asked(self, purpose: Purpose) -> bool:
        return purpose in self.agreed or purpose in self.refused


NOBODY = Profile()
