"""What the supervisor's page counts, and over which time. Pure: `counting` says each of these once as SQL.

A rate is a pair of figures, so that both can be opened. Where a figure rests on what the person said, nothing but what
they said counts: an answer that nobody replied to is neither solved nor 满意 (domain.md 1.1: the three rates are taken
over tickets called back; 1.4: three missed calls are 未评价, not 满意).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from handlers.tickets.worktime import LOCAL

WEEK = timedelta(days=7)
WEEKS_SHOWN = 12
"""In the chart by week: whole ones; the table shows the one that is going on, too."""


class Figure(StrEnum):
    """One thing counted. Each ticket counts once in each, by the day that is named."""

    RECEIVED = "received"
    """收到: opened in the period, by whichever way, merged and withdrawn ones too."""
    CONTACTED = "contacted"
    """联系上: the first contact since the clock began (the opening, or the last reopening) lies in the period."""
    CONTACT_OWED = "contact_owed"
    """Contacted in the period, or due to be contacted in it and not yet: what 响应率 is taken over."""
    CONTACTED_IN_TIME = "contacted_in_time"
    """响应率, numerator: contacted by the deadline of the first contact (domain.md 1.1: contacted in time)."""
    CONTACT_LATE = "contact_late"
    """Contacted in the period after that deadline, or due in it and still not contacted."""
    ANSWERED = "answered"
    """办结: its answer was given in the period and stands; one that was reopened since is not answered."""
    ANSWER_OWED = "answer_owed"
    """Answered in the period, or due to be in it and not yet: what 按期率 is taken over."""
    ANSWERED_IN_TIME = "answered_in_time"
    """按期答复: answered by its deadline, an extension that was granted included."""
    ANSWERED_LATE = "answered_late"
    """Answered in the period after its deadline."""
    BREACHED = "breached"
    """过期: its first deadline passed in the period, be it acceptance, contact or answer (是否超期 of the ledger)."""
    HEARD = "heard"
    """回访过: the person's last word on the answer came in the period, to the bot or to whoever called.

    A reopening is such a word, of the day on which it was opened again: else whoever objects would leave the rate.
    """
    SOLVED = "solved"
    """解决率, numerator over HEARD: the last word is that it is solved (domain.md 1.1: citizen says solved)."""
    UNSOLVED = "unsolved"
    """Called back, and the last word is that it is not solved."""
    SATISFIED = "satisfied"
    """满意率, numerator over HEARD: rated 满意. 基本满意 is counted apart, no rating is no satisfaction."""
    MOSTLY = "mostly"
    """Called back and rated 基本满意."""
    DISSATISFIED = "dissatisfied"
    """Called back and rated 不满意."""
    UNRATED = "unrated"
    """Called back, and not rated."""
    REOPENED = "reopened"
    """重办: opened again in the period, by the person or by a leader; of several times the last."""
    SILENT = "silent"
    """没回音: answered in the period, the person was asked again and has said nothing. In no rate."""
    OPEN = "open"
    """在办, now: the office owes the person something."""
    UNCLAIMED = "unclaimed"
    """没人领, now: open and in nobody's hands."""
    DUE_SOON = "due_soon"
    """快到期, now: open, and the answer is due within one working day."""
    OVERDUE = "overdue"
    """已超期, now: open, and the deadline of the answer has passed."""
    SUPERVISED = "supervised"
    """督办, now: open, and a leader or a passed deadline has put it under supervision."""


NOW = frozenset({Figure.OPEN, Figure.UNCLAIMED, Figure.DUE_SOON, Figure.OVERDUE, Figure.SUPERVISED})
"""What is so at this moment, whatever the period."""


@dataclass(frozen=True)
class Rate:
    """A share of tickets, as two figures that can both be opened."""

    part: Figure
    whole: Figure


CONTACT_RATE = Rate(Figure.CONTACTED_IN_TIME, Figure.CONTACT_OWED)
"""响应率."""
ANSWER_RATE = Rate(Figure.ANSWERED_IN_TIME, Figure.ANSWER_OWED)
"""按期率."""
SOLVED_RATE = Rate(Figure.SOLVED, Figure.HEARD)
"""解决率."""
SATISFIED_RATE = Rate(Figure.SATISFIED, Figure.HEARD)
"""满意率."""


def per_cent(part: int, whole: int) -> float | None:
    """One decimal; nothing where there is nothing to take it over. 99.96 is not rounded up to a hundred."""
    if not whole:
        return None
    return 100.0 if part == whole else min(round(100 * part / whole, 1), 99.9)


class Length(StrEnum):
    """How long a period is."""

    WEEK = "week"  # 本周
    WEEKS = "weeks"  # 近四周
    MONTH = "month"  # 本月
    QUARTER = "quarter"  # 本季


@dataclass(frozen=True)
class Span:
    """From a moment on, until just before another."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Period:
    """A week, four weeks, a month or a quarter, named by any of its days; the four weeks end with that day's week."""

    length: Length
    day: date

    @property
    def first(self) -> date:
        monday = self.day - timedelta(days=self.day.weekday())
        match self.length:
            case Length.WEEK:
                return monday
            case Length.WEEKS:
                return monday - 3 * WEEK
            case Length.MONTH:
                return self.day.replace(day=1)
            case Length.QUARTER:
                return self.day.replace(month=(self.day.month - 1) // 3 * 3 + 1, day=1)

    @property
    def last(self) -> date:
        """Its last day."""
        match self.length:
            case Length.WEEK:
                return self.first + timedelta(days=6)
            case Length.WEEKS:
                return self.first + timedelta(days=27)
            case Length.MONTH:
                return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            case Length.QUARTER:
                return (self.first + timedelta(days=95)).replace(day=1) - timedelta(days=1)

    @property
    def span(self) -> Span:
        return Span(at_midnight(self.first), at_midnight(self.last + timedelta(days=1)))

    @property
    def before(self) -> Period:
        return Period(self.length, self.first - timedelta(days=1))

    @property
    def after(self) -> Period:
        following = self.last + timedelta(days=1)
        return Period(self.length, following + 3 * WEEK if self.length is Length.WEEKS else following)

    def as_long_before(self, now: datetime) -> Span:
        """As much time as has passed of it, just before it: half a month is not set against a whole one."""
        span = self.span
        passed = min(max(now, span.start), span.end) - span.start
        return Span(span.start - passed, span.start)


def weeks_until(period: Period, today: date, count: int = WEEKS_SHOWN + 1) -> list[Period]:
    """The weeks up to the end of the period, none that is still to come."""
    last = Period(Length.WEEK, min(period.last, max(today, period.first)))
    return [Period(Length.WEEK, last.first - back * WEEK) for back in reversed(range(count))]


def at_midnight(day: date) -> datetime:
    """The beginning of a day, in Asia/Shanghai."""
    return datetime.combine(day, time(), LOCAL)


@dataclass(frozen=True)
class Durations:
    """How long things took, in working minutes."""

    count: int
    median: float
    ninety: int
    """Nine of ten took no longer."""


def describe(minutes: Sequence[int]) -> Durations | None:
    """The middle one (of an even number the mean of two), and by nearest rank the one that nine of ten do not pass."""
    if not minutes:
        return None
    ordered, count = sorted(minutes), len(minutes)
    half = count // 2
    median = ordered[half] if count % 2 else (ordered[half - 1] + ordered[half]) / 2
    return Durations(count, median, ordered[-(-9 * count // 10) - 1])
