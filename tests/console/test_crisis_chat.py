"""Whoever takes somebody in danger reads their chat, half hidden, takes it over, speaks there and gives it back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.models import Conversation, Message
from bot.staff.audit import AuditAction
from bot.staff.models import AuditEntry
from bot.talking import ChatHeld
from handlers.policy.models import Crisis
from handlers.tickets.holding import QUIET_FOR
from tests.bureau import Person
from tests.console.site import ConsoleSite, next_news

WORDS = "我叫张水生，电话13800138000，我不想活了"


async def in_danger(site: ConsoleSite, chat: str = "somebody") -> tuple[str, Person]:
    """Somebody says something grave, after a question. -> the reference, the person"""
    person = Person(site.bureau.app, chat, region="洪湖市")
    await person.say("一次性创业补贴多少钱")
    await person.say(WORDS)
    async with site.bureau.app.database.reading() as session:
        wanted = select(Crisis.reference).join(Conversation).where(Conversation.chat == chat)
        reference = (await session.scalars(wanted)).one()
    return reference, person


async def taken(site: ConsoleSite, name: str = "zhou") -> tuple[str, str, Person, Any]:
    reference, person = await in_danger(site)
    at = await site.sign_in(name)
    assert (await at.post(f"/staff/crises/{reference}/take")).status == 303
    return reference, f"/staff/crises/{reference}", person, at


async def audited(site: ConsoleSite, reference: str) -> list[tuple[str, int | None]]:
    async with site.bureau.app.database.reading() as session:
        rows = await session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == reference).order_by(AuditEntry.seq)
        )
        return [(row.action, row.actor_id) for row in rows]


async def held_by(site: ConsoleSite, chat: str = "somebody") -> int | None:
    async with site.bureau.app.database.reading() as session:
        return await session.scalar(select(Conversation.held_by).where(Conversation.chat == chat))


async def test_they_talk_in_the_place_of_the_bot_and_give_it_back(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    reference, path, person, zhou = await taken(console)
    crises = await zhou.get("/staff/crises")
    assert f'href="{path}" data-action="crisis-open"' in crises.text
    page = await zhou.get(path)
    assert page.has_action("crisis-hold")
    assert not page.has_action("crisis-reply")
    assert "我不想活了" in page.text
    assert "张水生" not in page.text
    assert "13800138000" not in page.text
    assert "一次性创业补贴多少钱" in page.text
    assert (await zhou.post(f"{path}/reply", text="您在哪里")).status == 422
    assert (await zhou.post(f"{path}/hold")).location == f"{path}?done=hold"
    assert (await zhou.get(path)).has_action("crisis-release")
    assert [one.template for one in await person.say("没人管我")] == ["tickets/held"]
    assert await person.say("我真的不想活了") == []
    assert (await zhou.post(f"{path}/reply", text="您在哪里，我来看您")).location == f"{path}?done=reply"
    said = await console.bureau.said("somebody")
    assert "您在哪里，我来看您" in said[-1]
    assert "我真的不想活了" in (await zhou.get(path)).text
    assert (await zhou.post(f"{path}/release")).status == 303
    assert await held_by(console) is None
    assert await person.say("一次性创业补贴多少钱") != []
    zhou_id = console.bureau.ids["zhou"]
    expected = [AuditAction.CRISIS_TAKEN, AuditAction.CHAT_READ, AuditAction.CHAT_HELD]
    assert await audited(console, reference) == [(str(action), zhou_id) for action in expected]
    # What was said while they talked rang no second time.
    async with console.bureau.app.database.reading() as session:
        assert len((await session.scalars(select(Crisis))).all()) == 1


@pytest.mark.parametrize("name", ["li", "sun", "head", "boss"])
async def test_it_is_nobodys_but_of_whoever_took_it(console: ConsoleSite, name: str) -> None:
    reference, path, _, _ = await taken(console)
    other = await console.sign_in(name)
    assert f'href="{path}"' not in (await other.get("/staff/crises")).text
    for answer in (
        await other.get(path),
        await other.get(f"{path}/live"),
        await other.post(f"{path}/hold"),
        await other.post(f"{path}/reply", text="您好"),
        await other.post(f"{path}/release"),
    ):
        assert answer.status == 404
        assert "不想活" not in answer.text
    assert await held_by(console) is None
    assert ("chat_read", console.bureau.ids[name]) not in await audited(console, reference)


@pytest.mark.parametrize("name", ["auditor", "admin", "helper"])
async def test_who_works_no_tickets_has_no_such_page(console: ConsoleSite, name: str) -> None:
    _, path, _, _ = await taken(console)
    assert (await (await console.sign_in(name)).get(path)).status == 403


async def test_nobody_has_taken_it_yet_so_nobody_reads_it(console: ConsoleSite) -> None:
    reference, _ = await in_danger(console)
    zhou = await console.sign_in("zhou")
    assert (await zhou.get(f"/staff/crises/{reference}")).status == 404


async def test_one_chat_is_not_taken_over_twice(console_on_each: ConsoleSite) -> None:
    """A colleague talks there about a ticket; and the other way round."""
    console = console_on_each
    bureau = console.bureau
    _, path, _, zhou = await taken(console)
    number = await bureau.file("somebody")
    await bureau.do("li", "claim", number)
    await bureau.do("li", "hold_chat", number)
    refused = await zhou.post(f"{path}/hold")
    assert refused.status == 409
    assert await held_by(console) == bureau.ids["li"]
    assert not (await zhou.get(path)).has_action("crisis-hold")
    await bureau.do("li", "release_chat", number)
    assert (await zhou.post(f"{path}/hold")).status == 303
    with pytest.raises(ChatHeld):
        await bureau.do("li", "hold_chat", number)
    await bureau.do("li", "record_contact", number, "打过电话", how="phone")
    await bureau.do("li", "answer", number, "办好了", closing="solved")
    assert await held_by(console) == bureau.ids["zhou"]


async def test_after_half_an_hour_without_a_word_the_bot_is_back(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    _, path, person, zhou = await taken(console)
    await zhou.post(f"{path}/hold")
    await console.bureau.wait_until(console.now + QUIET_FOR - timedelta(minutes=1))
    await zhou.post(f"{path}/reply", text="我在")
    await console.bureau.wait_until(console.now + QUIET_FOR - timedelta(minutes=1))
    assert await held_by(console) == console.bureau.ids["zhou"]
    await console.bureau.wait_until(console.now + timedelta(minutes=2))
    assert await held_by(console) is None
    zhou = await console.sign_in("zhou")  # their session has ended meanwhile, too
    kept = await zhou.post(f"{path}/reply", text="还在吗")
    assert kept.status == 422
    assert "还在吗" in kept.text
    assert await person.say("一次性创业补贴多少钱") != []


async def test_their_own_data_they_delete_whoever_talks(console: ConsoleSite) -> None:
    _, path, person, zhou = await taken(console)
    await zhou.post(f"{path}/hold")
    await person.say("删除我的资料")
    await person.press("都删掉")
    page = await zhou.get(path)
    assert page.status == 200
    assert "不想活" not in page.text
    assert (await zhou.post(f"{path}/reply", text="您好")).status == 422


@pytest.mark.parametrize(("text", "status"), [(" ", 422), ("长" * 5001, 422)])
async def test_empty_or_endless_words_are_not_sent(console: ConsoleSite, text: str, status: int) -> None:
    _, path, _, zhou = await taken(console)
    await zhou.post(f"{path}/hold")
    before = len(await console.bureau.said("somebody"))
    assert (await zhou.post(f"{path}/reply", text=text)).status == status
    assert len(await console.bureau.said("somebody")) == before


async def test_the_open_page_hears_what_the_person_says(console: ConsoleSite) -> None:
    _, path, person, zhou = await taken(console)
    await zhou.post(f"{path}/hold")
    async with console.bureau.app.database.reading() as session:
        last = await session.scalar(select(Message.seq).order_by(Message.seq.desc()).limit(1))
    async with zhou.http.get(f"{path}/live?entries={last}") as stream:
        await person.say("<b>我在桥上</b>")
        news = await next_news(stream)
        assert "&lt;b&gt;我在桥上" in news["messages"]
        await zhou.post("/staff/logout")
        async with asyncio.timeout(30):
            await stream.read()
