"""What staff do with tickets: taking and giving, working, and who may do what."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from bot.staff.accounts import Duty, NoSuchAccount
from bot.staff.roles import Role
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.desk import AlreadyTaken, AssigneeUnfit, ReturnRefused, WordsMissing
from handlers.tickets.labels import queue_name
from handlers.tickets.ticket import Category, MoveRefused, ReasonMissing, State, Supervision
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, Bureau, open_bureau, regions, staffed


async def test_the_first_who_claims_has_it_and_it_is_accepted(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.handler_id, ticket.accepted_at) == ("accepted", bureau.ids["zhou"], bureau.now)
    assert await bureau.kinds(number) == ["opened", "assigned", "moved"]
    assert await bureau.told("person") == ["news:accepted"]


async def test_the_second_is_told_who_was_first_and_nothing_is_overwritten(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    both = await asyncio.gather(
        bureau.do("zhou", "claim", number), bureau.do("li", "claim", number), return_exceptions=True
    )
    refused = [found for found in both if isinstance(found, BaseException)]
    assert [type(found) for found in refused] == [AlreadyTaken]
    winner = "li" if both[0] is refused[0] else "zhou"
    ticket = await bureau.ticket(number)
    assert ticket.handler_id == bureau.ids[winner]
    assert isinstance(refused[0], AlreadyTaken)
    assert refused[0].data["by"] == winner
    assert (await bureau.kinds(number)).count("assigned") == 1
    assert await bureau.broken() == []


async def test_many_at_once_leave_one_unbroken_chain(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    notes = [bureau.do("zhou", "note", number, f"{place}") for place in range(8)]
    hurries = [bureau.say("urge", number) for _ in range(4)]
    await asyncio.gather(*notes, *hurries)
    ticket = await bureau.ticket(number)
    assert (ticket.urged, ticket.entries) == (4, 3 + 8 + 4)
    assert await bureau.broken() == []


@pytest.mark.postgres
async def test_a_person_and_a_clerk_at_once_in_two_processes(
    settings: Settings, postgres_url: str, clock: FixedClock
) -> None:
    there = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with open_bureau(there, clock) as first, open_bureau(there, clock) as second:
        await staffed(first)
        second.ids = first.ids
        number = await first.file()
        conversation = await first.chat("person")
        # The person's turn looks at the ticket before it has the lock, and meanwhile a clerk acts.
        async with second.work() as session:
            await second.office.cabinet.of_conversation(session, conversation)
            await first.do("zhou", "claim", number)
            ticket = await second.office.cabinet.access_own(session, conversation, number)
            assert ticket.state == "accepted"
            await second.office.filing.add_words(session, ticket, "还有一件事", now=second.now)
        assert await first.kinds(number) == ["opened", "assigned", "moved", "heard"]
        assert await first.broken() == []


@pytest.mark.parametrize("name", ["stranger", "boss"])
@pytest.mark.parametrize(
    ("act", "words", "more"),
    [
        ("claim", (), {}),
        ("note", ("x",), {}),
        ("transfer", (Category.LABOUR,), {"reason": "x"}),
        ("unseal", (), {"reason": "x"}),
        ("give_code", (), {}),
        ("set_flags", (), {"reason": "x", "urgent": True}),
    ],
)
async def test_another_county_gets_the_same_error_as_for_an_unknown_number(
    bureau: Bureau, name: str, act: str, words: tuple[object, ...], more: dict[str, object]
) -> None:
    number = await bureau.file()
    seen = []
    for asked in (number, "261124-99999"):
        with pytest.raises(NoSuchTicket) as refused:
            await bureau.do(name, act, asked, *words, **more)
        seen.append((refused.value.code, set(refused.value.data)))
    assert seen[0] == seen[1]
    assert await bureau.kinds(number) == ["opened"]


@pytest.mark.parametrize("name", ["auditor", "helper"])
@pytest.mark.parametrize(
    ("act", "words", "more"),
    [
        ("claim", (), {}),
        ("reply", ("x",), {}),
        ("record_contact", ("x",), {"how": "phone"}),
        ("answer", ("x",), {"closing": "solved"}),
        ("change_facts", ({"people": 3},), {"reason": "x"}),
        ("give_code", (), {}),
        ("set_flags", (), {"reason": "x", "urgent": True}),
        ("supervise", (Supervision.RED,), {"reason": "x"}),
        ("assign", (None,), {}),
    ],
)
async def test_whoever_works_no_tickets_is_refused(
    bureau: Bureau, name: str, act: str, words: tuple[object, ...], more: dict[str, object]
) -> None:
    number = await bureau.file()
    with pytest.raises(MoveRefused):
        await bureau.do(name, act, number, *words, **more)
    assert await bureau.kinds(number) == ["opened"]


async def test_what_is_over_is_not_claimed_or_assigned(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.say("withdraw", number)
    for name, act, words in (("zhou", "claim", ()), ("sun", "assign", (bureau.ids["li"],))):
        with pytest.raises(MoveRefused):
            await bureau.do(name, act, number, *words)
    assert (await bureau.ticket(number)).handler_id is None


# -- by turns -----------------------------------------------------------------------------------------------


async def test_work_goes_by_turns_to_whoever_has_least(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    await bureau.queue("社保", shares=True)
    for _ in range(4):
        await bureau.file()
        bureau.clock.advance(minutes=1)
    async with bureau.work() as session:
        queue = await bureau.office.queues.find(session, "社保")
        members = {member.staff_id: member.open for member in await bureau.office.queues.on_duty(session, queue.id)}
    assert members == {bureau.ids["zhou"]: 2, bureau.ids["li"]: 2}


async def test_the_away_and_the_disabled_get_nothing(bureau: Bureau) -> None:
    await bureau.queue("社保", shares=True)
    await bureau.go("zhou", Duty.AWAY)
    numbers = [await bureau.file() for _ in range(3)]
    assert {(await bureau.ticket(number)).handler_id for number in numbers} == {bureau.ids["li"]}
    await bureau.dismiss("li")
    assert (await bureau.ticket(await bureau.file())).handler_id is None


async def test_a_leader_assigns_to_somebody_or_by_turns(bureau: Bureau) -> None:
    number, other = await bureau.file(), await bureau.file()
    await bureau.do("sun", "assign", number, bureau.ids["li"])
    await bureau.do("sun", "assign", other, None)
    assert (await bureau.ticket(number)).handler_id == bureau.ids["li"]
    assert (await bureau.ticket(other)).handler_id == bureau.ids["zhou"]
    assert (await bureau.told("102"))[-1] == "card:assigned"
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "assign", number, bureau.ids["zhou"])


@pytest.mark.parametrize(("name", "why"), [("stranger", "elsewhere"), ("auditor", "gone"), ("li", "away")])
async def test_work_is_not_given_to_who_cannot_do_it(bureau: Bureau, name: str, why: str) -> None:
    number = await bureau.file()
    await bureau.go("li", Duty.AWAY)
    with pytest.raises(AssigneeUnfit) as refused:
        await bureau.do("sun", "assign", number, bureau.ids[name])
    assert refused.value.data["why"] == why
    assert (await bureau.ticket(number)).handler_id is None


async def test_a_leavers_tickets_are_shared_out_or_given_to_one(bureau: Bureau) -> None:
    await bureau.hire("wang", Role.CLERK, HONGHU, "社保")
    numbers = [await bureau.file() for _ in range(4)]
    for number in numbers:
        await bureau.do("zhou", "claim", number)
    await bureau.solve("zhou", numbers[0])
    async with bureau.work() as session:
        sun, boss = await bureau.staff(session, "sun"), await bureau.staff(session, "boss")
        desk, zhou = bureau.office.desk, bureau.ids["zhou"]
        with pytest.raises(NoSuchAccount):
            await desk.hand_over(session, boss, zhou, None, now=bureau.now)
        assert await desk.hand_over(session, sun, zhou, None, now=bureau.now) == 4
    still_open = [(await bureau.ticket(number)).handler_id for number in numbers[1:]]
    assert set(still_open) == {bureau.ids["li"], bureau.ids["wang"]}
    async with bureau.work() as session:
        sun = await bureau.staff(session, "sun")
        count = await bureau.office.desk.hand_over(session, sun, bureau.ids["li"], bureau.ids["wang"], now=bureau.now)
        assert count == 4 - still_open.count(bureau.ids["wang"])
    assert {(await bureau.ticket(number)).handler_id for number in numbers} == {bureau.ids["wang"]}


# -- moving on ----------------------------------------------------------------------------------------------


async def test_a_transfer_needs_a_reason_and_the_clock_goes_on(bureau: Bureau) -> None:
    number = await bureau.file()
    before = await bureau.ticket(number)
    with pytest.raises(ReasonMissing):
        await bureau.do("zhou", "transfer", number, Category.LABOUR, reason=" ")
    await bureau.do("zhou", "transfer", number, Category.LABOUR, reason="是欠薪")
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.category, ticket.handler_id) == ("waiting", "labour", None)
    assert (ticket.answer_due, ticket.queue_id) != (before.answer_due, before.queue_id)
    assert ticket.answer_due == before.answer_due
    assert await bureau.told("person") == ["news:transferred"]


async def test_a_category_without_a_queue_goes_to_the_general_one(bureau: Bureau) -> None:
    number = await bureau.file(category=Category.TRAINING)
    async with bureau.work() as session:
        general = await bureau.office.queues.find(session, "综合")
    assert (await bureau.ticket(number)).queue_id == general.id


async def test_a_county_without_any_queue_gets_one_even_if_its_name_is_taken(bureau: Bureau) -> None:
    county = "420881"
    await bureau.queue(queue_name(regions().full_name(county), "general"), LUOZHUANG, Category.TRAINING)
    number = await bureau.file(region=county + "100")
    assert (await bureau.ticket(number)).queue_id is not None


async def test_returned_once_within_a_working_day_then_the_supervisor_decides(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.wait_until("2026-11-25 08:59")
    await bureau.do("zhou", "return_ticket", number, reason="不归社保")
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.handler_id, ticket.returns) == ("returned", None, 1)
    assert "card:returned" in await bureau.told("103")
    for name, act, words in (("li", "claim", ()), ("sun", "assign", (bureau.ids["li"],))):
        with pytest.raises(MoveRefused):
            await bureau.do(name, act, number, *words)
    with pytest.raises(MoveRefused):
        await bureau.do("zhou", "reassign", number, Category.LABOUR, reason="x")
    await bureau.do("sun", "reassign", number, Category.INSURANCE, reason="就归社保")
    with pytest.raises(ReturnRefused) as refused:
        await bureau.do("zhou", "return_ticket", number, reason="再退")
    assert refused.value.data["again"] is True


async def test_not_returned_after_a_working_day(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.wait_until("2026-11-25 09:01")
    with pytest.raises(ReturnRefused) as refused:
        await bureau.do("zhou", "return_ticket", number, reason="不归社保")
    assert refused.value.data["again"] is False
    assert (await bureau.ticket(number)).state == State.WAITING


async def test_words_to_the_person_take_the_ticket_and_count_as_a_contact(bureau: Bureau) -> None:
    number = await bureau.file()
    with pytest.raises(WordsMissing):
        await bureau.do("zhou", "reply", number, "  ")
    await bureau.do("zhou", "reply", number, "您好")
    ticket = await bureau.ticket(number)
    assert (ticket.state, ticket.handler_id) == ("working", bureau.ids["zhou"])
    assert (ticket.accepted_at, ticket.contacted_at) == (bureau.now, bureau.now)
    assert (await bureau.told("person"))[-1] == "staff_words"


async def test_words_that_reach_nobody_are_no_contact(bureau: Bureau) -> None:
    number = await bureau.file(chat=None)
    await bureau.do("zhou", "reply", number, "您好")
    assert (await bureau.ticket(number)).contacted_at is None
    await bureau.do("zhou", "ask_supplement", number, "少一张回单")
    assert (await bureau.ticket(number)).contacted_at is None
    assert await bureau.tasks(number) == [("call", False)]
    await bureau.do("zhou", "record_contact", number, "打了电话", how="phone")
    assert await bureau.tasks(number) == [("call", True)]


async def test_a_note_is_never_told_to_the_person(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("zhou", "note", number, "内部")
    assert await bureau.told("person") == []


async def test_a_fact_is_put_right_with_a_reason_and_what_it_was_stays(bureau: Bureau) -> None:
    number = await bureau.file(facts={"people": 3})
    with pytest.raises(WordsMissing):
        await bureau.do("zhou", "change_facts", number, {"people": 5}, reason="")
    await bureau.do("zhou", "change_facts", number, {"people": 5}, reason="群众更正")
    assert (await bureau.ticket(number)).facts == {"people": 5}
    entry = (await bureau.entries(number))[-1]
    assert entry.data == {"before": {"people": 3}, "after": {"people": 5}}


async def test_urgent_shortens_and_never_lengthens(bureau: Bureau) -> None:
    number = await bureau.file()
    before = await bureau.ticket(number)
    await bureau.do("zhou", "set_flags", number, reason="急", urgent=True)
    after = await bureau.ticket(number)
    assert before.accept_due is not None
    assert before.answer_due is not None
    assert after.accept_due is not None
    assert after.answer_due is not None
    assert after.accept_due < before.accept_due
    assert after.answer_due <= before.answer_due


async def test_what_is_confidential_stays_so(bureau: Bureau) -> None:
    number = await bureau.file(confidential=True)
    with pytest.raises(MoveRefused):
        await bureau.do("sun", "set_flags", number, reason="x", confidential=False)
    assert (await bureau.ticket(number)).confidential


# -- numbers ------------------------------------------------------------------------------------------------


async def test_numbers_filed_at_once_are_all_different(bureau_on_each: Bureau) -> None:
    bureau = bureau_on_each
    await bureau.chat("person")
    numbers = await asyncio.gather(*(bureau.file() for _ in range(8)))
    assert len(set(numbers)) == 8
    assert {number[:9] for number in numbers} == {"261124-00"}


async def test_the_day_of_a_number_is_the_local_one(bureau: Bureau) -> None:
    bureau.clock.set("2026-11-24T23:59:00+08:00")
    late = await bureau.file()
    bureau.clock.advance(minutes=2)
    early = await bureau.file(region=TOWN)
    assert (late[:11], early[:11]) == ("261124-0001", "261125-0001")


async def test_an_anonymous_ticket_holds_no_name(bureau: Bureau) -> None:
    ticket = await bureau.ticket(await bureau.file(anonymous=True))
    assert (ticket.name, ticket.phone, ticket.phone_digest) == (None, None, None)


async def test_a_grave_matter_is_repeated_until_somebody_claims_it(bureau: Bureau) -> None:
    number = await bureau.file(is_group=True)
    assert "card:new" in await bureau.told("103")
    await bureau.wait_until(bureau.now + timedelta(minutes=35))
    assert (await bureau.told("-100")).count("card:unclaimed") == 3
    await bureau.do("li", "claim", number)
    await bureau.wait_until(bureau.now + timedelta(minutes=35))
    assert (await bureau.told("-100")).count("card:unclaimed") == 3


async def test_a_matter_that_is_found_to_be_many_peoples_is_repeated_too(bureau: Bureau) -> None:
    number = await bureau.file()
    await bureau.do("sun", "set_flags", number, reason="十三家都没发", is_group=True)
    await bureau.wait_until(bureau.now + timedelta(minutes=25))
    assert (await bureau.told("-100")).count("card:unclaimed") == 2
    await bureau.do("li", "claim", number)
    await bureau.wait_until(bureau.now + timedelta(minutes=35))
    assert (await bureau.told("-100")).count("card:unclaimed") == 2


async def test_a_grave_matter_that_nobody_has_any_more_is_repeated_again(bureau: Bureau) -> None:
    number = await bureau.file(is_group=True)
    await bureau.do("li", "claim", number)
    await bureau.wait_until(bureau.now + timedelta(minutes=35))
    assert (await bureau.told("-100")).count("card:unclaimed") == 0
    for name in ("zhou", "li"):
        await bureau.go(name, Duty.AWAY)
    await bureau.do("sun", "hand_over", bureau.ids["li"], None)
    assert (await bureau.ticket(number)).handler_id is None
    await bureau.wait_until(bureau.now + timedelta(minutes=15))
    assert (await bureau.told("-100")).count("card:unclaimed") == 1
