"""The lists of the console: who sees which tickets, in which order, and how many there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from handlers.tickets.ticket import Category
from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import LUOZHUANG

VIEWS = ("work", "queues", "unclaimed", "due", "overdue", "groups", "all")


def numbers(text: str) -> list[str]:
    """Of the lines, from top to bottom."""
    return re.findall(r'<tr[^>]* data-number="([^"]+)"', text)


async def test_a_clerk_finds_what_nobody_has_and_after_claiming_it_in_their_work(console_on_each: ConsoleSite) -> None:
    number = await console_on_each.bureau.file()
    clerk = await console_on_each.sign_in("zhou")
    assert numbers((await clerk.get("/staff/unclaimed")).text) == [number]
    assert numbers((await clerk.get("/staff/work")).text) == []
    await console_on_each.bureau.do("zhou", "claim", number)
    assert numbers((await clerk.get("/staff/unclaimed")).text) == []
    assert numbers((await clerk.get("/staff/work")).text) == [number]
    assert numbers((await clerk.get("/staff/queues")).text) == [number]


@pytest.mark.parametrize("view", VIEWS)
async def test_nobody_of_another_county_sees_a_line(console: ConsoleSite, view: str) -> None:
    bureau = console.bureau
    number = await bureau.file(is_group=True)
    bureau.clock.advance(days=60)
    for name in ("stranger", "boss"):
        at = await console.sign_in(name)
        answer = await at.get(f"/staff/{view}?category=insurance")
        assert answer.status == 200
        assert number not in answer.text


async def test_an_administrator_may_not_look_and_an_auditor_may(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    keys = await console.sign_in("admin")
    assert (await keys.get("/staff/all")).status == 403
    eyes = await console.sign_in("auditor")
    assert numbers((await eyes.get("/staff/all")).text) == [number]


@pytest.fixture(params=VIEWS)
def view(request: Any) -> str:
    return str(request.param)


async def test_each_page_says_where_one_is_and_its_number(console: ConsoleSite, view: str) -> None:
    leader = await console.sign_in("sun")
    await console.bureau.file(is_group=True, region=None)
    await console.bureau.file(category=Category.LABOUR, region=LUOZHUANG)
    answer = await leader.get(f"/staff/{view}")
    assert f'href="/staff/{view}" aria-current="page"' in answer.text
