"""What the check-ins say: typed replies, worded by `templates/replies/people/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import Choice, Reply
from handlers.people.following import Question
from handlers.people.labels import button, label


@dataclass(frozen=True)
class AskCheckIns(Reply):
    """May we ask now and then how work goes?"""

    template: ClassVar[str] = "people/ask_check_ins"

    @classmethod
    def sample(cls) -> AskCheckIns:
        return cls(choices=(button("check_ins_yes"), button("check_ins_no", quiet=True)))


@dataclass(frozen=True)
class CheckInsNoted(Reply):
    template: ClassVar[str] = "people/check_ins_noted"
    given: bool

    @classmethod
    def sample(cls) -> CheckInsNoted:
        return cls(given=True)


@dataclass(frozen=True)
class CheckInQuestion(Reply):
    """One of at most three questions how work goes."""

    template: ClassVar[str] = "people/check_in"
    question: str
    """`Question`."""
    first: bool

    @classmethod
    def sample(cls) -> CheckInQuestion:
        return cls(str(Question.EMPLOYMENT), first=True, choices=check_in_choices(Question.EMPLOYMENT, 1))


@dataclass(frozen=True)
class CheckInDone(Reply):
    """Thanks, and what is done about it."""

    template: ClassVar[str] = "people/check_in_done"
    concern: bool
    """Somebody of the village will look after them."""
    training: bool
    """They wish for a course."""
    in_trouble: bool
    """Somebody is ill or hurt: nothing more is asked, and nothing of it kept."""

    @classmethod
    def sample(cls) -> CheckInDone:
        return cls(concern=True, training=True, in_trouble=True)


ANSWERS: dict[Question, tuple[str, ...]] = {
    Question.EMPLOYMENT: ("employed", "unemployed", "not_looking"),
    Question.INCOME: ("up", "same", "down"),
    Question.TRAINING: ("yes", "no"),
}
"""The buttons under each question."""


def check_in_choices(question: Question, check_in: int) -> tuple[Choice, ...]:
    data = {"id": check_in, "question": str(question)}
    answers = [
        Choice(label("check_in", f"{question}_{value}"), "people:check_in", {**data, "value": value})
        for value in ANSWERS[question]
    ]
    return (*answers, button("check_ins_stop", quiet=True))


KINDS: tuple[type[Reply], ...] = (AskCheckIns, CheckInsNoted, CheckInQuestion, CheckInDone)
