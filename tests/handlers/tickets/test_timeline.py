"""The chain of entries and the daily anchors: whole after any work, and every tampering is named."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.errors import UserFacingError
from bot.settings import Settings
from handlers.tickets import commands
from handlers.tickets.daily import ANCHOR, CALENDAR
from handlers.tickets.models import Anchor, Entry, EntryContent, Ticket
from handlers.tickets.ticket import Category
from handlers.tickets.timeline import PERSON, Timeline
from tests.handlers.tickets.bureau import Bureau

Tamper = Callable[[AsyncSession, Ticket], Awaitable[object]]


async def worked(bureau: Bureau) -> str:
    """A ticket of nine entries."""
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "reply", number, "您好")
    await bureau.say("add_words", number, "还有")
    await bureau.do("zhou", "note", number, "内部")
    for words in ("内部二", "内部三"):
        await bureau.do("zhou", "note", number, words)
    return number


def change(seq: int, /, **values: object) -> Tamper:
    async def act(session: AsyncSession, ticket: Ticket) -> object:
        where = (Entry.ticket_id == ticket.id, Entry.seq == seq)
        return await session.execute(update(Entry).where(*where).values(**values))

    return act


def remove(seq: int) -> Tamper:
    async def act(session: AsyncSession, ticket: Ticket) -> object:
        return await session.execute(delete(Entry).where(Entry.ticket_id == ticket.id, Entry.seq == seq))

    return act


async def swap(session: AsyncSession, ticket: Ticket) -> object:
    for old, new in ((7, -1), (8, 7), (-1, 8)):
        await change(old, seq=new)(session, ticket)
    return None


async def reword(session: AsyncSession, ticket: Ticket) -> object:
    first = select(Entry.id).where(Entry.ticket_id == ticket.id, Entry.seq == 1).scalar_subquery()
    return await session.execute(update(EntryContent).where(EntryContent.entry_id == first).values(text="没说过"))


async def move_words(session: AsyncSession, ticket: Ticket) -> object:
    """What one entry said, put under another that said nothing."""
    ids = list(await session.scalars(select(Entry.id).where(Entry.ticket_id == ticket.id).order_by(Entry.seq)))
    where = EntryContent.entry_id == ids[0]
    return await session.execute(update(EntryContent).where(where).values(entry_id=ids[1]))


async def cut_off(session: AsyncSession, ticket: Ticket) -> object:
    """The newest entry removed, and the ticket made to fit it."""
    seq, at = ticket.entries, (Ticket.id == ticket.id)
    before = select(Entry.hash).where(Entry.ticket_id == ticket.id, Entry.seq == seq - 1)
    head = await session.scalar(before)
    await remove(seq)(session, ticket)
    return await session.execute(update(Ticket).where(at).values(entries=seq - 1, head=head))


async def drop_all(session: AsyncSession, ticket: Ticket) -> object:
    await session.execute(delete(Entry).where(Entry.ticket_id == ticket.id))
    return await session.execute(delete(Ticket).where(Ticket.id == ticket.id))


@pytest.mark.parametrize(
    ("tamper", "seq", "reason"),
    [
        (change(4, role="supervisor"), 4, "changed"),
        (change(4, actor_id=99), 4, "changed"),
        (change(2, data={"to": 99}), 2, "changed"),
        (change(3, at=datetime(2025, 11, 24, tzinfo=UTC)), 3, "changed"),
        (change(6, kind="note"), 6, "changed"),
        (change(1, digest="0" * 64), 1, "changed"),
        (change(9, hash="0" * 64), 9, "changed"),
        (change(9, previous="0" * 64), 9, "changed"),
        (remove(1), 1, "missing"),
        (remove(4), 4, "missing"),
        (remove(9), 8, "head"),
        (swap, 7, "changed"),
        (reword, 1, "content"),
        (move_words, 2, "content"),
    ],
)
async def test_tampering_is_named_with_its_place(bureau: Bureau, tamper: Tamper, seq: int, reason: str) -> None:
    number, other = await worked(bureau), await worked(bureau)
    assert await bureau.broken() == []
    assert len(await bureau.entries(number)) == 9
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await tamper(session, ticket)
    assert [(one.ticket, one.seq, one.reason) for one in await bureau.broken()] == [(number, seq, reason)]
    assert number != other


@pytest.mark.parametrize("values", [{"head": "0" * 64}, {"head": ""}, {"entries": 8}, {"entries": 10}])
async def test_a_changed_head_is_found(bureau: Bureau, values: dict[str, object]) -> None:
    number = await worked(bureau)
    async with bureau.work() as session:
        await session.execute(update(Ticket).where(Ticket.number == number).values(**values))
    assert [(one.ticket, one.reason) for one in await bureau.broken()] == [(number, "head")]


async def test_a_chain_written_with_another_key_is_found(bureau: Bureau) -> None:
    number = await worked(bureau)
    async with bureau.app.database.reading() as session:
        found = [one async for one in Timeline(b"another key").verify(session)]
    assert [(one.ticket, one.reason) for one in found] == [(number, "content")]


async def test_erased_words_leave_the_chain_whole(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await worked(bureau)
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        count = await bureau.office.cabinet.timeline.erase_content(session, ticket, actor=PERSON, at=bureau.now)
    assert count == 2
    assert await bureau.words(number) == ["您好", "内部", "内部二", "内部三"]
    assert await bureau.broken() == []


# -- anchors ------------------------------------------------------------------------------------------------


async def anchors(bureau: Bureau) -> list[Anchor]:
    async with bureau.app.database.reading() as session:
        return list(await session.scalars(select(Anchor).order_by(Anchor.day)))


async def test_every_night_at_two_what_was_before_midnight_is_anchored(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    await bureau.office.daily.begin()
    await bureau.office.daily.begin()  # a second process
    assert {ANCHOR, CALENDAR} <= set(await bureau.timers())
    await worked(bureau)
    await bureau.wait_until("2026-11-25 01:00")
    late = await bureau.file()
    assert await anchors(bureau) == []
    await bureau.wait_until("2026-11-25 02:00")
    await bureau.wait_until("2026-11-27 03:00")
    found = await anchors(bureau)
    assert [one.day.isoformat() for one in found] == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert found[0].tickets == 1
    assert found[1].tickets == 1
    assert found[0].at.astimezone(LOCAL).strftime("%H:%M") == "02:00"
    first = (await bureau.entries(late))[0]
    assert found[0].until < first.id
    assert await bureau.broken() == []


async def test_a_missed_night_is_made_up_for_at_the_next_start(bureau: Bureau) -> None:
    await bureau.office.daily.begin()
    await worked(bureau)
    bureau.clock.set("2026-11-28T09:00:00+08:00")
    await bureau.office.daily.begin()
    await bureau.act()
    assert [one.day.isoformat() for one in await anchors(bureau)] == ["2026-11-27"]
    assert await bureau.broken() == []


async def test_what_is_written_with_an_old_time_is_not_taken_for_tampering(bureau: Bureau) -> None:
    await bureau.office.daily.begin()
    await worked(bureau)
    await bureau.wait_until("2026-11-26 03:00")
    bureau.clock.set("2026-11-20T09:00:00+08:00")  # a clock that was set back, or made-up tickets
    await worked(bureau)
    assert await bureau.broken() == []
    await bureau.wait_until("2026-11-28 03:00")
    assert await bureau.broken() == []


@pytest.mark.parametrize("values", [{"heads": "0" * 64}, {"tickets": 5}, {"previous": "1" * 64}, {"until": 3}])
async def test_a_changed_anchor_is_found(bureau: Bureau, values: dict[str, object]) -> None:
    await bureau.office.daily.begin()
    await worked(bureau)
    await bureau.wait_until("2026-11-26 03:00")
    day = (await anchors(bureau))[0].day
    async with bureau.work() as session:
        await session.execute(update(Anchor).where(Anchor.day == day).values(**values))
    assert (day.isoformat(), "anchor") in [(one.ticket, one.reason) for one in await bureau.broken()]


@pytest.mark.parametrize("tamper", [cut_off, drop_all])
async def test_a_chain_rewritten_whole_is_found_by_the_anchor(bureau: Bureau, tamper: Tamper) -> None:
    await bureau.office.daily.begin()
    number = await worked(bureau)
    await bureau.wait_until("2026-11-25 02:00")
    assert await bureau.broken() == []
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await tamper(session, ticket)
    assert [(one.ticket, one.reason) for one in await bureau.broken()] == [("2026-11-24", "anchor")]


# -- others go on ------------------------------------------------------------------------------------------


async def test_a_command_that_reads_sees_one_moment_while_others_go_on(
    bureau_on_each: Bureau, settings_on_each: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau = bureau_on_each
    number = await worked(bureau)
    monkeypatch.setenv("SHANGAN_DATA_DIR", str(settings_on_each.data_dir))
    monkeypatch.setenv("SHANGAN_DATABASE_URL", settings_on_each.database_url.get_secret_value())
    async with commands._reading() as desk:
        ticket = await desk.office.cabinet.look(desk.session, number)
        await bureau.do("zhou", "note", number, "这时候写的")
        written = select(func.count()).where(Entry.ticket_id == ticket.id)
        assert await desk.session.scalar(written) == ticket.entries == 9
    async with commands._reading() as desk:
        assert await desk.session.scalar(written) == 10


# -- any work -----------------------------------------------------------------------------------------------


async def test_after_random_work_every_chain_is_whole(bureau_on_each: Bureau) -> None:
    bureau, dice = bureau_on_each, random.Random(7)
    await bureau.office.daily.begin()
    numbers = [await worked(bureau) for _ in range(3)]
    acts: list[Callable[[str], Awaitable[object]]] = [
        lambda number: bureau.do("zhou", "note", number, "记"),
        lambda number: bureau.do("li", "claim", number),
        lambda number: bureau.do("zhou", "transfer", number, Category.INSURANCE, reason="转"),
        lambda number: bureau.do("sun", "set_flags", number, reason="急", urgent=True),
        lambda number: bureau.do("zhou", "ask_supplement", number, "补"),
        lambda number: bureau.say("add_words", number, "给"),
        lambda number: bureau.say("urge", number),
        lambda number: bureau.do("head", "unseal", number, reason="看"),
        lambda number: bureau.do("zhou", "change_facts", number, {"people": dice.randrange(9)}, reason="改"),
        lambda number: bureau.solve("zhou", number),
        lambda number: bureau.say("object", number, "没好"),
    ]
    refused = 0
    for _ in range(60):
        try:
            await dice.choice(acts)(dice.choice(numbers))
        except UserFacingError:
            refused += 1
        await bureau.wait(hours=dice.randrange(12))
    assert refused < 60
    assert await bureau.broken() == []
    assert len(await anchors(bureau)) > 5
