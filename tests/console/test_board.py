"""The supervisor's page: what is counted, that every number is the number of its rows, and whose rows they are."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import select

from handlers.tickets.board_counting import Cut
from handlers.tickets.clockwork import pauses_of
from handlers.tickets.elapsed import read_elapsed
from handlers.tickets.figures import Figure, Span
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import Category, Kind, Satisfaction
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, Bureau

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
