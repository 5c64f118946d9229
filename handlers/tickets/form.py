"""The form of a matter that is being told: what is known, what is asked next, when it can be handed in. Pure.

Whatever was said is never asked again; each question is put once, and an answer to something else is taken as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from handlers.tickets.facts import Facts
from handlers.tickets.ticket import Category, Kind

SURE = 0.5
"""A category that was read less surely is asked about: one tap."""


class Ask(StrEnum):
    """What is asked, in this order; at most these."""

    ABOUT = "about"
    CATEGORY = "category"
    PLACE = "place"
    WISH = "wish"
    PHONE = "phone"
    PRIVACY = "privacy"
    CHECK = "check"


@dataclass(frozen=True)
class Form:
    facts: Facts = field(default_factory=Facts)
    words: tuple[str, ...] = ()
    """All that was told, message by message."""
    asked: tuple[str, ...] = ()
    """Questions that were put."""
    category: str = ""
    """Chosen by a tap; else what was read."""
    privacy: str = ""
    """named, confidential or anonymous, once it is decided."""
    urgent: bool = False
    question: str = ""
    """The policy question it began with, and what the bot answered."""
    answer: str = ""
    files: int = 0
    new_matter: bool = False
    """They said that it is not the one that is open already."""
    leave_door: bool = False
    """Another body's matter that they leave with us to pass on."""

    @property
    def is_told(self) -> bool:
        """Whether there is a matter at all, beyond 我要投诉."""
        return bool(self.facts.about) or bool(self.question)

    def kind(self) -> Kind:
        if self.facts.kind in (None, Kind.REQUEST) and self.matter() is Category.LABOUR and not self.question:
            return Kind.COMPLAINT  # whoever is owed wages complains, however politely
        return self.facts.kind or (Kind.CONSULT if self.question else Kind.REQUEST)

    def matter(self) -> Category:
        """The category as chosen or read; 综合 where neither is known."""
        return Category(self.category) if self.category else self.facts.category or Category.GENERAL

    @property
    def people(self) -> int:
        return self.facts.people.number if self.facts.people else 0

    def hears(self, facts: Facts, words: str) -> Form:
        """One message more."""
        return replace(self, facts=facts, words=(*self.words, words) if words else self.words)

    def was_asked(self, ask: Ask, *, again: bool = False) -> Form:
        """`again`: a question that is put once more counts twice."""
        return self if ask in self.asked and not again else replace(self, asked=(*self.asked, str(ask)))


def next_ask(form: Form, *, again: bool = False) -> Ask:
    """The next thing that is missing and was not asked yet; CHECK when nothing is.

    `again`: the question that stood when something came in between counts as not asked.
    """
    facts, consult = form.facts, form.kind() is Kind.CONSULT
    missing = {
        Ask.ABOUT: not form.is_told,
        Ask.CATEGORY: not form.category and (facts.category is None or facts.category_sure < SURE),
        Ask.PLACE: not _names_township(facts),
        Ask.WISH: not facts.wish and not consult,
        Ask.PHONE: not facts.phone and form.privacy != "anonymous" and not facts.anonymous,
        Ask.PRIVACY: not form.privacy and not facts.confidential and not facts.anonymous and not consult,
    }
    if missing[Ask.ABOUT]:
        return Ask.ABOUT  # asked until there is a matter
    stood = form.asked[-1:] if again else ()
    asked = [ask for ask in form.asked if ask not in stood]
    return next((ask for ask, lacks in missing.items() if lacks and str(ask) not in asked), Ask.CHECK)


def _names_township(facts: Facts) -> bool:
    return bool(facts.region and (len(facts.region) > 6 or facts.village))
