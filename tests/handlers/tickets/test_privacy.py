"""Who learns who it is: unsealing, another device, and forgetting on the person's wish."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bot.staff import audit
from bot.staff.roles import Role
from handlers.tickets.cabinet import NoSuchTicket, Person
from handlers.tickets.desk import UnsealRefused, WordsMissing
from handlers.tickets.filing import ACCESS_TRIES
from handlers.tickets.models import Attachment, Complainant
from handlers.tickets.ticket import State
from tests.handlers.tickets.bureau import HONGHU, PHONE, Bureau


async def audited(bureau: Bureau) -> list[tuple[str, int | None, str]]:
    """What was unmasked or unsealed, by whom, why."""
    actions = (audit.AuditAction.UNSEALED, audit.AuditAction.UNMASKED)
    async with bureau.work() as session:
        assert await audit.verify(session) is None
        rows = await audit.list_entries(session)
        return [(row.action, row.actor_id, row.reason) for row in rows if row.action in actions]


@pytest.mark.parametrize("name", ["head", "auditor"])
async def test_a_confidential_ticket_is_unsealed_with_a_reason_and_an_audit_row(
    bureau_on_each: Bureau, name: str
) -> None:
    bureau = bureau_on_each
    number = await bureau.file(confidential=True)
    with pytest.raises(WordsMissing):
        await bureau.do(name, "unseal", number, reason=" ")
    assert await audited(bureau) == []
    person = await bureau.do(name, "unseal", number, reason="核实举报")
    assert (person.name, person.phone) == ("示例·张某", PHONE)
    assert await audited(bureau) == [("unsealed", bureau.ids[name], "核实举报")]
    assert (await bureau.kinds(number))[-1] == "unsealed"


@pytest.mark.parametrize("name", ["zhou", "sun", "helper", "chief"])
async def test_not_by_others_and_never_by_a_member_of_the_queue(bureau: Bureau, name: str) -> None:
    await bureau.hire("chief", Role.HEAD, HONGHU, "社保")
    number = await bureau.file(confidential=True)
    with pytest.raises(UnsealRefused):
        await bureau.do(name, "unseal", number, reason="想看看")
    assert await audited(bureau) == []
    assert await bureau.kinds(number) == ["opened"]


async def test_an_ordinary_ticket_is_unmasked_by_who_works_it_with_a_reason(bureau: Bureau) -> None:
    number = await bureau.file()
    person = await bureau.do("zhou", "unseal", number, reason="要打电话")
    assert person.phone == PHONE
    assert await audited(bureau) == [("unmasked", bureau.ids["zhou"], "要打电话")]
    with pytest.raises(UnsealRefused):
        await bureau.do("helper", "unseal", number, reason="想看看")


async def test_names_and_phones_lie_sealed(bureau: Bureau) -> None:
    ticket = await bureau.ticket(await bureau.file(text="补贴没到账"))
    assert ticket.name is not None
    assert ticket.phone is not None
    raw = (bureau.app.settings.data_dir / "shangan.sqlite3").read_bytes()
    wal = bureau.app.settings.data_dir / "shangan.sqlite3-wal"
    raw += wal.read_bytes() if wal.exists() else b""
    for private in ("示例·张某", PHONE):
        assert private.encode() not in raw


# -- from another device ------------------------------------------------------------------------------------


async def try_code(bureau: Bureau, number: str, code: str, *, phone: str = PHONE, chat: str = "other") -> bool:
    conversation = await bureau.chat(chat)
    async with bureau.work() as session:
        found = await bureau.office.filing.use_code(session, conversation, number, phone, code, now=bureau.now)
        return found is not None


async def test_number_phone_and_code_open_it_on_another_device(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    assert not await try_code(bureau, number, "000000")
    code = await bureau.do("zhou", "give_code", number)
    wrong = "000000" if code != "000000" else "111111"
    assert not await try_code(bureau, number, wrong)
    assert not await try_code(bureau, number, code, phone="13900001234")
    assert not await try_code(bureau, "261124-99999", code)
    with pytest.raises(NoSuchTicket):
        await bureau.say("urge", number, chat="other")
    assert await try_code(bureau, number, f" {code} ")
    assert await bureau.say("urge", number, chat="other") == 1
    # It is used up.
    assert not await try_code(bureau, number, code, chat="third")


async def test_tries_are_counted_and_a_new_code_begins_anew(bureau: Bureau) -> None:
    number = await bureau.file()
    code = await bureau.do("zhou", "give_code", number)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(ACCESS_TRIES):
        assert not await try_code(bureau, number, wrong)
    assert not await try_code(bureau, number, code)
    assert await try_code(bureau, number, await bureau.do("zhou", "give_code", number))


async def test_a_code_holds_for_a_day(bureau: Bureau) -> None:
    number = await bureau.file()
    code = await bureau.do("zhou", "give_code", number)
    bureau.clock.advance(hours=24)
    assert not await try_code(bureau, number, code)


async def test_a_chat_sees_its_own_matters_and_no_others(bureau: Bureau) -> None:
    number = await bureau.file()
    for asked in (number, "261124-99999"):
        with pytest.raises(NoSuchTicket):
            await bureau.say("urge", asked, chat="other")


# -- forgetting ---------------------------------------------------------------------------------------------


async def erase(bureau: Bureau, chat: str = "person") -> None:
    conversation = await bureau.chat(chat)
    async with bureau.work() as session:
        await bureau.office.filing.erase(session, conversation, now=bureau.now)


async def attach(bureau: Bureau, number: str) -> None:
    ticket = await bureau.ticket(number)
    async with bureau.work() as session:
        session.add(
            Attachment(
                ticket_id=ticket.id,
                conversation_id=ticket.conversation_id,
                at=bureau.now,
                name="回单.jpg",
                media_type="image/jpeg",
                size=3,
                digest="",
                content=b"\xff\xd8\xff",
            )
        )


async def attachments(bureau: Bureau, number: str) -> int:
    ticket = await bureau.ticket(number)
    async with bureau.work() as session:
        wanted = select(func.count()).select_from(Attachment).where(Attachment.ticket_id == ticket.id)
        return await session.scalar(wanted) or 0


async def test_on_the_persons_wish_who_they_are_goes_and_what_is_open_is_worked_on(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await attach(bureau, number)
    await erase(bureau)
    ticket = await bureau.ticket(number)
    assert (ticket.name, ticket.phone, ticket.name_digest, ticket.phone_digest) == (None, None, None, None)
    assert (ticket.conversation_id, ticket.state) == (None, State.WAITING)
    assert await bureau.words(number) == ["缴费补贴没到账，我叫示例·张某"]
    assert await attachments(bureau, number) == 1
    assert (await bureau.kinds(number))[-1] == "erased"
    with pytest.raises(NoSuchTicket):
        await bureau.say("urge", number)
    assert await bureau.broken() == []


async def test_of_what_is_over_their_words_and_files_go_too(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await attach(bureau, number)
    await bureau.say("add_words", number, "我女儿的电话也给您")
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    await erase(bureau)
    assert await bureau.words(number) == ["打过电话", "查清了"]
    assert await attachments(bureau, number) == 0
    assert await bureau.broken() == []


async def test_one_of_several_who_goes_takes_nothing_from_the_others(bureau: Bureau) -> None:
    number = await bureau.file()
    friend = await bureau.chat("friend")
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await bureau.office.filing.join(session, ticket, Person("示例·李某", "13900001234"), friend, now=bureau.now)
    await erase(bureau, "friend")
    ticket = await bureau.ticket(number)
    assert ticket.phone is not None
    async with bureau.work() as session:
        row = (await session.scalars(select(Complainant))).one()
        assert (row.conversation_id, row.name, row.phone, row.phone_digest) == (None, None, None, None)


async def test_a_code_that_was_used_ends_with_the_persons_wish(bureau: Bureau) -> None:
    number = await bureau.file()
    assert await try_code(bureau, number, await bureau.do("zhou", "give_code", number))
    await erase(bureau, "other")
    with pytest.raises(NoSuchTicket):
        await bureau.say("urge", number, chat="other")
    bureau.clock.advance(**{"seconds": timedelta(minutes=1).total_seconds()})
    assert await bureau.say("urge", number) == 1
