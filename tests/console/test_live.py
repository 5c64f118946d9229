"""The live stream of an open console: what changes reaches it, nobody else's, and nothing after the session ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import insert

from bot.staff.sessions import IDLE
from handlers.tickets.models import Entry
from tests.console.site import ConsoleSite, StaffBrowser
from tests.console.test_crises import alarm
from tests.handlers.tickets.bureau import LUOZHUANG

PATIENCE = 20.0


class Stream:
    """An open `/staff/events`."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> tuple[str, dict[str, Any]]:
        """The next event; heartbeats are passed over. The end is ("", {})."""
        kind = ""
        async with asyncio.timeout(PATIENCE):
            while line := (await self._response.content.readline()).decode():
                if line.startswith("event: "):
                    kind = line[7:].strip()
                elif line.startswith("data: "):
                    return kind, json.loads(line[6:])
        return "", {}

    async def until(self, name: str, number: int) -> dict[str, Any]:
        """The first state in which a list has this number."""
        while True:
            kind, said = await self.next()
            assert kind == "state"
            if said["counts"][name] == number:
                return said


@asynccontextmanager
async def stream(at: StaffBrowser) -> AsyncIterator[Stream]:
    async with _opened(at.http) as events:
        yield events


@asynccontextmanager
async def _opened(http: aiohttp.ClientSession) -> AsyncIterator[Stream]:
    async with http.get("/staff/events", headers={"Accept": "text/event-stream"}) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield Stream(response)


async def test_numbers_and_bands_come_as_they_change(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    clerk = await console_on_each.sign_in("zhou")
    async with stream(clerk) as events:
        await events.until("unclaimed", 0)
        number = await bureau.file(is_group=True)
        said = await events.until("unclaimed", 1)
        assert f"/staff/claim/{number}" in said["rings"]
        assert clerk.csrf in said["rings"]
        await bureau.do("li", "claim", number)
        said = await events.until("unclaimed", 0)
        assert said["rings"] == ""
        reference = await alarm(console_on_each)
        assert reference in (await events.until("crises", 1))["rings"]


async def test_what_another_process_wrote_comes_too(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file()
    ticket = await bureau.ticket(number)
    clerk = await console_on_each.sign_in("zhou")
    async with stream(clerk) as events:
        await events.until("unclaimed", 1)
        # As another process does it: rows, and no word to this one.
        async with bureau.work() as session:
            row = await session.get_one(type(ticket), ticket.id)
            row.handler_id = bureau.ids["zhou"]
            entry = {"ticket_id": ticket.id, "seq": ticket.entries + 1, "at": bureau.now, "role": "clerk"}
            rest = {"kind": "assigned", "data": {}, "digest": "", "previous": "x", "hash": "x"}
            await session.execute(insert(Entry), {**entry, **rest})
        await events.until("work", 1)


async def test_nothing_of_another_county_comes(console: ConsoleSite) -> None:
    bureau = console.bureau
    boss = await console.sign_in("boss")
    async with stream(boss) as events:
        await events.until("all", 0)
        number = await bureau.file(is_group=True)
        own = await bureau.file(region=LUOZHUANG, is_group=True)
        said = await events.until("all", 1)
        assert number not in said["rings"]
        assert own in said["rings"]
        assert said["counts"]["groups"] == 1


async def test_it_ends_with_the_session(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    async with stream(clerk) as events:
        await events.until("unclaimed", 0)
        console.bureau.clock.advance(seconds=IDLE.total_seconds() + 60)
        await console.bureau.file()
        assert (await events.next())[0] == "ended"
        assert await events.next() == ("", {})


@pytest.mark.parametrize("how", ["disabled", "signed out"])
async def test_who_may_no_longer_look_is_shown_no_more(console: ConsoleSite, how: str) -> None:
    clerk = await console.sign_in("zhou")
    async with stream(clerk) as events:
        await events.until("unclaimed", 0)
        if how == "disabled":
            await console.bureau.dismiss("zhou")
        else:
            await clerk.post("/staff/logout")
        await console.bureau.file()
        assert (await events.next())[0] == "ended"


async def test_without_a_session_there_is_no_stream(console: ConsoleSite) -> None:
    nobody = await console.browser()
    async with nobody.http.get("/staff/events", headers={"Accept": "text/event-stream"}) as response:
        assert response.status == 401


async def test_of_too_many_windows_of_one_person_the_oldest_makes_way(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(console.url, cookie_jar=clerk.http.cookie_jar, connector=connector) as http:
        answers = [await http.get("/staff/events") for _ in range(21)]
        assert [answer.status for answer in answers] == [200] * 21
        async with asyncio.timeout(20):
            await answers[0].read()  # it ends; the others go on
        assert not any(answer.content.at_eof() for answer in answers[1:])
        for answer in answers:
            answer.close()


async def test_a_server_that_stops_is_not_held_up(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    # A connection of its own: the site closes those of its browsers before the server.
    async with (
        aiohttp.ClientSession(console.url, cookie_jar=clerk.http.cookie_jar) as http,
        _opened(http) as events,
    ):
        await events.until("unclaimed", 0)
        async with asyncio.timeout(PATIENCE):
            await console.stack.aclose()
        assert await events.next() == ("", {})


@pytest.mark.browser
async def test_a_list_says_that_it_is_old_and_moves_no_line(browser: Browser, console: ConsoleSite) -> None:
    bureau = console.bureau
    first = await bureau.file()
    clerk = await console.sign_in("zhou")
    cookie = next(cookie for cookie in clerk.http.cookie_jar if cookie.key == "shangan_staff")
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    await context.add_cookies([{"name": "shangan_staff", "value": cookie.value, "url": console.url}])
    page = await context.new_page()
    await page.goto(f"{console.url}staff/unclaimed")
    lines = page.locator(".list tbody tr")
    await expect(lines).to_have_count(1)
    second = await bureau.file(is_group=True)
    await expect(page.locator("[data-news=more]")).to_be_visible(timeout=PATIENCE * 1000)
    await expect(page.locator('[data-count="unclaimed"]')).to_have_text("2")
    await expect(page.locator(f'#rings form[action$="{second}"]')).to_have_count(1)
    await expect(lines).to_have_count(1)
    await page.keyboard.press("j")
    await expect(page.locator(f'tr.cur[data-number="{first}"]')).to_have_count(1)
    await page.keyboard.press("x")
    await expect(page.locator("[data-picked]")).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("jjxc")
    await expect(page.locator("#s")).to_have_value("jjxc")
    await page.keyboard.press("Escape")
    await page.keyboard.press("c")
    await page.wait_for_url("**/staff/unclaimed?done=*")
    assert (await bureau.ticket(first)).handler_id == bureau.ids["zhou"]
    await context.close()
