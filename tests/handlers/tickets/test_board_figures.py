"""What the supervisor's page is drawn from: shares and minutes, periods, places, and what a chart says of itself."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.tickets import findings
from handlers.tickets.areas import Area, Place
from handlers.tickets.figures import Durations, Length, Period, describe, per_cent, weeks_until
from handlers.tickets.findings import Load
from tests.handlers.tickets.bureau import HONGHU, TOWN, regions

BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@BUSY_MACHINE
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_nine_of_ten_took_no_longer(minutes: list[int]) -> None:
    found = describe(minutes)
    assert found is not None
    assert 10 * sum(1 for one in minutes if one <= found.ninety) >= 9 * len(minutes)
    assert 10 * sum(1 for one in minutes if one < found.ninety) < 9 * len(minutes)
    assert 2 * sum(1 for one in minutes if one <= found.median) >= len(minutes)


def test_nothing_took_no_time() -> None:
    assert describe([]) is None
    assert per_cent(0, 0) is None
    assert per_cent(1999, 2000) == 99.9
    assert per_cent(3, 3) == 100.0


# -- times and places -----------------------------------------------------------------------------------------


@BUSY_MACHINE
@given(st.sampled_from(Length), st.dates(date(2001, 1, 1), date(2090, 1, 1)))
def test_periods_follow_each_other_without_gap(length: Length, day: date) -> None:
    period = Period(length, day)
    assert period.first <= day <= period.last
    assert period.before.last + timedelta(days=1) == period.first
    assert period.after.first == period.last + timedelta(days=1)
    assert period.after.before.first == period.first


def test_half_a_month_is_set_against_half_a_month() -> None:
    month = Period(Length.MONTH, date(2026, 11, 24))
    now = datetime(2026, 11, 16, 4, 0, tzinfo=UTC)
    before = month.as_long_before(now)
    assert before.end == month.span.start
    assert before.end - before.start == now - month.span.start
    done = month.as_long_before(datetime(2027, 3, 1, tzinfo=UTC))
    assert done.end - done.start == month.span.end - month.span.start


def test_the_weeks_end_with_the_period_or_with_today() -> None:
    weeks = weeks_until(Period(Length.QUARTER, date(2026, 11, 24)), date(2026, 11, 24))
    assert weeks[-1].first == date(2026, 11, 23)
    assert len(weeks) == 13
    assert all(after.first - before.first == timedelta(days=7) for before, after in pairwise(weeks))
    assert weeks_until(Period(Length.MONTH, date(2026, 9, 1)), date(2026, 11, 24))[-1].first == date(2026, 9, 28)


@pytest.mark.parametrize(
    ("area", "code", "folded"),
    [
        (HONGHU, TOWN, Place(TOWN)),
        (HONGHU, HONGHU, Place(HONGHU, alone=True)),
        (HONGHU, None, Place(None)),
        (HONGHU, "421083000", Place("421083000", alone=True)),
        ("420000", TOWN, Place("421000")),
        ("421000", TOWN, Place(HONGHU)),
        ("000000", TOWN, Place("420000")),
        ("460000", "469001", Place("469001")),
        (TOWN, TOWN, Place(TOWN, alone=True)),
        ("420100-east", "420100-east", Place("420100-east", alone=True)),
        ("420100", "420100-east", Place("420100-east", alone=True)),
    ],
)
def test_places_are_grouped_by_what_lies_directly_below(area: str, code: str | None, folded: Place) -> None:
    assert Area(area, regions()).fold(code) == folded
    assert folded.covers(code)


@BUSY_MACHINE
@given(st.sampled_from(["000000", "420000", "421000", HONGHU, "460000"]), st.data())
def test_a_group_holds_just_what_its_address_asks_for(area: str, data: st.DataObject) -> None:
    whole = Area(area, regions())
    codes = data.draw(st.lists(st.sampled_from(sorted(regions().names)), min_size=1, max_size=30))
    groups = {whole.fold(code) for code in codes if code.startswith(area.rstrip("0"))}
    for code in codes:
        if code.startswith(area.rstrip("0")):
            assert [group for group in groups if group.covers(code)] == [whole.fold(code)]


# -- what the charts say --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "answered", "name", "data"),
    [
        ([0, 0], [0, 0], "weeks_none", {}),
        ([5, 5, 5], [1, 6, 7], "weeks_gain", {"weeks": 2, "more": 3}),
        ([5, 6, 7], [9, 5, 5], "weeks_lose", {"weeks": 2, "more": 3}),
        ([5, 5], [9, 4], "weeks_last", {"received": 5, "answered": 4}),
        ([5, 5], [9, 5], "weeks_last", {"received": 5, "answered": 5}),
    ],
)
def test_one_week_is_no_trend(received: list[int], answered: list[int], name: str, data: dict[str, int]) -> None:
    found = findings.about_weeks(received, answered)
    assert (found.name, dict(found.data)) == (name, data)


@pytest.mark.parametrize(
    ("loads", "name"),
    [
        ([], "load_none"),
        ([Load("周", 0, 0)], "load_none"),
        ([Load("周", 3, 0), Load("李", 2, 0)], "load_top"),
        ([Load("周", 3, 0), Load("李", 3, 0)], "load_even"),
        ([Load("周", 0, 0), Load("", 3, 0)], "load_even"),
        ([Load("周", 3, 1), Load("李", 5, 0)], "load_overdue_one"),
        ([Load("周", 3, 1), Load("", 5, 2)], "load_overdue"),
    ],
)
def test_two_equal_ones_are_not_the_most(loads: list[Load], name: str) -> None:
    assert findings.about_loads(loads).name == name


def test_a_rise_is_named_only_where_it_is_one() -> None:
    here, there = ("a", "x"), ("b", "x")
    assert findings.about_heat({}, {}).name == "heat_none"
    assert findings.about_heat({here: 9, there: 5}, {here: 8, there: 1}).data["key"] == there
    assert findings.about_heat({here: 9, there: 5}, {here: 8, there: 5}).name == "heat_most"
    assert findings.about_heat({here: 4, there: 4}, {here: 4, there: 4}).name == "heat_even"


def test_what_is_late_is_said_before_how_fast_the_rest_was() -> None:
    times = {"a": Durations(3, 60, 100), "b": None}
    assert findings.about_answers({}, {}).name == "answers_none"
    assert findings.about_answers(times, {"a": 0}).data == {"ninety": 100}
    assert findings.about_answers(times, {"a": 2, "b": 1}).data["key"] == "a"
    assert findings.about_answers(times, {"a": 1, "b": 1}).name == "answers_late"
    assert findings.about_contacts(times, {"b": 1}).name == "contacts_worst"


def test_silence_is_said_where_it_is_louder() -> None:
    assert findings.about_voices(0, 0, 0).name == "voice_none"
    assert findings.about_voices(0, 0, 2).name == "voice_silent"
    assert findings.about_voices(2, 2, 3).name == "voice_more_silent"
    assert findings.about_voices(2, 2, 1).name == "voice_all"
    assert findings.about_voices(2, 1, 1).data == {"heard": 2, "unsolved": 1}


def test_breaches_are_of_one_place_only_where_one_has_most() -> None:
    assert findings.about_breaches({"a": 0}).name == "breach_none"
    assert findings.about_breaches({"a": 2, "b": 1}).data == {"total": 3, "key": "a", "count": 2}
    assert findings.about_breaches({"a": 1, "b": 1}).name == "breach_even"


def test_every_finding_has_its_words() -> None:
    words = (files("templates") / "console" / "tickets" / "findings.html").read_text("utf-8")
    worded = set(re.findall(r'finding\.name == "(\w+)"', words))
    made = set(re.findall(r'Finding\(\s*"(\w+)"', Path(findings.__file__).read_text("utf-8")))
    made |= {f"{what}_{end}" for what in ("answers", "contacts") for end in ("none", "in_time", "late", "worst")}
    made |= {"weeks_gain", "weeks_lose"}
    assert made == worded
