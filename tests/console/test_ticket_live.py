"""A ticket's page while it is open: what it hears, and who else has it open."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot.clock import FixedClock
from bot.staff.roles import Role
from handlers.tickets.console.beside import DRAWN_SECONDS
from handlers.tickets.ticket import Category
from tests.console.site import Answer, ConsoleSite, next_news
from tests.console.test_ticket import path_of
from tests.handlers.tickets.bureau import HONGHU

# -- while it is open ---------------------------------------------------------------------------------------


async def test_the_open_page_hears_what_happens_and_from_whom(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file()
    clerk = await console_on_each.sign_in("zhou")
    async with clerk.http.get(f"{path_of(number)}/live?entries=1") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        await bureau.say("urge", number)
        news = await next_news(stream)
        assert (news["entries"], news["quiet"]) == (2, True)
        assert "群众催办" in news["lines"]
        await bureau.do("li", "note", number, "<b>我来</b>")
        news = await next_news(stream)
        assert news["quiet"] is False
        assert "&lt;b&gt;我来" in news["messages"]


async def test_the_stream_ends_when_the_ticket_is_no_longer_theirs_or_they_sign_out(console: ConsoleSite) -> None:
    bureau = console.bureau
    await bureau.queue("监察", category=Category.LABOUR)
    await bureau.hire("wang", Role.CLERK, HONGHU, "监察")
    number, other = await bureau.file(), await bureau.file("other")
    clerk = await console.sign_in("zhou")
    async with asyncio.timeout(20), clerk.http.get(f"{path_of(number)}/live") as stream:
        await bureau.do("sun", "transfer", number, Category.LABOUR, reason="归监察")
        assert b"data:" not in await stream.read()
    async with asyncio.timeout(20), clerk.http.get(f"{path_of(other)}/live") as stream:
        await clerk.post("/staff/logout")
        assert b"data:" not in await stream.read()


@pytest.mark.parametrize("name", ["stranger", "boss", "admin"])
async def test_nobody_listens_to_what_they_may_not_see(console: ConsoleSite, name: str) -> None:
    number = await console.bureau.file()
    assert (await (await console.sign_in(name)).get(f"{path_of(number)}/live")).status in (403, 404)


# -- who else has it open -----------------------------------------------------------------------------------


def beside(page: Answer) -> str:
    """Ids of the others, as the page names them."""
    found = re.search(r'data-beside="([0-9,]*)"', page.text)
    assert found is not None
    return found[1]


async def test_a_page_says_who_else_has_it_open_for_a_minute(console: ConsoleSite, clock: FixedClock) -> None:
    number, other = await console.bureau.file(), await console.bureau.file("other")
    zhou, li = await console.sign_in("zhou"), await console.sign_in("li")
    assert beside(await zhou.get(path_of(number))) == ""
    page = await li.get(path_of(number))
    assert beside(page) == str(console.bureau.ids["zhou"])
    assert "zhou也开着" in page.text
    assert beside(await li.get(path_of(other))) == ""
    assert beside(await zhou.get(path_of(number))) == str(console.bureau.ids["li"])
    clock.advance(seconds=DRAWN_SECONDS + 1)
    assert beside(await zhou.get(path_of(number))) == ""


async def test_whoever_looks_on_is_not_named_and_is_not_told(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    auditor, zhou = await console.sign_in("auditor"), await console.sign_in("zhou")
    await auditor.get(path_of(number))
    assert beside(await zhou.get(path_of(number))) == ""
    assert beside(await auditor.get(path_of(number))) == ""


async def test_the_open_page_hears_who_comes_and_goes(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    zhou, li = await console.sign_in("zhou"), await console.sign_in("li")
    async with zhou.http.get(f"{path_of(number)}/live?entries=1") as first:
        async with li.http.get(f"{path_of(number)}/live?entries=1&beside={console.bureau.ids['zhou']}"):
            news = await next_news(first)
            assert "li也开着" in news["beside"]
            assert "messages" not in news
        assert "也开着" not in (await next_news(first))["beside"]
        await li.get(path_of(number))
        assert "li也开着" in (await next_news(first))["beside"]
