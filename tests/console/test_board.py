"""The supervisor's page: what is counted, that every number is the number of its rows, and whose rows they are."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from handlers.tickets import findings
from handlers.tickets.areas import Area, Place
from handlers.tickets.board_counting import Cut
from handlers.tickets.clockwork import pauses_of
from handlers.tickets.elapsed import read_elapsed
from handlers.tickets.figures import Durations, Figure, Length, Period, Span, describe, per_cent, weeks_until
from handlers.tickets.findings import Load
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import Category, Kind, Satisfaction
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, Bureau, regions

BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
OTHER_TOWN = "421083100"


def numbers_on(page: Answer) -> dict[str, int]:
    """Every number that leads to rows: its address and what it says."""
    found: dict[str, int] = {}
    for link in re.findall(r"<a [^>]*>", page.text):
        if 'href="/staff/board/rows?' in link:
            href, count = re.search(r'href="([^"]*)"', link), re.search(r'data-count="(\d+)"', link)
            assert href is not None
            assert count is not None, link
            found[html.unescape(href[1])] = int(count[1])
    return found


async def rows_behind(at: StaffBrowser, path: str) -> list[str]:
    """The tickets listed there, page by page."""
    listed: list[str] = []
    for page in range(1, 20):
        answer = await at.get(f"{path}&page={page}")
        assert answer.status == 200, answer.text
        found = re.findall(r'data-number="([^"]+)"', answer.text)
        total = re.search(r'data-total="(\d+)"', answer.text)
        listed += found
        if len(found) < 50:
            assert total is not None
            assert int(total[1]) == len(listed)
            return listed
    raise AssertionError("a list without end")


async def busy(bureau: Bureau) -> dict[str, str]:
    """Three weeks in a county: every kind of ending, in two towns, the county itself, nowhere; and another county."""
    clock, made = bureau.clock, {}
    clock.set("2026-11-02T09:00:00+08:00")
    made["silent"] = await bureau.file(chat="silent")
    made["late"] = await bureau.file(region=OTHER_TOWN)
    made["labour"] = await bureau.file(category=Category.LABOUR, kind=Kind.COMPLAINT)
    clock.advance(hours=1)
    await bureau.solve("zhou", made["silent"])
    await bureau.wait(days=4)
    made["solved"] = await bureau.file(region=HONGHU)
    await bureau.solve("zhou", made["solved"])
    await bureau.say("confirm_solved", made["solved"])
    await bureau.say("rate", made["solved"], Satisfaction.SATISFIED)
    made["poor"] = await bureau.file(chat="poor", region=None)
    await bureau.solve("sun", made["poor"])
    await bureau.say("confirm_solved", made["poor"], chat="poor")
    await bureau.say("rate", made["poor"], Satisfaction.DISSATISFIED, chat="poor")
    made["again"] = await bureau.file(chat="again", region=OTHER_TOWN)
    await bureau.solve("li", made["again"])
    await bureau.say("object", made["again"], "没到账", chat="again")
    await bureau.wait(days=10)
    await bureau.solve("sun", made["late"])
    await bureau.do("sun", "hear", made["late"], "说到账了", solved=True)
    await bureau.wait_until("2026-11-23T09:00:00+08:00")
    made["paused"] = await bureau.file()
    await bureau.do("zhou", "claim", made["paused"])
    await bureau.do("zhou", "ask_supplement", made["paused"], "缺存折照片")
    made["withdrawn"] = await bureau.file(chat="gone")
    await bureau.say("withdraw", made["withdrawn"], chat="gone")
    made["new"] = await bureau.file()
    made["elsewhere"] = await bureau.file(region=LUOZHUANG)
    await bureau.wait_until("2026-11-24T09:00:00+08:00")
    return made


PATHS = (
    "/staff/board",
    "/staff/board?period=week",
    "/staff/board?period=month&by=category",
    "/staff/board?period=quarter&by=week",
    "/staff/board?period=month&day=2026-10-05",
    f"/staff/board?region={OTHER_TOWN}",
    f"/staff/board?region={HONGHU}&category=insurance",
    "/staff/board?place=none&by=category",
    f"/staff/board?place={HONGHU}",
    "/staff/board?category=labour&by=week",
)


async def test_every_number_is_the_number_of_its_rows(console_on_each: ConsoleSite) -> None:
    await busy(console_on_each.bureau)
    sun = await console_on_each.sign_in("sun")
    asked: dict[str, int] = {}
    for path in PATHS:
        page = await sun.get(path)
        assert page.status == 200, path
        for href, count in numbers_on(page).items():
            assert asked.setdefault(href, count) == count, href
    whole = numbers_on(await sun.get(PATHS[0]))
    some = {href: count for href, count in asked.items() if count or href in whole}
    assert len(some) > 100
    for href, count in some.items():
        assert len(await rows_behind(sun, href)) == count, href


async def test_the_tabs_over_the_rows_say_what_stands_behind_them(console: ConsoleSite) -> None:
    await busy(console.bureau)
    sun = await console.sign_in("sun")
    told: dict[str, int] = {}
    for figure in Figure:
        told |= numbers_on(await sun.get(f"/staff/board/rows?figure={figure}&period=quarter"))
    assert told
    for href, count in told.items():
        assert len(await rows_behind(sun, href)) == count, href


async def test_what_is_counted(console_on_each: ConsoleSite) -> None:
    made = await busy(console_on_each.bureau)
    sun = await console_on_each.sign_in("sun")

    async def behind(figure: str, more: str = "&period=weeks") -> set[str]:
        listed = await rows_behind(sun, f"/staff/board/rows?figure={figure}{more}")
        return {name for name, number in made.items() if number in listed}

    everything = set(made) - {"elsewhere"}
    assert await behind("received") == everything
    assert await behind("answered") == {"silent", "solved", "poor", "late"}
    assert await behind("answered_late") == {"late"}
    assert await behind("breached") >= {"late", "labour"}
    assert await behind("heard") == {"solved", "poor", "again", "late"}
    assert await behind("solved") == {"solved", "poor", "late"}
    assert await behind("unsolved") == {"again"}
    assert await behind("satisfied") == {"solved"}
    assert await behind("dissatisfied") == {"poor"}
    assert await behind("unrated") == {"again", "late"}
    assert await behind("reopened") == {"again"}
    assert await behind("silent") == {"silent"}
    assert await behind("open") == {"again", "labour", "paused", "new"}
    assert await behind("unclaimed") >= {"labour", "new"}
    assert await behind("overdue") >= {"labour"}
    assert await behind("contact_late") >= {"late", "labour"}
    assert await behind("contacted_in_time") >= {"silent", "solved", "poor"}
    assert await behind("received", "&period=week") == {"paused", "withdrawn", "new"}
    assert await behind("received", "&period=month&day=2026-10-05") == set()


async def test_an_answer_nobody_replied_to_is_neither_solved_nor_satisfying(console: ConsoleSite) -> None:
    made = await busy(console.bureau)
    sun = await console.sign_in("sun")
    for figure in ("heard", "solved", "satisfied"):
        assert made["silent"] not in await rows_behind(sun, f"/staff/board/rows?figure={figure}")


# -- whose numbers --------------------------------------------------------------------------------------------


async def test_another_county_counts_nothing_of_ours(console_on_each: ConsoleSite) -> None:
    made = await busy(console_on_each.bureau)
    boss = await console_on_each.sign_in("boss")
    page = await boss.get("/staff/board")
    for href, count in numbers_on(page).items():
        listed = await rows_behind(boss, href)
        assert len(listed) == count
        # Who names no place is everybody's who leads, as the counter has it.
        assert set(listed) <= {made["elsewhere"], made["poor"]}
    for name in ("龙口镇", "螺山镇", "洪湖"):
        assert name not in page.text
    zhou = str(console_on_each.bureau.ids["zhou"])
    assert f"handler={zhou}" not in page.text


NOT_THEIRS = (
    f"region={HONGHU}",
    f"region={TOWN}",
    f"place={TOWN}",
    "region=420000",
    "region=000000",
    "region=421083%25",
    "region=4",
    "region=%27 OR 1=1 --",
)


async def test_a_place_that_is_not_theirs_is_no_place(console: ConsoleSite) -> None:
    await busy(console.bureau)
    boss = await console.sign_in("boss")
    for query in NOT_THEIRS:
        for path in ("/staff/board", "/staff/board/rows"):
            answer = await boss.get(f"{path}?{query}&figure=received")
            assert answer.status == 422, query
            assert "data-number" not in answer.text, query
            assert "data-count" not in answer.text, query


async def test_somebody_elses_hands_are_empty_to_another_county(console: ConsoleSite) -> None:
    await busy(console.bureau)
    boss = await console.sign_in("boss")
    for name in ("zhou", "li", "sun"):
        path = f"/staff/board/rows?figure=answered&period=quarter&handler={console.bureau.ids[name]}"
        answer = await boss.get(path)
        assert len(re.findall("data-number", answer.text)) == (1 if name == "sun" else 0)  # the one of no place


@pytest.mark.parametrize(
    "query", ["figure=x", "period=x", "day=x", "day=9999-12-31", "category=x", "handler=-1", "by=x"]
)
async def test_what_is_not_understood_shows_nothing(console: ConsoleSite, query: str) -> None:
    sun = await console.sign_in("sun")
    answer = await sun.get(f"/staff/board/rows?{query}")
    assert answer.status == 422
    assert "data-total" not in answer.text


@pytest.mark.parametrize(("name", "status"), [("sun", 200), ("head", 200), ("auditor", 200), ("zhou", 403)])
async def test_who_leads_or_looks_on_reads_the_board(console: ConsoleSite, name: str, status: int) -> None:
    at = await console.sign_in(name)
    for path in ("/staff/board", "/staff/board/rows?figure=open"):
        assert (await at.get(path)).status == status


async def test_an_empty_bureau_has_a_board(console_on_each: ConsoleSite) -> None:
    sun = await console_on_each.sign_in("sun")
    for by in ("region", "category", "week"):
        page = await sun.get(f"/staff/board?by={by}")
        assert page.status == 200
        assert set(numbers_on(page).values()) == {0}


async def test_nothing_personal_stands_on_the_board_or_its_rows(console: ConsoleSite) -> None:
    await busy(console.bureau)
    sun = await console.sign_in("sun")
    for path in ("/staff/board", "/staff/board/rows?figure=received"):
        page = await sun.get(path)
        for private in ("示例·张某", "13800001234", "张某"):
            assert private not in page.text


async def test_who_is_away_or_gone_is_named_with_what_they_hold(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.dismiss("zhou")
    sun = await console.sign_in("sun")
    page = await sun.get("/staff/board")
    assert numbers_on(page)[f"/staff/board/rows?figure=open&handler={bureau.ids['zhou']}"] == 1


# -- how long it took -----------------------------------------------------------------------------------------


async def test_minutes_are_those_of_the_clockwork(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await busy(bureau)
    number = await bureau.file(chat="rest")
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "ask_supplement", number, "缺照片")
    await bureau.wait(days=2, minutes=7)
    await bureau.say("add_words", number, "补好了", chat="rest")
    await bureau.wait(hours=3, minutes=11)
    await bureau.solve("zhou", number)
    clockwork, now = bureau.office.cabinet.clockwork, bureau.now
    span = Span(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
    async with bureau.app.database.reading() as session:
        staff = await bureau.staff(session, "sun")
        took = await read_elapsed(session, staff, Cut(), span, now, clockwork)
        tickets = (await session.scalars(select(Ticket).where(Ticket.answered_at.is_not(None)))).all()
    answered = [ticket for ticket in tickets if ticket.region != LUOZHUANG]
    expected = sorted(
        clockwork.hours(ticket).worked(ticket.clock_from, ticket.answered_at, pauses=pauses_of(ticket))
        for ticket in answered
        if ticket.answered_at
    )
    assert sorted(one.minutes for one in took.answers) == expected
    assert any(ticket.pauses for ticket in answered)


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
