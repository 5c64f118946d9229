"""A ticket's clock: its deadlines, the only thing that rests it, and the extension that moves one."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.clock import LOCAL, FixedClock
from bot.settings import Settings
from handlers.tickets.daily import CALENDAR
from handlers.tickets.desk import ExtensionRefused
from handlers.tickets.ticket import Category, Kind, MoveRefused, ReasonMissing, State
from tests.handlers.tickets.bureau import Bureau, open_bureau, staffed


def local(at: datetime | None) -> str:
    return at.astimezone(LOCAL).strftime("%m-%d %H:%M") if at else ""


async def test_three_deadlines_begin_with_the_ticket(bureau: Bureau) -> None:
    ticket = await bureau.ticket(await bureau.file())
    assert [local(at) for at in (ticket.accept_due, ticket.contact_due, ticket.answer_due)] == [
        "11-24 15:00",
        "11-25 09:00",
        "12-01 09:00",
    ]
    assert (await bureau.timers())[f"ticket:{ticket.id}"].astimezone(LOCAL).strftime("%H:%M") == "11:00"


@pytest.mark.parametrize(
    ("more", "wanted"),
    [
        ({"kind": Kind.CONSULT}, "11-26 09:00"),
        ({"kind": Kind.COMPLAINT}, "12-08 09:00"),
        ({"category": Category.PETITION}, "12-15 09:00"),
        ({"urgent": True}, "12-01 09:00"),
    ],
)
async def test_how_long_the_answer_may_take_is_data(bureau: Bureau, more: dict[str, object], wanted: str) -> None:
    assert local((await bureau.ticket(await bureau.file(**more))).answer_due) == wanted


async def test_asking_for_more_rests_the_clock_and_the_persons_words_set_it_going(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-24 16:30")
    with pytest.raises(ReasonMissing):
        await bureau.do("zhou", "ask_supplement", number, "")
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.answer_due, ticket.accept_due) == ("supplement", None, None)
    assert (await bureau.told("person"))[-1] == "news:supplement"
    # Over a weekend: 16:30 on Tuesday to 10:00 on Monday.
    await bureau.wait_until("2026-11-30 10:00")
    assert (await bureau.ticket(number)).warned == ["contact:50"]
    await bureau.say("add_words", number, "补来了")
    ticket = await bureau.ticket(number)
    assert (ticket.state, local(ticket.answer_due)) == ("working", "12-04 11:30")
    assert (await bureau.told("101"))[-1] == "card:heard"
    assert await bureau.kinds(number) == ["opened", "assigned", "moved", "warned", "moved", "heard", "moved"]


async def test_pauses_add_up(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    for begin, end in (("2026-11-25 09:00", "2026-11-25 10:00"), ("2026-11-26 09:00", "2026-11-26 11:00")):
        await bureau.wait_until(begin)
        await bureau.do("zhou", "ask_supplement", number, "再补一样")
        await bureau.wait_until(end)
        await bureau.do("zhou", "supplemented", number)
    ticket = await bureau.ticket(number)
    assert (local(ticket.answer_due), len(ticket.pauses)) == ("12-01 12:00", 2)


async def test_extension_is_asked_for_once_before_the_deadline_and_moves_it_when_granted(
    bureau_on_each: Bureau,
) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    for days in (0, -1, 6):
        with pytest.raises(ExtensionRefused) as refused:
            await bureau.do("zhou", "ask_extension", number, days, reason="要外调")
        assert refused.value.data["why"] == "long"
    await bureau.do("zhou", "ask_extension", number, 3, reason="要外调")
    ticket = await bureau.ticket(number)
    assert (ticket.state, local(ticket.answer_due)) == ("extending", "12-01 09:00")
    assert (await bureau.told("103"))[-1] == "card:extension"
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "decide_extension", number, granted=True)
    await bureau.do("sun", "decide_extension", number, granted=True, reason="同意")
    ticket = await bureau.ticket(number)
    assert (ticket.state, local(ticket.answer_due), ticket.extended) == ("working", "12-04 09:00", True)
    assert (await bureau.told("person"))[-1] == "news:extended"
    assert (await bureau.told("101"))[-1] == "card:extension_decided"
    with pytest.raises(ExtensionRefused) as refused:
        await bureau.do("zhou", "ask_extension", number, 1, reason="再延")
    assert refused.value.data["why"] == "once"


async def test_not_granted_needs_a_reason_and_moves_nothing(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "ask_extension", number, 3, reason="要外调")
    with pytest.raises(ReasonMissing):
        await bureau.do("sun", "decide_extension", number, granted=False)
    await bureau.do("sun", "decide_extension", number, granted=False, reason="抓紧")
    ticket = await bureau.ticket(number)
    assert (ticket.state, local(ticket.answer_due), ticket.extended) == ("working", "12-01 09:00", False)
    assert await bureau.told("person") == ["news:accepted"]


async def test_no_extension_at_or_after_the_deadline(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-12-01 09:00")
    with pytest.raises(ExtensionRefused) as refused:
        await bureau.do("zhou", "ask_extension", number, 1, reason="要外调")
    assert refused.value.data["why"] == "late"


async def test_no_decision_by_the_deadline_is_a_breach(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "reply", number, "您好")
    await bureau.do("zhou", "ask_extension", number, 3, reason="要外调")
    await bureau.wait_until("2026-12-01 09:00")
    ticket = await bureau.ticket(number)
    assert (ticket.state, local(ticket.breached_at), ticket.supervision) == ("extending", "12-01 09:00", 1)
    # Granted late, the new deadline can be missed again.
    await bureau.do("sun", "decide_extension", number, granted=True)
    assert local((await bureau.ticket(number)).answer_due) == "12-04 09:00"
    await bureau.wait_until("2026-12-04 09:00")
    assert (await bureau.ticket(number)).supervision == 2


async def test_a_year_without_a_table_is_provisional_until_the_table_comes(
    settings_on_each: Settings, clock: FixedClock
) -> None:
    clock.set("2027-02-03T09:00:00+08:00")
    async with open_bureau(settings_on_each, clock) as bureau:
        await staffed(bureau)
        number, paused = await bureau.file(), await bureau.file("other")
        await bureau.do("zhou", "claim", number)
        await bureau.do("zhou", "claim", paused)
        await bureau.do("zhou", "ask_supplement", paused, "少一张")
        ticket = await bureau.ticket(number)
        assert (ticket.provisional, local(ticket.answer_due)) == (True, "02-10 09:00")
        ids = bureau.ids
    (settings_on_each.data_dir / "calendar.yaml").write_text(
        'years: {2027: {holidays: ["2027-02-05 2027-02-11"]}}', "utf-8"
    )
    clock.advance(hours=1)
    async with open_bureau(settings_on_each, clock) as bureau:
        bureau.ids = ids
        await bureau.office.daily.begin()
        await bureau.act()
        ticket = await bureau.ticket(number)
        assert (ticket.provisional, local(ticket.answer_due)) == (False, "02-17 09:00")
        assert await bureau.kinds(number) == ["opened", "assigned", "moved", "clock"]
        assert (await bureau.told("person"))[-1] == "news:moved"
        # What rests is computed when it goes on.
        assert (await bureau.ticket(paused)).answer_due is None
        await bureau.do("zhou", "supplemented", paused)
        assert not (await bureau.ticket(paused)).provisional
        # And every night again, without moving what is certain.
        assert (await bureau.timers())[CALENDAR].astimezone(LOCAL).strftime("%d %H:%M") == "04 03:00"
        await bureau.wait_until("2027-02-04 03:00")
        assert (await bureau.kinds(number)).count("clock") == 1
        assert await bureau.broken() == []


async def test_a_far_year_never_crashes(bureau: Bureau) -> None:
    bureau.clock.set("2031-09-30T17:00:00+08:00")
    number = await bureau.file(category=Category.PETITION)
    await bureau.wait(days=60)
    ticket = await bureau.ticket(number)
    assert ticket.provisional
    assert ticket.state == State.WAITING
    assert ticket.supervision == 3


async def test_who_does_not_add_what_is_missing_is_reminded_once_and_then_called(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-24 10:00")
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    await bureau.wait_until("2026-11-26 09:59")
    assert (await bureau.told("person"))[-1] == "news:supplement"
    await bureau.wait_until("2026-11-26 10:01")
    assert (await bureau.told("person"))[-1] == "news:supplement_again"
    assert "少一张回单" in (await bureau.said("person"))[-1]
    assert await bureau.tasks(number) == []
    await bureau.wait_until("2026-11-30 10:01")
    assert await bureau.tasks(number) == [("call", False)]
    assert (await bureau.told("101"))[-1] == "task:call"
    await bureau.wait(days=40)
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.answer_due, ticket.breached_at) == ("supplement", None, None)
    assert (await bureau.told("person")).count("news:supplement_again") == 1
    await bureau.say("add_words", number, "补来了")
    assert (await bureau.ticket(number)).state == "working"
    assert await bureau.tasks(number) == [("call", True)]


async def test_who_adds_what_is_missing_is_not_reminded_and_each_asking_has_its_own_time(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    await bureau.wait_until("2026-11-26 09:01")
    await bureau.say("add_words", number, "补来了")
    assert (await bureau.told("person")).count("news:supplement_again") == 1
    await bureau.do("zhou", "ask_supplement", number, "还少一页")
    await bureau.wait_until("2026-11-30 08:59")
    assert (await bureau.told("person")).count("news:supplement_again") == 1
    await bureau.wait_until("2026-11-30 09:02")
    assert (await bureau.told("person")).count("news:supplement_again") == 2


async def test_somebody_without_a_chat_is_called_for_what_is_missing(bureau: Bureau) -> None:
    number = await bureau.file(chat=None)
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    await bureau.do("zhou", "record_contact", number, "说明天送来", how="phone")
    assert await bureau.tasks(number) == [("call", True)]
    await bureau.wait_until("2026-11-26 09:01")
    assert await bureau.tasks(number) == [("call", True), ("call", False)]
