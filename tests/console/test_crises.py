"""Somebody in danger: a band above every page of those whose place it is, until one of them takes it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.staff.models import AuditEntry
from handlers.policy.crises import Crises
from handlers.policy.models import Crisis
from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import HONGHU


async def alarm(console: ConsoleSite, region: str | None = HONGHU, chat: str = "somebody") -> str:
    """Somebody says something grave. -> the reference"""
    bureau = console.bureau
    conversation = await bureau.chat(chat)
    crises = Crises(bureau.app.outbox, bureau.app.timers, None, str, bureau.app.changes)
    async with bureau.work() as session:
        reference = await crises.record(
            session, conversation, region=region, route="crisis", kind="self_harm", now=bureau.now
        )
    assert reference is not None
    return reference


async def test_it_stands_above_every_page_until_one_press_takes_it(console_on_each: ConsoleSite) -> None:
    zhou, li = await console_on_each.sign_in("zhou"), await console_on_each.sign_in("li")
    reference = await alarm(console_on_each)
    for path in ("/staff/work", "/staff/crises", "/staff/search?q=x"):
        page = await li.get(path)
        assert 'class="ring"' in page.text
        assert reference in page.text
    assert (await zhou.post(f"/staff/crises/{reference}/take")).location == "/staff/crises?done=crisis_taken"
    assert 'class="ring"' not in (await li.get("/staff/work")).text
    assert f'data-reference="{reference}"' in (await li.get("/staff/crises")).text
    async with console_on_each.bureau.app.database.reading() as session:
        assert (await session.scalars(select(Crisis.taken_by))).one() == "zhou"
        assert "crisis_taken" in await session.scalars(select(AuditEntry.action))


async def test_of_two_the_second_is_told_who_was_first(console: ConsoleSite) -> None:
    zhou, li = await console.sign_in("zhou"), await console.sign_in("li")
    reference = await alarm(console)
    assert (await zhou.post(f"/staff/crises/{reference}/take")).status == 303
    second = await li.post(f"/staff/crises/{reference}/take")
    assert second.status == 422
    assert "zhou" in second.text


async def test_another_county_neither_hears_of_it_nor_takes_it(console: ConsoleSite) -> None:
    reference = await alarm(console)
    boss = await console.sign_in("boss")
    assert reference not in (await boss.get("/staff/crises")).text
    assert reference not in (await boss.get("/staff/work")).text
    missing = await boss.post("/staff/crises/NOSUCH/take")
    theirs = await boss.post(f"/staff/crises/{reference}/take")
    assert (missing.status, theirs.status) == (404, 404)


async def test_what_names_no_place_is_everybodys(console: ConsoleSite) -> None:
    reference = await alarm(console, region=None)
    boss = await console.sign_in("boss")
    assert reference in (await boss.get("/staff/work")).text
    assert (await boss.post(f"/staff/crises/{reference}/take")).status == 303


@pytest.mark.parametrize("name", ["auditor", "admin", "helper"])
async def test_who_works_no_tickets_takes_none(console: ConsoleSite, name: str) -> None:
    reference = await alarm(console)
    at = await console.sign_in(name)
    assert (await at.post(f"/staff/crises/{reference}/take")).status == 403
    assert not (await at.get("/staff/password")).has_action("take-crisis")


async def test_a_group_matter_rings_until_it_is_claimed(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file(is_group=True)
    ordinary = await bureau.file()
    clerk, boss = await console_on_each.sign_in("zhou"), await console_on_each.sign_in("boss")
    page = await clerk.get("/staff/work")
    assert f"/staff/claim/{number}" in page.text
    assert f"/staff/claim/{ordinary}" not in page.text
    assert number not in (await boss.get("/staff/work")).text
    assert (await boss.post(f"/staff/claim/{number}")).status == 404
    assert (await clerk.post(f"/staff/claim/{number}")).status == 303
    assert (await bureau.ticket(number)).handler_id == bureau.ids["zhou"]
    assert 'class="ring"' not in (await clerk.get("/staff/work")).text


async def test_of_many_a_few_stand_above_the_page_and_the_rest_is_a_number(console: ConsoleSite) -> None:
    for place in range(5):
        await alarm(console, chat=f"somebody {place}")
        await console.bureau.file(is_group=True)
    page = await (await console.sign_in("zhou")).get("/staff/work")
    assert page.text.count('class="ring"') == 6
    assert page.text.count("还有 2 件") == 2
