"""The holidays of a year, entered in the console: tried, kept with an audit row, and every open deadline follows."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from sqlalchemy import select

from bot.clock import LOCAL, FixedClock
from bot.settings import Settings
from bot.staff.models import AuditEntry
from bot.staff.roles import EVERYWHERE, Role
from handlers.tickets.timetable import HOLDS_AFTER
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import open_bureau
from tests.handlers.tickets.test_holiday_notice import NOTICE_2026

PATH = "/staff/deadlines/holidays"
FIXED = "1月1日休\n5月1日至2日休\n10月1日至3日休\n"
SPRING = FIXED + "春节：2月5日至11日放假调休，共7天。2月20日（周六）上班。"


@pytest.fixture
def clock() -> FixedClock:
    """Wednesday, 3 February 2027: two days before the holidays that nobody has entered yet."""
    return FixedClock("2027-02-03T09:00:00+08:00")


async def root(site: ConsoleSite) -> StaffBrowser:
    """An administrator of all places."""
    await site.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    return await site.sign_in("root")


def field(page: Answer, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    return found[1] if found else ""


def moved(page: Answer) -> int:
    found = re.search(r'data-moved="(\d+)"', page.text)
    assert found is not None
    return int(found[1])


async def save(at: StaffBrowser, preview: Answer) -> Answer:
    """The form of the preview, as it stands there."""
    form = preview.text.partition('aria-labelledby="preview-h"')[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(year|seen|lines|reset)" value="([^"]*)"', form))
    return await at.post(PATH, list(fields.items()))


async def due(site: ConsoleSite, number: str) -> tuple[str, bool]:
    ticket = await site.bureau.ticket(number)
    assert ticket.answer_due is not None
    return ticket.answer_due.astimezone(LOCAL).strftime("%m-%d %H:%M"), ticket.provisional


async def test_a_pasted_notice_moves_what_it_touches_and_tells_how_many_before(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    bureau = console.bureau
    number, other = await bureau.file(), await bureau.file("other")
    await bureau.solve("zhou", other)
    assert await due(console, number) == ("02-10 09:00", True)
    at = await root(console)
    page = await at.get(PATH)
    assert "2027 年放假安排" in page.text
    preview = await at.post(f"{PATH}/preview", year="2027", lines=SPRING)
    assert (preview.status, moved(preview)) == (200, 1)
    assert await due(console, number) == ("02-10 09:00", True)
    assert (await save(at, preview)).location == f"{PATH}?year=2027&done=holidays_saved"
    await bureau.wait(seconds=HOLDS_AFTER.total_seconds())
    assert await due(console, number) == ("02-17 09:00", False)
    assert (await bureau.kinds(number))[-1] == "clock"
    assert (await bureau.told("person"))[-1] == "news:moved"
    assert await bureau.broken() == []
    async with bureau.app.database.reading() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == "setting_changed"))
        entry = rows.one()
    assert (entry.actor_id, entry.subject_id, entry.data["year"]) == (bureau.ids["root"], "holidays", 2027)
    assert "2027-02-05" in entry.data["days"]
    new = await bureau.file("new")
    assert await due(console, new) == ("02-17 09:00", False)


async def test_taken_back_all_is_as_before(console: ConsoleSite) -> None:
    at = await root(console)
    number = await console.bureau.file()
    await save(at, await at.post(f"{PATH}/preview", year="2027", lines=SPRING))
    await console.bureau.wait(seconds=HOLDS_AFTER.total_seconds())
    page = await at.get(f"{PATH}?year=2027")
    assert page.has_action("holidays-reset")
    assert "2027-02-05 至 2027-02-11 休" in page.text
    preview = await at.post(f"{PATH}/preview", year="2027", reset="1")
    assert moved(preview) == 1
    assert (await save(at, preview)).status == 303
    await console.bureau.wait(seconds=HOLDS_AFTER.total_seconds())
    assert await due(console, number) == ("02-10 09:00", True)
    assert not (await at.get(f"{PATH}?year=2027")).has_action("holidays-reset")


async def test_a_year_that_is_known_may_be_set_otherwise(console: ConsoleSite) -> None:
    """A day more off, by a notice of its own."""
    console.bureau.clock.set(datetime(2026, 11, 24, 9, tzinfo=LOCAL))
    at = await root(console)
    number = await console.bureau.file()
    assert await due(console, number) == ("12-01 09:00", False)
    same = await at.post(f"{PATH}/preview", year="2026", lines=NOTICE_2026)
    assert (same.status, moved(same)) == (200, 0)
    preview = await at.post(f"{PATH}/preview", year="2026", lines=f"{NOTICE_2026}\n11月26日休")
    assert moved(preview) == 1
    await save(at, preview)
    await console.bureau.wait(seconds=HOLDS_AFTER.total_seconds())
    assert await due(console, number) == ("12-02 09:00", False)


async def test_what_cannot_be_read_is_named_and_nothing_is_kept(console: ConsoleSite) -> None:
    at = await root(console)
    for path in (PATH, f"{PATH}/preview"):
        refused = await at.post(path, year="2027", lines=f"{FIXED}<b>2月30日</b> 休")
        assert refused.status == 422
        assert "第 4 行" in refused.text
        assert "&lt;b&gt;2月30日" in refused.text
    assert not (await at.get(f"{PATH}?year=2027")).has_action("holidays-reset")


async def test_of_two_the_second_is_told_that_it_has_moved(console: ConsoleSite) -> None:
    at = await root(console)
    first = await at.post(f"{PATH}/preview", year="2027", lines=SPRING)
    assert (await save(at, first)).status == 303
    second = await at.post(f"{PATH}/preview", year="2027", lines=FIXED)
    assert (await at.post(PATH, year="2027", lines=FIXED, seen=field(first, "seen"))).status == 409
    assert (await save(at, second)).status == 303
    again = await at.post(f"{PATH}/preview", year="2027", lines=FIXED)
    assert (await save(at, again)).location.endswith("done=limits_same")


async def test_whoever_manages_one_county_reads_and_others_do_not_even_that(console: ConsoleSite) -> None:
    console.bureau.clock.set(datetime(2026, 11, 24, 9, tzinfo=LOCAL))
    admin = await console.sign_in("admin")
    page = await admin.get(f"{PATH}?year=2026")
    assert page.status == 200
    assert "2026-10-01" in page.text
    assert not page.has_action("holidays-preview")
    for path in (PATH, f"{PATH}/preview"):
        assert (await admin.post(path, year="2027", lines=SPRING)).status == 403
    for name in ("zhou", "sun", "head", "auditor", "helper"):
        assert (await (await console.sign_in(name)).get(PATH)).status == 403


async def test_another_process_follows(settings: Settings, console: ConsoleSite, clock: FixedClock) -> None:
    at = await root(console)
    async with open_bureau(settings, clock) as second:
        second.ids = console.bureau.ids
        await save(at, await at.post(f"{PATH}/preview", year="2027", lines=SPRING))
        await second.app.bureau.read()
        number = await second.file("second")
        assert await due(console, number) == ("02-17 09:00", False)
