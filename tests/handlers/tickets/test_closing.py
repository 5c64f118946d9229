"""How a matter ends: the answer, what the person says of it, and what comes after."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import Address, ChannelName
from bot.staff.accounts import Duty
from handlers.tickets.cabinet import Person
from handlers.tickets.desk import ContactMissing, WordsMissing
from handlers.tickets.reopening import Objection
from handlers.tickets.tasks import NoSuchTask, TaskKind
from handlers.tickets.ticket import Closing, Move, MoveRefused, ReasonMissing, Role, Satisfaction, State
from handlers.tickets.timeline import Actor
from tests.handlers.tickets.bureau import Bureau

# -- the answer ---------------------------------------------------------------------------------------------


async def test_no_answer_without_a_recorded_contact(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "answer", number, "查清了", closing="solved")
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    await bureau.say("add_words", number, "给您")
    async with bureau.work() as session:
        (await bureau.office.cabinet.find(session, number)).contacted_at = None
    with pytest.raises(ContactMissing):
        await bureau.do("zhou", "answer", number, "查清了", closing="solved")
    await bureau.do("zhou", "record_contact", number, "说清楚了", how="phone")
    with pytest.raises(WordsMissing):
        await bureau.do("zhou", "answer", number, " ", closing="solved")
    await bureau.do("zhou", "answer", number, "查清了", closing="solved")
    assert (await bureau.ticket(number)).state == State.ANSWERED
    assert (await bureau.told("person"))[-1] == "answered"


async def test_what_waits_for_review_is_not_answered_past_the_leader(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "reply", number, "您好")
    await bureau.do("zhou", "submit", number, "查清了")
    assert "card:review" in await bureau.told("103")
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "answer", number, "查清了", closing="solved")
    ticket = await bureau.ticket(number)
    async with bureau.work() as session:
        zhou, sun = await bureau.staff(session, "zhou"), await bureau.staff(session, "sun")
    assert Move.ANSWER not in bureau.office.desk.allowed(zhou, ticket)
    assert Move.ANSWER in bureau.office.desk.allowed(sun, ticket)
    await bureau.do("sun", "send_back", number, reason="写明日期")
    await bureau.do("zhou", "submit", number, "3月1日补发")
    await bureau.do("sun", "answer", number, "3月1日补发", closing="solved")
    assert (await bureau.ticket(number)).state == State.ANSWERED


async def test_an_answer_that_reaches_nobody_becomes_a_call(bureau: Bureau) -> None:
    number = await bureau.file(chat=None)
    await bureau.solve("zhou", number)
    assert await bureau.tasks(number) == [("call", False)]
    await bureau.do("zhou", "hear", number, "说好了", solved=True)
    assert (await bureau.ticket(number)).state == State.HEARD
    assert await bureau.tasks(number) == [("call", True)]


async def test_rejected_with_the_right_door_and_archived_later(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "reject", number, reason="归医保", door="医保局")
    assert (await bureau.ticket(number)).state == State.REJECTED
    assert (await bureau.told("person"))[-1] == "news:rejected"
    assert (await bureau.entries(number))[-1].data["door"] == "医保局"
    await bureau.wait(days=31)
    assert (await bureau.ticket(number)).state == State.ARCHIVED


async def test_withdrawn_while_it_is_open_and_not_after(bureau: Bureau) -> None:
    number, other = await bureau.file(), await bureau.file()
    await bureau.say("withdraw", number)
    assert (await bureau.ticket(number)).state == State.WITHDRAWN
    await bureau.solve("zhou", other)
    with pytest.raises(MoveRefused):
        await bureau.say("withdraw", other)
    assert f"ticket:{(await bureau.ticket(number)).id}" not in await bureau.timers()


async def test_merged_and_all_are_told_the_one_answer(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    first, second = await bureau.file("first"), await bureau.file("second")
    chat = await bureau.chat("friend")
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, second)
        await bureau.office.filing.join(session, ticket, Person("示例·李某", "13900001234"), chat, now=bureau.now)
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "merge", first, first, reason="一件事")
    with pytest.raises(ReasonMissing):
        await bureau.do("zhou", "merge", second, first, reason="")
    await bureau.do("zhou", "merge", second, first, reason="一件事")
    assert (await bureau.ticket(second)).state == State.MERGED
    await bureau.solve("zhou", first)
    for chat_name in ("first", "second", "friend"):
        assert (await bureau.told(chat_name)).count("answered") == 1, chat_name
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "merge", await bureau.file("third"), first, reason="已经答复了")
    assert await bureau.broken() == []


async def test_two_clerks_who_merge_both_ways_at_once_do_not_wait_for_each_other(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    first, second = await bureau.file("first"), await bureau.file("second")
    async with asyncio.timeout(20):
        done = await asyncio.gather(
            bureau.do("zhou", "merge", second, first, reason="x"),
            bureau.do("li", "merge", first, second, reason="x"),
            return_exceptions=True,
        )
    assert [type(found) for found in done if isinstance(found, BaseException)] == [MoveRefused]
    assert {(await bureau.ticket(number)).state for number in (first, second)} == {"merged", "waiting"}


# -- what the person says -----------------------------------------------------------------------------------


async def test_solved_is_heard_and_archived_after_thirty_days(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.solved, ticket.heard_at) == ("heard", True, bureau.now)
    await bureau.wait(days=29)
    assert (await bureau.ticket(number)).state == State.HEARD
    await bureau.wait(days=2)
    assert (await bureau.ticket(number)).state == State.ARCHIVED
    assert await bureau.broken() == []


async def test_not_solved_reopens_once_to_somebody_else_one_level_up_with_a_new_clock(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.wait(days=1)
    assert await bureau.say("object", number, "没到账") is Objection.REOPENED
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.level, ticket.handler_id) == ("working", 1, bureau.ids["li"])
    assert (ticket.clock_from, ticket.warned, ticket.contacted_at) == (bureau.now, [], None)
    assert ticket.answer_due is not None
    assert ticket.answer_due > bureau.now
    assert (await bureau.told("person"))[-1] == "news:reopened"
    assert (await bureau.told("102"))[-1] == "card:assigned"
    assert "card:reopened" in await bureau.told("103")
    # A new contact is needed for the new answer.
    with pytest.raises(ContactMissing):
        await bureau.do("li", "answer", number, "又查了", closing="solved")


async def test_a_second_not_solved_is_for_the_head_to_decide(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("object", number, "没到账")
    await bureau.solve("li", number)
    assert await bureau.say("object", number, "还是没到账") is Objection.TO_HEAD
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.solved, ticket.level) == ("heard", False, 1)
    assert await bureau.tasks(number) == [("unsolved", False)]
    assert (await bureau.told("104"))[-1] == "task:unsolved"
    assert await bureau.say("object", number, "还是没到账") is Objection.LINKED
    with pytest.raises(MoveRefused):
        await bureau.do("li", "reopen", number, reason="再办")
    with pytest.raises(ReasonMissing):
        await bureau.do("head", "reopen", number, reason="")
    await bureau.do("head", "reopen", number, reason="再办")
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.level, ticket.handler_id) == ("working", 2, bureau.ids["zhou"])
    assert await bureau.tasks(number) == [("unsolved", True)]
    assert await bureau.broken() == []


@pytest.mark.parametrize("closing", [Closing.EXPLAINED, Closing.PROCEDURAL])
async def test_what_was_explained_or_closed_for_form_is_linked_and_not_reopened(
    bureau: Bureau, closing: Closing
) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number, closing=closing)
    assert await bureau.say("object", number, "不服") is Objection.LINKED
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.solved, ticket.level) == ("heard", False, 0)
    assert "objected" in await bureau.kinds(number)
    assert (await bureau.told("101"))[-1] == "card:objected"


@pytest.mark.parametrize(("days", "came_of_it"), [(29.9, Objection.REOPENED), (30.0, Objection.REOPENED)])
async def test_what_was_solved_and_comes_back_within_thirty_days_is_reopened(
    bureau: Bureau, days: float, came_of_it: Objection
) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    bureau.clock.advance(days=days)
    assert await bureau.say("object", number, "又停发了") is came_of_it
    assert (await bureau.ticket(number)).level == 1


async def test_what_comes_back_again_goes_up_again(bureau: Bureau) -> None:
    number = await bureau.file()
    for level, clerk in ((1, "zhou"), (2, "li")):
        await bureau.solve(clerk, number)
        await bureau.say("confirm_solved", number)
        assert await bureau.say("object", number, "又停发了") is Objection.REOPENED
        assert (await bureau.ticket(number)).level == level


async def test_after_thirty_days_it_is_a_new_matter(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    await bureau.wait(days=30.1)
    assert await bureau.say("object", number, "又停发了") is Objection.LINKED
    assert (await bureau.ticket(number)).state == State.ARCHIVED


async def test_a_call_that_hears_not_solved_reopens_as_well(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.do("zhou", "hear", number, "电话里说没到账", solved=False)
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.level, ticket.handler_id) == ("working", 1, bureau.ids["li"])


async def test_where_nobody_else_is_there_a_reopened_ticket_waits_for_one(bureau: Bureau) -> None:
    await bureau.go("li", Duty.AWAY)
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("object", number, "没到账")
    assert (await bureau.ticket(number)).handler_id is None
    assert "card:reopened" in await bureau.told("-100")
    bureau.clock.advance(minutes=5)
    await bureau.do("sun", "claim", number)
    ticket = await bureau.ticket(number)
    assert (ticket.handler_id, ticket.accepted_at) == (bureau.ids["sun"], bureau.now)


async def test_a_bad_rating_opens_a_task_of_one_working_day(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    with pytest.raises(MoveRefused):
        await bureau.say("rate", number, Satisfaction.DISSATISFIED)
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    await bureau.say("rate", number, Satisfaction.DISSATISFIED)
    assert await bureau.tasks(number) == [("bad_rating", False)]
    assert (await bureau.told("101"))[-1] == "task:bad_rating"
    due = {key: at for key, at in (await bureau.timers()).items() if key.startswith("task:")}
    assert [at.isoformat() for at in due.values()] == ["2026-11-25T01:00:00+00:00"]
    await bureau.wait_until("2026-11-25 09:01")
    assert (await bureau.told("103"))[-1] == "task:bad_rating:overdue"
    actor = Actor(Role.CLERK, bureau.ids["zhou"])
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await bureau.office.tasks.done(session, ticket, TaskKind.BAD_RATING, "嫌慢", actor=actor, now=bureau.now)
        with pytest.raises(NoSuchTask):
            await bureau.office.tasks.done(session, ticket, TaskKind.BAD_RATING, "嫌慢", actor=actor, now=bureau.now)
    assert await bureau.tasks(number) == [("bad_rating", True)]
    for _ in range(2):  # at the same time, too: the second is a task of its own
        await bureau.say("rate", number, Satisfaction.DISSATISFIED)
        async with bureau.work() as session:
            ticket = await bureau.office.cabinet.find(session, number)
            await bureau.office.tasks.settle(session, ticket, TaskKind.BAD_RATING, actor=actor, now=bureau.now)
    assert await bureau.tasks(number) == [("bad_rating", True)] * 3


@pytest.mark.parametrize("satisfaction", [Satisfaction.SATISFIED, Satisfaction.MOSTLY])
async def test_a_good_rating_opens_none(bureau: Bureau, satisfaction: Satisfaction) -> None:
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("confirm_solved", number)
    await bureau.say("rate", number, satisfaction)
    assert await bureau.tasks(number) == []
    assert (await bureau.ticket(number)).satisfaction == satisfaction


async def test_silence_is_asked_again_after_two_working_days_then_somebody_calls(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file(chat="555", channel=ChannelName.TELEGRAM)
    await bureau.solve("zhou", number)
    await bureau.wait_until("2026-11-26 08:59")
    assert (await bureau.told("555")).count("answered") == 1
    await bureau.wait_until("2026-11-26 09:01")
    assert (await bureau.told("555")).count("answered") == 2
    assert await bureau.tasks(number) == []
    await bureau.wait_until("2026-11-30 09:01")
    assert await bureau.tasks(number) == [("call", False)]
    assert (await bureau.told("101"))[-1] == "task:call"
    await bureau.wait(days=20)
    assert (await bureau.told("555")).count("answered") == 2
    await bureau.do("zhou", "hear", number, "说好了", solved=True)
    assert await bureau.tasks(number) == [("call", True)]


async def test_whoever_answers_is_not_asked_again(bureau: Bureau) -> None:
    number = await bureau.file(chat="555", channel=ChannelName.TELEGRAM)
    await bureau.solve("zhou", number)
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.find(session, number)
        await bureau.office.filing.confirm_solved(session, ticket, now=bureau.now)
    await bureau.wait(days=10)
    assert (await bureau.told("555")).count("answered") == 1
    assert await bureau.tasks(number) == []


async def test_news_in_a_web_chat_that_nobody_reads_becomes_a_call(bureau: Bureau) -> None:
    number = await bureau.file(channel=ChannelName.WEBCHAT)
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-26 08:59")
    assert await bureau.tasks(number) == []
    await bureau.wait_until("2026-11-26 09:01")
    assert await bureau.tasks(number) == [("call", False)]


async def test_what_was_read_becomes_no_call_and_what_came_later_has_its_own_time(bureau: Bureau) -> None:
    number = await bureau.file(channel=ChannelName.WEBCHAT)
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-25 09:00")
    await bureau.app.conversation.mark_seen(Address(ChannelName.WEBCHAT, "person"), 1)
    await bureau.do("zhou", "reply", number, "您好")
    await bureau.wait_until("2026-11-27 08:59")
    assert await bureau.tasks(number) == []
    await bureau.wait_until("2026-11-27 09:01")
    assert await bureau.tasks(number) == [("call", False)]


async def test_who_writes_back_needs_no_call(bureau: Bureau) -> None:
    number = await bureau.file(channel=ChannelName.WEBCHAT)
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-26 09:01")
    conversation = await bureau.chat("person", ChannelName.WEBCHAT)
    async with bureau.work() as session:
        ticket = await bureau.office.cabinet.access_own(session, conversation, number)
        await bureau.office.filing.add_words(session, ticket, "看到了", now=bureau.now)
    assert await bureau.tasks(number) == [("call", True)]


async def test_terminals_and_pushing_channels_are_not_watched(bureau: Bureau) -> None:
    numbers = [await bureau.file(), await bureau.file("555", ChannelName.TELEGRAM)]
    for number in numbers:
        await bureau.do("zhou", "claim", number)
    await bureau.wait(days=5)
    assert [await bureau.tasks(number) for number in numbers] == [[], []]
