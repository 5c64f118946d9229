"""Which days are worked: the published years, a table in the data folder, a year without one; faults by line."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StartupError
from handlers.tickets.calendar import NAME, Calendars, HolidayTable, load_calendars
from handlers.tickets.worktime import LOCAL


def write(folder: Path, text: str) -> Calendars:
    (folder / NAME).write_text(text, "utf-8")
    return load_calendars(folder)


def faults_of(folder: Path, text: str) -> list[str]:
    with pytest.raises(StartupError) as refused:
        write(folder, text)
    assert refused.value.exit_code == 2
    return str(refused.value).splitlines()


@pytest.mark.parametrize("day", ["2026-02-14", "2026-02-28", "2026-05-09", "2026-10-10", "2026-01-04", "2026-09-20"])
def test_days_worked_at_a_weekend_in_2026(day: str) -> None:
    assert date.fromisoformat(day).weekday() > 4
    assert HolidayTable().is_working(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-01-01", "2026-02-16", "2026-04-06", "2026-05-05", "2026-06-19", "2026-10-07"])
def test_days_off_in_the_week_in_2026(day: str) -> None:
    assert date.fromisoformat(day).weekday() < 5
    assert not HolidayTable().is_working(date.fromisoformat(day))


def test_without_a_file_ours_holds(tmp_path: Path) -> None:
    for calendars in (load_calendars(), load_calendars(tmp_path)):
        assert calendars.of(None).minutes_of(date(2026, 11, 24)) == 420


def test_a_year_entered_holds_and_is_certain(tmp_path: Path) -> None:
    calendars = write(
        tmp_path,
        """
years:
  2027:
    holidays: ["2027-02-05 2027-02-11", 2027-05-03]
    workdays: ["2027-02-20"]
""",
    )
    table = calendars.table
    assert [table.is_working(date(2027, 2, day)) for day in (4, 5, 11, 12, 20)] == [True, False, False, True, True]
    assert not table.is_working(date(2027, 5, 3))
    assert table.is_certain(date(2027, 7, 1))
    assert not table.is_certain(date(2028, 7, 1))
    # What the file leaves out is ours.
    assert calendars.of("421083").minutes_of(date(2027, 3, 1)) == 420


def test_a_day_of_a_known_year_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    table = write(tmp_path, 'years: {2026: {holidays: ["2026-11-24"]}}').table
    assert not table.is_working(date(2026, 11, 24))
    assert not table.is_working(date(2026, 10, 5))
    assert table.is_working(date(2026, 10, 10))


def test_entering_the_table_moves_what_was_provisional(tmp_path: Path) -> None:
    start = datetime(2027, 2, 4, 17, tzinfo=LOCAL)
    before = load_calendars(tmp_path).of(None).due(start, minutes=60)
    after = write(tmp_path, 'years: {2027: {holidays: ["2027-02-05 2027-02-11"]}}').of(None).due(start, minutes=60)
    assert (before.provisional, after.provisional) == (True, False)
    assert after.at - before.at == timedelta(days=7)


def test_a_place_without_hours_has_those_above_it(tmp_path: Path) -> None:
    calendars = write(
        tmp_path,
        """
hours:
  default:
    - {from: 01-01, shifts: ["09:00-12:00"]}
  "420000":
    - {from: 01-01, shifts: ["08:00-12:00"]}
  "421083":
    - {from: 05-01, shifts: ["08:00-12:00", "14:30-18:00"]}
    - {from: 10-01, shifts: ["08:00-12:00", "14:00-17:00"]}
""",
    )
    day = date(2026, 11, 24)
    regions = (None, "371311", "421000", "420106001", "421083", "421083102", "421083102001")
    assert [calendars.of(region).minutes_of(day) for region in regions] == [180, 180, 240, 240, 420, 420, 420]
    assert calendars.of("421083").minutes_of(date(2026, 6, 1)) == 450


def test_all_faults_are_named_at_once_with_their_lines(tmp_path: Path) -> None:
    said = faults_of(
        tmp_path,
        """years:
  2027:
    holidays: ["2027-13-01", "2028-01-01", "2027-02-11 2027-02-05"]
    workdays: "2027-02-20"
    feiertage: []
  next: {}
hours:
  default:
    - {from: 13-01, shifts: ["08:30-12:00"]}
  "4210":
    - {from: 01-01, shifts: ["08:30-12:00"]}
  "421083":
    - {from: 01-02, shifts: ["12:00-08:30"]}
  "421084":
    - {from: 01-03, shifts: ["08:30-12:00", "11:00-17:30"]}
  "421085":
    - {from: 01-04, shifts: ["8.30-12.00"]}
yaers: {}
""",
    )
    lines = {line.split("line ")[1].split(":")[0] for line in said if ", line " in line}
    assert {"3", "4", "5", "6", "9", "10", "13", "15", "17", "18"} <= lines
    for word in ("2027-13-01", "2028-01-01", "2027-02-11 2027-02-05", "workdays", "feiertage", "next", "13-01", "4210"):
        assert any(word in line for line in said), word


@pytest.mark.parametrize(
    "text",
    [
        "years: [2027]",
        "years: 2027",
        "years: {2027: 5}",
        "years: {2027: {holidays: 2027-01-01}}",
        "years: {2027: {holidays: {a: b}}}",
        "years: {2027: {holidays: [[]]}}",
        "hours: []",
        "hours: {default: 5}",
        "hours: {default: [5]}",
        "hours: {default: [{from: 01-01, shifts: 08:30-12:00}]}",
        "hours: {default: [{from: 02-30, shifts: [08:30-12:00]}]}",
        "hours: {default: [{from: 01-01, shifts: [08:30+08:00-12:00]}]}",
        "hours: {default: [{from: 01-01, shifts: [08:30-12:00]}, {from: 01-01, shifts: [08:00-12:00]}]}",
        'years: {2027: {holidays: ["2027-01-04"], workdays: ["2027-01-04"]}}',
        "- a list",
        "just words",
        "years: {2027: {holidays: [",
        "a: b: c",
    ],
)
def test_a_faulty_table_stops_the_start_and_never_crashes(tmp_path: Path, text: str) -> None:
    assert any(NAME in line for line in faults_of(tmp_path, text))


def test_a_table_that_is_no_text_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StartupError):
        load_calendars(tmp_path)


@pytest.mark.parametrize("text", ["", "# nothing but words\n", "\ufeffyears: {}\n"])
def test_an_empty_table_changes_nothing(tmp_path: Path, text: str) -> None:
    assert write(tmp_path, text).of(None).minutes_of(date(2026, 11, 24)) == 420


@settings(max_examples=40, deadline=None)
@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_of_any_year_is_worked_or_not(day: date) -> None:
    table = HolidayTable()
    assert table.is_working(day) in (True, False)
    if day.year > 2026:
        assert not table.is_certain(day)
