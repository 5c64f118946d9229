"""Working time: when a deadline falls, counted in the working minutes of a place, or in days of the calendar. Pure.

Times are aware; days and hours are those of Asia/Shanghai, which knows no summer time. Only 待补充 rests a clock:
what lies in a pause does not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Protocol

from bot.errors import UserFacingError

LOCAL = timezone(timedelta(hours=8), "Asia/Shanghai")
LAST_DAY = date(9990, 1, 1)
"""Where counting gives up, long after everybody."""
FARTHEST = 100 * 366 * 24 * 60
"""Minutes of a hundred years; nobody waits so long."""
Pause = tuple[datetime, datetime]
"""A stretch of time."""


class PauseReversed(UserFacingError):
    """A pause ends before it begins."""

    code = "pause_reversed"


class TooFar(UserFacingError):
    """No end within the calendar: no working time at all, or far too many minutes."""

    code = "too_far"


@dataclass(frozen=True)
class Shift:
    """上午、下午: from opening to closing, on one day."""

    opens: time
    closes: time

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError(f"a shift closes before it opens: {self.opens}-{self.closes}")


@dataclass(frozen=True)
class Season:
    """The hours that hold from a day of the year on, until the next season begins."""

    begins: tuple[int, int]
    """Month and day."""
    shifts: tuple[Shift, ...]


@dataclass(frozen=True)
class Due:
    """A deadline."""

    at: datetime
    """In UTC."""
    provisional: bool
    """It rests on a year whose holidays are not published yet."""


class Days(Protocol):
    """Which days are worked."""

    def is_working(self, day: date) -> bool: ...

    def is_certain(self, day: date) -> bool:
        """False for a year without a holiday table."""


class WorkTime:
    """The working time of a place; immutable."""

    def __init__(self, days: Days, seasons: Sequence[Season]) -> None:
        if not seasons or not all(season.shifts for season in seasons):
            raise ValueError("working time needs at least one shift in each season")
        self._days = days
        self._seasons = tuple(sorted(seasons, key=lambda season: season.begins))

    def shifts_of(self, day: date) -> tuple[Shift, ...]:
        """The hours of a day if it is worked, whether or not it is."""
        begun = [season for season in self._seasons if season.begins <= (day.month, day.day)]
        return (begun or self._seasons)[-1].shifts  # before the first of the year the last one still holds

    def minutes_of(self, day: date) -> int:
        """How long a working day is at that time of the year."""
        return sum(_minutes(shift.opens, shift.closes) for shift in self.shifts_of(day))

    # -- counting forward ---------------------------------------------------------------------------------

    def due(self, start: datetime, *, minutes: int, pauses: Sequence[Pause] = ()) -> Due:
        """When so many working minutes are used up. Used up at closing time is due at that closing time.

        Raises PauseReversed, TooFar.
        """
        if minutes > FARTHEST:
            raise TooFar(minutes=minutes)  # to count them day by day would take a minute
        rests = merge(pauses)
        left, certain = timedelta(minutes=minutes), True
        local = start.astimezone(LOCAL)
        if minutes <= 0:
            return Due(start.astimezone(UTC), not self._days.is_certain(local.date()))
        for begin, end, sure in self._worked_from(local):
            certain = certain and sure
            for piece_begin, piece_end in _without(begin, end, rests):
                if piece_end - piece_begin >= left:
                    return Due((piece_begin + left).astimezone(UTC), not certain)
                left -= piece_end - piece_begin
        raise TooFar(minutes=minutes)

    def at_share(self, start: datetime, minutes: int, share: float, *, pauses: Sequence[Pause] = ()) -> datetime:
        """When this share of the minutes is used up."""
        return self.due(start, minutes=round(minutes * share), pauses=pauses).at

    def worked(self, start: datetime, end: datetime, *, pauses: Sequence[Pause] = ()) -> int:
        """Working minutes between two times, begun minutes not counted; 0 if the end is not after the start."""
        if end <= start:
            return 0
        rests, total = merge(pauses), timedelta()
        for begin, close in self.stretches(start, end):
            for piece_begin, piece_end in _without(begin, close, rests):
                total += piece_end - piece_begin
        return int(total.total_seconds() // 60)

    def stretches(self, start: datetime, end: datetime) -> Iterator[Pause]:
        """What is worked between two times, from opening to closing."""
        until = end.astimezone(LOCAL)
        for begin, close, _ in self._worked_from(start.astimezone(LOCAL)):
            if begin >= until:
                return
            yield begin, min(close, until)

    def _worked_from(self, start: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
        """Stretches of working time from a moment on, with whether the day is certain."""
        day = start.date()
        while day < LAST_DAY:
            if self._days.is_working(day):
                certain = self._days.is_certain(day)
                for shift in self.shifts_of(day):
                    begin = max(datetime.combine(day, shift.opens, LOCAL), start)
                    end = datetime.combine(day, shift.closes, LOCAL)
                    if begin < end:
                        yield begin, end, certain
            day += timedelta(days=1)

    # -- days of the calendar -----------------------------------------------------------------------------

    def calendar_due(self, start: datetime, days: int, *, pauses: Sequence[Pause] = ()) -> Due:
        """Days of the calendar, 24 hours each, for statutory limits (信访工作条例 第三十四条: 60日).

        A law may let a limit that ends on a rest day end on the next working day; we keep to the earlier moment. What
        lies in a pause does not count. No table of holidays is needed, so it is never provisional.
        """
        end = start + timedelta(days=days)
        for begin, resumed in merge(pauses):
            if begin >= end:
                break
            end += resumed - max(begin, start) if resumed > start else timedelta()
        return Due(end.astimezone(UTC), provisional=False)


def merge(pauses: Sequence[Pause]) -> tuple[Pause, ...]:
    """Pauses in order, those that overlap as one, empty ones left out. Raises PauseReversed."""
    merged: list[Pause] = []
    for begin, end in sorted(pauses):
        if end < begin:
            raise PauseReversed(begin=begin.isoformat(), end=end.isoformat())
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > begin:
            merged.append((begin, end))
    return tuple(merged)


def _without(begin: datetime, end: datetime, pauses: Sequence[Pause]) -> Iterator[Pause]:
    """What is left of a stretch of time when the pauses are taken out."""
    for rest_begin, rest_end in pauses:
        if rest_end <= begin or rest_begin >= end:
            continue
        if rest_begin > begin:
            yield begin, rest_begin
        begin = rest_end
        if begin >= end:
            return
    if begin < end:
        yield begin, end


def _minutes(begin: time, end: time) -> int:
    return (end.hour - begin.hour) * 60 + end.minute - begin.minute
