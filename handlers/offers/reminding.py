"""When those who registered are reminded: the day before at ten, and two hours before. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot.clock import LOCAL

DAY_AT = time(10)
AHEAD = timedelta(hours=2)
LEAST = timedelta(hours=1)
"""A reminder that the quiet hours would put off to less than this before it begins comes the evening before."""
STEP = timedelta(minutes=30)


class Reminder(StrEnum):
    DAY = "day"
    HOURS = "hours"


QuietEnd = Callable[[datetime], datetime | None]
"""`QuietHours.end_after`: when the quiet ends in which a moment lies; None if it is not quiet."""


def reminders(starts: datetime, *, timed: bool, quiet: QuietEnd) -> dict[Reminder, datetime]:
    """When each is due. What begins on a day, at no time that is known, has the first alone."""
    local = starts.astimezone(LOCAL)
    day = datetime.combine(local.date() - timedelta(days=1), DAY_AT, LOCAL)
    found = {Reminder.DAY: _out_of_quiet(day, starts, quiet)}
    if timed:
        found[Reminder.HOURS] = _out_of_quiet(starts - AHEAD, starts, quiet)
    return found


def _out_of_quiet(at: datetime, starts: datetime, quiet: QuietEnd) -> datetime:
    """After the quiet hours, where enough time is left then; else before them."""
    end = quiet(at)
    if end is None:
        return at
    if end <= starts - LEAST:
        return end
    while quiet(at) is not None and starts - at < timedelta(days=1):
        at -= STEP
    return at
