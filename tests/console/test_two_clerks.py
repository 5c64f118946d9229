"""Two clerks at one ticket: who comes second is told what changed, and nothing is done twice."""

from __future__ import annotations

import asyncio
import re

import pytest
from sqlalchemy import select

from bot.models import Message
from tests.console.site import ConsoleSite, StaffBrowser
from tests.console.test_acts import CASES, STAGES, path_of


async def seen(clerk: StaffBrowser, number: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', (await clerk.get(path_of(number))).text)
    assert found is not None
    return found[1]


async def test_who_comes_second_is_told_what_changed_and_keeps_what_they_wrote(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    zhou, li = await console.sign_in("zhou"), await console.sign_in("li")
    drawn = await seen(zhou, number)
    await li.post(f"{path_of(number)}/claim", seen=drawn)
    await li.post(f"{path_of(number)}/note", text="我打过电话了")
    entries = (await console.bureau.ticket(number)).entries
    late = await zhou.post(f"{path_of(number)}/contact", text="我这边打通了", how="phone", seen=drawn)
    assert late.status == 409
    assert "我这边打通了" in late.text
    changes = late.text[late.text.index('id="changes"') : late.text.index('class="cols"')]
    assert "li" in changes
    assert "我打过电话了" in changes
    assert (await console.bureau.ticket(number)).entries == entries
    again = re.search(r'name="seen" value="(\d+)"', late.text)
    assert again is not None
    done = await zhou.post(f"{path_of(number)}/contact", text="我这边打通了", how="phone", seen=again[1])
    assert done.status == 303


@pytest.mark.parametrize("act", ["reply", "answer", "transfer", "supplement", "reject"])
async def test_each_deciding_act_heeds_what_was_said_since(console: ConsoleSite, act: str) -> None:
    number = await console.bureau.file()
    for name, done, words, more in STAGES["contacted"]:
        await console.bureau.do(name, done, number, *words, **more)
    zhou = await console.sign_in("zhou")
    drawn = await seen(zhou, number)
    case = next(case for case in CASES if case.act == act)
    async with console.bureau.work() as session:
        ticket = await console.bureau.office.cabinet.find(session, number)
        await console.bureau.office.filing.add_words(session, ticket, "钱到了", now=console.bureau.now)
    late = await zhou.post(f"{path_of(number)}/{act}", [], **case.fields, seen=drawn)
    assert late.status == 409
    assert "钱到了" in late.text


async def test_warnings_of_the_clock_and_looks_stop_nobody(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    await console.bureau.do("zhou", "claim", number)
    zhou = await console.sign_in("zhou")
    drawn = await seen(zhou, number)
    await console.bureau.wait(hours=30)
    await console.bureau.do("li", "unseal", number, reason="要打电话")
    assert (await console.bureau.ticket(number)).entries > int(drawn)
    sun = await console.sign_in("sun")
    assert (await sun.post(f"{path_of(number)}/reply", text="您好", seen=drawn)).status == 303


async def test_a_note_is_never_refused_for_what_others_did(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    zhou = await console.sign_in("zhou")
    drawn = await seen(zhou, number)
    await console.bureau.do("li", "claim", number)
    assert (await zhou.post(f"{path_of(number)}/note", text="备注", seen=drawn)).status == 303


async def test_one_form_sent_twice_at_once_is_done_once(console_on_each: ConsoleSite) -> None:
    number = await console_on_each.bureau.file()
    await console_on_each.bureau.do("zhou", "claim", number)
    zhou = await console_on_each.sign_in("zhou")
    drawn = await seen(zhou, number)
    both = await asyncio.gather(*(zhou.post(f"{path_of(number)}/reply", text="您好", seen=drawn) for _ in range(2)))
    assert sorted(answer.status for answer in both) == [303, 409]
    async with console_on_each.bureau.app.database.reading() as session:
        told = await session.scalars(select(Message.id).where(Message.template == "tickets/staff_words"))
        assert len(told.all()) == 1


async def test_of_two_who_claim_at_once_one_has_it(console_on_each: ConsoleSite) -> None:
    clerks = {name: await console_on_each.sign_in(name) for name in ("zhou", "li", "sun")}
    for _ in range(3):
        number = await console_on_each.bureau.file()
        answers = await asyncio.gather(*(clerk.post(f"{path_of(number)}/claim") for clerk in clerks.values()))
        assert sorted(answer.status for answer in answers) == [303, 409, 409]
        winner = next(name for name, answer in zip(clerks, answers, strict=True) if answer.status == 303)
        assert (await console_on_each.bureau.ticket(number)).handler_id == console_on_each.bureau.ids[winner]
    assert await console_on_each.bureau.broken() == []


async def test_two_who_merge_each_into_the_others_do_not_wait_for_ever(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    first, second = await bureau.file(), await bureau.file("other")
    zhou, li = await console_on_each.sign_in("zhou"), await console_on_each.sign_in("li")
    async with asyncio.timeout(30):
        both = await asyncio.gather(
            zhou.post(f"{path_of(first)}/merge", text="同一件", into=second),
            li.post(f"{path_of(second)}/merge", text="同一件", into=first),
        )
    assert sorted(answer.status for answer in both) == [303, 422]
