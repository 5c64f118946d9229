"""Who was given an answer that its record does not hold any more: persons, and chats of which nothing else is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Boolean, ColumnElement, and_, cast, exists, false, not_, null, or_, select, true

from bot.models import Conversation
from handlers.notices.answers import digest_of
from handlers.notices.audience import (
    All,
    Any_,
    Asked,
    InGroup,
    Not,
    Registered,
    Rule,
    WasTold,
    Wishes,
    wanted_leaves,
)
from handlers.notices.models import GivenAnswer
from handlers.people.models import Person, PersonChat
from knowledge.policy import Provision

FindProvision = Callable[[str, str], Provision | None]


class Heard:
    def __init__(self, provision: FindProvision, *, sqlite: bool) -> None:
        self._provision = provision
        self._sqlite = sqlite

    # -- persons ------------------------------------------------------------------------------------------

    def any_of(self, rule: Rule, *, few: bool = False) -> ColumnElement[bool]:
        """A `Person` who was given one of the old answers that the rule names. `few`: it is asked of a handful."""
        return or_(false(), *(self.was_told(*self.old_answer(leaf), few=few) for leaf in _told(rule)))

    def was_told(self, *where: ColumnElement[bool], few: bool = False) -> ColumnElement[bool]:
        chats = select(PersonChat.person_id).join(
            GivenAnswer, GivenAnswer.conversation_id == PersonChat.conversation_id
        )
        if self._sqlite or few:
            return exists(chats.where(PersonChat.person_id == Person.id, *where).correlate(Person))
        return Person.id.in_(chats.where(*where))

    def old_answer(self, rule: WasTold) -> list[ColumnElement[bool]]:
        """Answers from the provision before a moment, or in words that its record does not hold any more."""
        where = [GivenAnswer.policy == rule.policy, GivenAnswer.provision == rule.provision]
        if rule.fact:
            where.append(GivenAnswer.fact == rule.fact)
        if rule.before:
            return [*where, GivenAnswer.at < datetime.fromisoformat(rule.before)]
        found = self._provision(rule.policy, rule.provision)
        current = [
            and_(GivenAnswer.fact == fact.id, GivenAnswer.words == digest_of(fact.say))
            for fact in (found.facts if found else ())
        ]
        return [*where, not_(or_(false(), *current))]

    # -- chats --------------------------------------------------------------------------------------------

    def chat_fits(self, rule: Rule, *, now: datetime) -> ColumnElement[bool]:
        """Whether the rule means a `Conversation` without a record: it was told, and nothing else is known of it."""
        known = select(PersonChat.id).where(PersonChat.conversation_id == Conversation.id).exists()
        heard = or_(false(), *(_in_chat(*self.old_answer(leaf)) for leaf in _told(rule)))
        return and_(heard, ~known, self._chat_condition(rule, now))

    def _chat_condition(self, rule: Rule, now: datetime) -> ColumnElement[bool]:
        match rule:
            case All(parts):
                return and_(true(), *(self._chat_condition(part, now) for part in parts))
            case Any_(parts):
                return or_(false(), *(self._chat_condition(part, now) for part in parts))
            case Not(part):
                return not_(self._chat_condition(part, now))
            case InGroup() | Wishes() | Registered():
                return false()
            case Asked(about, days):
                return _in_chat(GivenAnswer.provision == about, GivenAnswer.at > now - timedelta(days=days))
            case WasTold():
                return _in_chat(*self.old_answer(rule))
        return cast(null(), Boolean)  # neither


def _told(rule: Rule) -> list[WasTold]:
    return [leaf for leaf in wanted_leaves(rule) if isinstance(leaf, WasTold)]


def _in_chat(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return Conversation.id.in_(select(GivenAnswer.conversation_id).where(*where))
