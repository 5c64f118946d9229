"""Working time: the cases of a clerk's calendar, and what must hold of any of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.tickets.calendar import HolidayTable, load_calendars
from handlers.tickets.worktime import LOCAL, PauseReversed, Season, Shift, TooFar, WorkTime, merge

HOURS = load_calendars().of(None)
"""08:30-12:00 and 14:00-17:30, seven hours a day."""
DAY = 420


def at(words: str) -> datetime:
    return datetime.fromisoformat(words).replace(tzinfo=LOCAL)


def due(start: str, minutes: int, *pauses: tuple[str, str], hours: WorkTime = HOURS) -> str:
    found = hours.due(at(start), minutes=minutes, pauses=[(at(begin), at(end)) for begin, end in pauses])
    assert found.at.tzinfo is UTC
    return found.at.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("start", "minutes", "wanted"),
    [
        ("2026-11-24 09:00", 60, "2026-11-24 10:00"),  # within a day
        ("2026-11-24 11:30", 60, "2026-11-24 14:30"),  # over lunch
        ("2026-11-24 11:00", 60, "2026-11-24 12:00"),  # used up at noon is due at noon
        ("2026-11-24 12:40", 60, "2026-11-24 15:00"),  # told at lunch
        ("2026-11-24 17:00", 60, "2026-11-25 09:00"),  # over midnight
        ("2026-11-24 23:59", 1, "2026-11-25 08:31"),  # told at night
        ("2026-11-24 05:00", 30, "2026-11-24 09:00"),  # told before opening
        ("2026-11-27 16:30", 60, "2026-11-27 17:30"),  # Friday 16:30 + 1 h: used up at closing
        ("2026-11-27 16:30", 61, "2026-11-30 08:31"),
        ("2026-11-28 10:00", 60, "2026-11-30 09:30"),  # told on Saturday
        ("2026-11-24 10:14", 5 * DAY, "2026-12-01 10:14"),  # five working days
        ("2026-09-30 17:00", 60, "2026-10-08 09:00"),  # the eve of 国庆
        ("2026-10-09 17:00", 60, "2026-10-10 09:00"),  # 调休: Saturday is worked
        ("2026-10-10 17:00", 60, "2026-10-12 09:00"),
        ("2026-02-13 17:00", 60, "2026-02-14 09:00"),  # 调休 before 春节
        ("2026-02-14 17:00", 60, "2026-02-24 09:00"),  # the eve of 春节
        ("2026-02-27 17:00", 60, "2026-02-28 09:00"),  # 调休 after it
        ("2025-12-31 17:00", 60, "2026-01-04 09:00"),  # over 元旦, into a Sunday that is worked
        ("2026-09-19 10:00", 30, "2026-09-20 09:00"),  # 调休 Sunday before 国庆
        ("2026-05-08 17:20", 20, "2026-05-09 08:40"),  # 调休 after 劳动节
        ("2026-11-24 09:00", 0, "2026-11-24 09:00"),
    ],
)
def test_when_working_minutes_are_used_up(start: str, minutes: int, wanted: str) -> None:
    assert due(start, minutes) == wanted
    assert not HOURS.due(at(start), minutes=minutes).provisional


@pytest.mark.parametrize(
    ("pauses", "wanted"),
    [
        ([], "2026-11-27 17:00"),
        ([("2026-11-27 16:30", "2026-11-30 09:00")], "2026-11-30 09:30"),  # over a weekend
        ([("2026-11-28 00:00", "2026-11-29 00:00")], "2026-11-27 17:00"),  # wholly within one
        ([("2026-11-27 15:00", "2026-11-27 18:00")], "2026-11-30 09:30"),  # covers the start
        ([("2026-11-26 15:00", "2026-11-27 15:30")], "2026-11-27 17:00"),  # ended before the start
        ([("2026-11-27 16:10", "2026-11-27 16:20"), ("2026-11-27 16:40", "2026-11-27 16:50")], "2026-11-27 17:20"),
        ([("2026-11-27 16:10", "2026-11-27 16:40"), ("2026-11-27 16:20", "2026-11-27 16:30")], "2026-11-27 17:30"),
        ([("2026-11-27 16:10", "2026-11-27 16:20"), ("2026-11-27 16:15", "2026-11-27 16:30")], "2026-11-27 17:20"),
        ([("2026-11-27 16:10", "2026-11-27 16:20"), ("2026-11-27 16:10", "2026-11-27 16:20")], "2026-11-27 17:10"),
        ([("2026-11-27 16:10", "2026-11-27 16:10")], "2026-11-27 17:00"),  # of no length
        ([("2026-11-27 17:00", "2026-12-04 17:00")], "2026-11-27 17:00"),  # begins when all is used up
    ],
)
def test_a_pause_does_not_count(pauses: Sequence[tuple[str, str]], wanted: str) -> None:
    assert due("2026-11-27 16:00", 60, *pauses) == wanted
    assert due("2026-11-27 16:00", 60, *reversed(pauses)) == wanted


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(PauseReversed):
        due("2026-11-27 16:00", 60, ("2026-11-28 10:00", "2026-11-28 09:00"))


def test_counting_that_never_ends_is_refused() -> None:
    with pytest.raises(TooFar):
        HOURS.due(at("2026-11-27 16:00"), minutes=10**9)


def test_hours_change_with_the_season() -> None:
    winter, summer = (Shift(time(8), time(12)), Shift(time(14), time(17))), (Shift(time(8), time(12)),)
    hours = WorkTime(HolidayTable(), [Season((5, 1), summer), Season((10, 1), winter)])
    assert due("2026-09-30 11:00", 120, hours=hours) == "2026-10-08 09:00"
    assert due("2026-04-30 16:30", 60, hours=hours) == "2026-05-06 08:30"
    # Before the first season of the year the last one still holds.
    assert hours.minutes_of(date(2026, 1, 5)) == DAY
    assert hours.minutes_of(date(2026, 6, 1)) == 240


def test_a_year_without_a_table_is_provisional_and_rests_on_fixed_holidays() -> None:
    found = HOURS.due(at("2031-04-30 17:00"), minutes=60)
    assert (found.provisional, found.at.astimezone(LOCAL)) == (True, at("2031-05-05 09:00"))
    assert HOURS.due(at("2026-12-31 17:00"), minutes=30).provisional is False
    assert HOURS.due(at("2026-12-31 17:00"), minutes=31).provisional is True


@pytest.mark.parametrize(
    ("start", "days", "pauses", "wanted"),
    [
        ("2026-11-24 10:14", 15, [], "2026-12-09 10:14"),
        ("2026-09-30 17:00", 3, [], "2026-10-03 17:00"),  # holidays count
        ("2026-11-24 10:00", 1, [("2026-11-24 12:00", "2026-11-26 12:00")], "2026-11-27 10:00"),
        ("2026-11-24 10:00", 1, [("2026-11-20 12:00", "2026-11-24 12:00")], "2026-11-25 12:00"),
        ("2026-11-24 10:00", 1, [("2026-11-20 12:00", "2026-11-22 12:00")], "2026-11-25 10:00"),
        # The second pause begins only because of the first.
        (
            "2026-11-24 10:00",
            1,
            [("2026-11-25 00:00", "2026-11-26 00:00"), ("2026-11-26 06:00", "2026-11-26 07:00")],
            "2026-11-26 11:00",
        ),
        ("2026-11-24 10:00", 1, [("2026-11-25 10:00", "2026-11-26 00:00")], "2026-11-25 10:00"),
        ("2031-11-24 10:00", 60, [], "2032-01-23 10:00"),
    ],
)
def test_days_of_the_calendar(start: str, days: int, pauses: Sequence[tuple[str, str]], wanted: str) -> None:
    found = HOURS.calendar_due(at(start), days, pauses=[(at(begin), at(end)) for begin, end in pauses])
    assert (found.at.astimezone(LOCAL), found.provisional) == (at(wanted), False)


def test_the_zone_of_the_start_does_not_matter() -> None:
    local = at("2026-11-27 16:30")
    assert HOURS.due(local, minutes=61) == HOURS.due(local.astimezone(UTC), minutes=61)


# -- what holds of any case ---------------------------------------------------------------------------------

moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31)).map(  # noqa: DTZ001  # the zone is put in next
    lambda found: found.replace(second=0, microsecond=0, tzinfo=LOCAL)
)
lengths = st.integers(0, 20 * DAY)


@st.composite
def pauses_after(draw: st.DrawFn, start: datetime) -> list[tuple[datetime, datetime]]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        begin = start + timedelta(minutes=draw(st.integers(-3000, 30_000)))
        found.append((begin, begin + timedelta(minutes=draw(st.integers(0, 12_000)))))
    return found


@st.composite
def cases(draw: st.DrawFn) -> tuple[datetime, list[tuple[datetime, datetime]]]:
    start = draw(moments)
    return start, draw(pauses_after(start))


few = settings(max_examples=60, deadline=None)


@few
@given(cases(), lengths)
def test_never_due_before_the_start(case: tuple[datetime, list[tuple[datetime, datetime]]], minutes: int) -> None:
    start, pauses = case
    assert HOURS.due(start, minutes=minutes, pauses=pauses).at >= start
    assert HOURS.calendar_due(start, minutes % 90, pauses=pauses).at >= start


@few
@given(cases(), lengths)
def test_what_is_worked_until_it_is_due_is_what_was_allowed(
    case: tuple[datetime, list[tuple[datetime, datetime]]], minutes: int
) -> None:
    start, pauses = case
    end = HOURS.due(start, minutes=minutes, pauses=pauses).at
    assert HOURS.worked(start, end, pauses=pauses) == minutes


@few
@given(cases(), lengths, lengths)
def test_more_minutes_are_due_no_earlier(
    case: tuple[datetime, list[tuple[datetime, datetime]]], some: int, more: int
) -> None:
    start, pauses = case
    first = HOURS.due(start, minutes=some, pauses=pauses)
    second = HOURS.due(start, minutes=some + more, pauses=pauses)
    assert first.at <= second.at
    assert first.provisional <= second.provisional or some == 0


@few
@given(cases(), lengths)
def test_pausing_never_makes_it_earlier(case: tuple[datetime, list[tuple[datetime, datetime]]], minutes: int) -> None:
    start, pauses = case
    ends = [HOURS.due(start, minutes=minutes, pauses=pauses[:count]).at for count in range(len(pauses) + 1)]
    assert ends == sorted(ends)


@few
@given(cases(), st.integers(0, 40_000), st.integers(0, 40_000))
def test_minutes_add_up(case: tuple[datetime, list[tuple[datetime, datetime]]], first: int, second: int) -> None:
    start, pauses = case
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    parts = HOURS.worked(start, middle, pauses=pauses) + HOURS.worked(middle, end, pauses=pauses)
    assert HOURS.worked(start, end, pauses=pauses) == parts


@few
@given(moments, lengths)
def test_it_is_due_while_somebody_is_there(start: datetime, minutes: int) -> None:
    if minutes:
        end = HOURS.due(start, minutes=minutes).at.astimezone(LOCAL)
        assert any(shift.opens < end.time() <= shift.closes for shift in HOURS.shifts_of(end.date()))


@few
@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 100)), max_size=6))
def test_merged_pauses_are_apart_and_cover_the_same(rests: list[tuple[int, int]]) -> None:
    zero = at("2026-11-24 09:00")
    pauses = [(zero + timedelta(minutes=a), zero + timedelta(minutes=a + b)) for a, b in rests]
    merged = merge(pauses)
    assert all(first[1] < second[0] for first, second in pairwise(merged))
    covered = {minute for a, b in rests for minute in range(a, a + b)}
    assert sum((end - begin).total_seconds() for begin, end in merged) == 60 * len(covered)
