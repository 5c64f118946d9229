"""The rules of follow-up: when somebody is asked how work goes, what an answer means, who looks after them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from handlers.people.person import Employment


class Income(StrEnum):
    """How it is beside last time."""

    UP = "up"
    SAME = "same"
    DOWN = "down"


class CheckInState(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"
    SILENT = "silent"


class TaskReason(StrEnum):
    """Why somebody should look after a person."""

    JOB_LOST = "job_lost"
    INCOME_DOWN = "income_down"
    SILENT = "silent"
    IN_TROUBLE = "in_trouble"
    """They told of trouble of their own; which, is kept nowhere."""


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"


class Question(StrEnum):
    """What a check-in asks, one after the other."""

    EMPLOYMENT = "employment"
    INCOME = "income"
    TRAINING = "training"


@dataclass(frozen=True)
class Schedule:
    """`check_ins.yaml`; all in days but `silences`."""

    every: int
    answer: int
    retry: int
    silences: int


class WorkHours(Protocol):
    """When offices of a place are open."""

    def stretches(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]: ...


QuietEnd = Callable[[datetime], datetime | None]
"""When the quiet ends in which a moment lies; None if it is not quiet."""
WITHIN = timedelta(days=30)
"""No holiday is longer."""


def next_moment(at: datetime, hours: WorkHours, quiet: QuietEnd) -> datetime:
    """The first moment from then on that is worked and not quiet."""
    for begin, end in hours.stretches(at, at + WITHIN):
        moment = max(begin, at)
        while (until := quiet(moment)) is not None:
            moment = until
        if moment < end:
            return moment
    return at


def after(question: Question, employment: str) -> Question | None:
    """The next question; of income only those are asked who have work."""
    if question is Question.EMPLOYMENT:
        return Question.INCOME if employment == Employment.EMPLOYED else Question.TRAINING
    return Question.TRAINING if question is Question.INCOME else None


def concern(*, before: str, employment: str, income: str) -> TaskReason | None:
    """What in an answer needs somebody: work that was there and is gone, or an income that falls."""
    if employment == Employment.UNEMPLOYED and before == Employment.EMPLOYED:
        return TaskReason.JOB_LOST
    return TaskReason.INCOME_DOWN if income == Income.DOWN else None


def is_silence(states: list[str], silences: int) -> bool:
    """Whether the newest check-ins (the newest first) make a task; each further one does not, until an answer."""
    run = next((n for n, state in enumerate(states) if state != CheckInState.SILENT), len(states))
    return run > 0 and run % silences == 0
