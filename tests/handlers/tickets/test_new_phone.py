"""Somebody's phone is another now: the ticket holds it, whoever works on it knows, and nothing else changes."""

from __future__ import annotations

from handlers.tickets.new_phone import NewPhone
from handlers.tickets.tasks import TaskKind
from tests.handlers.tickets.bureau import PHONE, Bureau

NEW = "13900005678"


async def renew(bureau: Bureau) -> None:
    office, conversation = bureau.office, await bureau.chat("person")
    async with bureau.work() as session:
        await NewPhone(office.cabinet, office.telling, office.sealer).follow(session, conversation, NEW, bureau.now)


async def phone_of(bureau: Bureau, number: str) -> str:
    ticket = await bureau.ticket(number)
    assert ticket.phone is not None
    assert ticket.phone_digest == bureau.office.sealer.digest(bureau.office.sealer.open(ticket.phone, "ticket.phone"))
    return bureau.office.sealer.open(ticket.phone, "ticket.phone")


async def test_a_new_phone_supplements_nothing_and_the_clock_rests_on(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    assert await phone_of(bureau, number) == PHONE
    await renew(bureau)
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.answer_due) == ("supplement", None)
    assert await phone_of(bureau, number) == NEW
    last = (await bureau.entries(number))[-1]
    assert (last.kind, last.role, last.data) == ("heard", "person", {"phone": "told"})
    assert NEW not in "".join(await bureau.words(number))
    assert (await bureau.told("101"))[-1] == "card:heard"
    assert await bureau.broken() == []
    await bureau.say("add_words", number, "补来了")
    assert (await bureau.ticket(number)).state == "working"


async def test_who_was_to_be_called_is_still_to_be_called(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await bureau.office.tasks.open(session, ticket, TaskKind.CALL, now=bureau.now)
    await renew(bureau)
    assert await bureau.tasks(number) == [("call", False)]


async def test_a_matter_without_a_phone_gets_none(bureau: Bureau) -> None:
    number = await bureau.file(anonymous=True)
    before = await bureau.kinds(number)
    await renew(bureau)
    assert (await bureau.ticket(number)).phone is None
    assert await bureau.kinds(number) == before
