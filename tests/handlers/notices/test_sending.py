"""Campaigns on their way: nobody twice, nobody who said no, and everything acts at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import ColumnElement, delete, false, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import back_off
from bot.clock import FixedClock
from bot.messages import ChannelName
from bot.models import Conversation, Delivery
from bot.outbox import NotSent, Rejected, RetryLater, Unreachable
from bot.settings import Settings
from handlers.notices.campaign import (
    CampaignMoveRefused,
    CampaignUnfit,
    Hold,
    Reason,
    SchedulePast,
    Standing,
    State,
)
from handlers.notices.models import Recipient
from handlers.people.models import Person
from handlers.people.person import Group, Purpose
from tests.handlers.notices.town import CLERK, Town, finished, open_town, sending


async def test_everybody_who_agreed_is_told_once_in_the_chat_they_used_last(town: Town):
    both = await town.person(Group.RETIRED_FISHER, chats=(ChannelName.TELEGRAM, ChannelName.TELEGRAM))
    await town.person(Group.RETIRED_FISHER)
    silent = await town.person(Group.RETIRED_FISHER, consent=None)
    refused = await town.person(Group.RETIRED_FISHER, consent=False)
    other = await town.person(Group.GRADUATE)
    campaign = await town.campaign({"region": "洪湖市", "group": "退捕渔民"})
    done = await finished(town, campaign)
    assert done.counts[Standing.SENT] == done.recipients == 2
    assert len(town.sender.sent) == len({chat for chat, _ in town.sender.sent}) == 2
    assert await town.chat_of(both) in {chat for chat, _ in town.sender.sent}
    for person in (silent, refused, other):
        assert await town.said_to(person) == []


async def test_a_blocked_chat_is_passed_over_for_the_one_that_takes_something(town: Town):
    person = await town.person(chats=("blocked", ChannelName.WEBCHAT))
    campaign = await town.campaign()
    await town.act()
    assert await town.counts(campaign) == {Standing.SENT: 1}
    assert await town.said_to(person) == ["notices/notice"]
    assert await town.pushed() == 0


async def test_whom_no_channel_reaches_is_listed_for_their_helper(town: Town):
    await town.person(chats=("blocked",))
    await town.person(chats=(), consent=None)
    refused = await town.person(chats=(), consent=False)
    campaign = await town.campaign(start=False)
    await town.approve(campaign, size=1)
    await town.begin(campaign)
    await town.act()
    assert await town.counts(campaign) == {Standing.UNREACHABLE: 2}
    assert await town.standing(campaign, refused) == "None"


async def test_paused_nothing_leaves_and_resumed_everybody_gets_it_once(town: Town):
    people = [await town.person() for _ in range(7)]
    campaign = await town.campaign()
    await town.act(2)
    assert await town.pushed() == 7
    async with town.app.database.transaction() as session:
        await town.office.broadcast.pause(session, campaign, CLERK, now=town.now)
    await town.act()
    assert await town.pushed() == 0
    async with town.app.database.transaction() as session:
        await town.office.broadcast.resume(session, campaign, CLERK, now=town.now)
    await finished(town, campaign)
    assert len(town.sender.sent) == len({chat for chat, _ in town.sender.sent}) == 7
    assert [await town.said_to(person) for person in people] == [["notices/notice"]] * 7


async def test_stopped_nobody_else_is_told_and_what_never_left_is_in_no_chat(town: Town):
    people = [await town.person() for _ in range(5)]
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        await town.office.broadcast.stop(session, campaign, CLERK, now=town.now)
    await town.act()
    assert await town.counts(campaign) == {Standing.STOPPED: 5}
    assert await town.pushed() == 0
    assert [await town.said_to(person) for person in people] == [[]] * 5


async def test_who_says_stop_while_it_is_on_its_way_to_them_does_not_get_it(town: Town):
    leaves, stays, one_kind = [await town.person() for _ in range(3)]
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        for person, purpose in ((leaves, Purpose.NOTICES), (one_kind, Purpose.JOB_NOTICES)):
            chat = (await town.register.chats_of(session, person))[0]
            await town.register.answer_consent(session, chat, purpose, given=False, now=town.now)
    await finished(town, campaign)
    assert await town.counts(campaign) == {Standing.SENT: 1, Standing.OPTED_OUT: 2}
    assert [chat for chat, _ in town.sender.sent] == [await town.chat_of(stays)]
    assert await town.said_to(leaves) == []


async def test_who_says_stop_or_is_erased_before_their_turn_is_left_out(settings_on_each: Settings, clock: FixedClock):
    async with open_town(settings_on_each, clock, telegram_rate=1.0) as town:
        people = [await town.person() for _ in range(24)]
        campaign = await town.campaign()
        await town.act(3)
        assert (await town.counts(campaign))[Standing.WAITING] == 4  # the outbox is full
        async with town.app.database.transaction() as session:
            await session.execute(delete(Person).where(Person.id == people[-1]))
            chat = (await town.register.chats_of(session, people[-2]))[0]
            await town.register.answer_consent(session, chat, Purpose.NOTICES, given=False, now=town.now)
        town.connect()
        done = await finished(town, campaign)
        assert done.counts[Standing.SENT] == 22
        assert (done.counts[Standing.ERASED], done.counts[Standing.OPTED_OUT]) == (1, 1)


async def test_of_two_campaigns_at_once_each_person_gets_one(town: Town):
    for _ in range(6):
        await town.person()
    first = await town.campaign(text="一")
    second = await town.campaign(text="二")
    async with sending(town):
        await town.until(lambda found: found.state is State.DONE, first)
        await town.until(lambda found: found.state is State.DONE, second)
    assert len(town.sender.sent) == len({chat for chat, _ in town.sender.sent}) == 6
    assert (await town.counts(second)).get(Standing.SENT, 0) == 0


async def test_the_week_of_a_person_holds_two_notices_whatever_campaigns_say(town: Town, clock: FixedClock):
    await town.person()
    found = []
    for _ in range(3):
        campaign = await town.campaign(recent_days=0, start=False)
        await town.approve(campaign, size=1)
        await town.begin(campaign)
        await finished(town, campaign)
        found.append((await town.progress(campaign)).recipients)
        clock.advance(hours=24)
    assert found == [1, 1, 0]
    clock.advance(days=6)
    campaign = await town.campaign(recent_days=0)
    await finished(town, campaign)
    assert len(town.sender.sent) == 3


@pytest.mark.parametrize(
    ("fault", "standing", "why"),
    [
        (Unreachable(), Standing.UNREACHABLE, "blocked"),
        (Rejected(), Standing.FAILED, "rejected"),
    ],
)
async def test_what_will_never_arrive_is_not_tried_again(town: Town, fault: Exception, standing: Standing, why: str):
    for _ in range(3):
        await town.person()
    town.sender.faults.append(fault)
    campaign = await town.campaign()
    done = await finished(town, campaign)
    assert (done.counts[Standing.SENT], done.counts[standing]) == (2, 1)
    async with town.app.database.reading() as session:
        assert await session.scalar(select(Recipient.fault).where(Recipient.state == str(standing))) == why


async def test_whose_telegram_takes_nothing_any_more_is_told_in_the_web_chat(town: Town):
    person = await town.person(chats=(ChannelName.TELEGRAM, ChannelName.WEBCHAT))
    town.sender.faults.append(Unreachable())
    campaign = await town.campaign()
    await finished(town, campaign)
    assert await town.counts(campaign) == {Standing.SENT: 1}
    assert await town.said_to(person) == ["notices/notice"]


async def test_while_the_token_is_refused_web_chats_are_told(town: Town):
    await town.person()
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        await session.execute(update(Delivery).values(error="telegram_token_refused"))
        await session.execute(update(Recipient).values(state=str(Standing.WAITING)))
    await town.person(chats=(ChannelName.WEBCHAT,))
    other = await town.campaign()
    await town.act(6)
    assert (await town.progress(other)).held == Hold.TOKEN_REFUSED
    assert (await town.counts(other))[Standing.SENT] == 1
    assert campaign != other


async def test_a_passing_fault_is_tried_again_and_only_an_unknown_end_may_be_double(
    town: Town, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.courier.back_off", lambda attempts: back_off(attempts) / 100)
    for _ in range(4):
        await town.person()
    town.sender.faults += [NotSent("NetworkError"), ConnectionError()]
    campaign = await town.campaign()
    done = await finished(town, campaign)
    assert (done.counts[Standing.SENT], done.maybe_repeated) == (4, 1)


async def test_a_refused_token_holds_it_until_the_token_works_again(town: Town):
    for _ in range(3):
        await town.person()
    town.sender.faults += [RetryLater(0.3, "telegram_token_refused")] * 3
    campaign = await town.campaign()
    async with sending(town):
        held = await town.until(lambda found: found.held == Hold.TOKEN_REFUSED, campaign)
        assert (held.state, held.counts[Standing.SENT], held.left) == (State.RUNNING, 0, 3)
        done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert (done.held, done.counts[Standing.SENT], done.maybe_repeated) == ("", 3, 0)


async def test_while_telegram_is_switched_off_its_people_wait_and_others_are_told(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock, telegram_token=None) as town:
        telegram = await town.person()
        await town.person(chats=(ChannelName.WEBCHAT,))
        campaign = await town.campaign()
        await town.act()
        found = await town.progress(campaign)
        assert (found.state, found.held) == (State.RUNNING, Hold.CHANNEL_OFF)
        assert found.counts[Standing.SENT] == 1
    async with open_town(settings_on_each, clock) as town:
        town.connect()
        await finished(town, campaign)
        assert [chat for chat, _ in town.sender.sent] == [await town.chat_of(telegram)]


async def test_at_night_it_is_held_and_goes_on_at_eight(town: Town, clock: FixedClock):
    for _ in range(3):
        await town.person()
    clock.set("2026-03-02T20:59:30+08:00")
    campaign = await town.campaign()
    await town.act(2)
    clock.set("2026-03-02T21:00:00+08:00")
    await town.person()
    async with sending(town):
        held = await town.until(lambda found: found.held == Hold.QUIET, campaign)
        assert (held.counts[Standing.SENT], town.sender.sent) == (0, [])
        clock.set("2026-03-03T07:59:59+08:00")
        await town.act(2)
        assert town.sender.sent == []
        clock.set("2026-03-03T08:00:00+08:00")
        done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert done.counts[Standing.SENT] == len(town.sender.sent) == 3


async def test_a_set_time_is_kept_and_one_that_has_passed_is_refused(town: Town, clock: FixedClock):
    await town.person()
    campaign = await town.campaign(start=False)
    await town.approve(campaign)
    broadcast = town.office.broadcast
    with pytest.raises(SchedulePast):
        async with town.app.database.transaction() as session:
            await broadcast.schedule(session, campaign, CLERK, at=town.now - timedelta(minutes=1), now=town.now)
    async with town.app.database.transaction() as session:
        await broadcast.schedule(session, campaign, CLERK, at=town.now + timedelta(hours=1), now=town.now)
    await town.act()
    assert (await town.progress(campaign)).state is State.SCHEDULED
    clock.advance(hours=1)
    await town.act(2)
    assert (await town.counts(campaign)) == {Standing.QUEUED: 1}


async def test_an_audience_of_nobody_is_not_approved(town: Town):
    campaign = await town.campaign(start=False)
    with pytest.raises(CampaignUnfit) as refused:
        await town.approve(campaign)
    assert refused.value.data["faults"] == {"audience": "nobody"}
    with pytest.raises(CampaignMoveRefused):
        await town.begin(campaign)


async def test_where_nobody_has_a_chat_the_list_for_their_helpers_does_not_wait_for_the_morning(
    town: Town, clock: FixedClock
):
    for _ in range(2):
        await town.person(chats=())
    clock.set("2026-03-02T23:00:00+08:00")
    campaign = await town.campaign()
    await town.act()
    found = await town.progress(campaign)
    assert (found.state, found.held) == (State.DONE, "")
    assert await town.counts(campaign) == {Standing.UNREACHABLE: 2}


@dataclass
class Fair:
    """An offer with so many places."""

    seats: int
    code: str = "1024"
    kind: str = "fair"
    title: str = "渔民专场"
    when: str = "3月7日"
    where: str = "新堤"
    registered: set[int] = field(default_factory=set)

    @property
    def seats_left(self) -> int:
        return self.seats - len(self.registered)

    @property
    def full(self) -> bool:
        return not self.seats_left

    takes = property(lambda self: not self.full)

    async def look(self, session: AsyncSession, code: str) -> Fair | None:
        return self if code == self.code else None

    def is_registered(self, person_id: ColumnElement[int], code: str) -> ColumnElement[bool]:
        return person_id.in_(self.registered)

    def registered_since(
        self, person_id: ColumnElement[int], code: str, since: ColumnElement[datetime]
    ) -> ColumnElement[bool]:
        return person_id.in_(self.registered)

    def has_come(self, person_id: ColumnElement[int], code: str) -> ColumnElement[bool]:
        return false()


async def test_a_full_fair_stops_its_campaign_and_who_is_registered_is_not_asked(
    settings_on_each: Settings, clock: FixedClock
):
    fair = Fair(seats=2)
    async with open_town(settings_on_each, clock, offers=fair, telegram_rate=1.0) as town:  # type: ignore[arg-type]
        people = [await town.person() for _ in range(30)]
        fair.registered.add(people[0])
        campaign = await town.campaign(text="{title} {when} {where}，还有{seats}个位子", offer=fair.code)
        await town.act(3)
        assert (await town.counts(campaign)) == {Standing.QUEUED: 20, Standing.WAITING: 9}
        fair.registered.add(people[1])
        await town.act(3)
        found = await town.progress(campaign)
        assert (found.state, found.reason) == (State.STOPPED, Reason.OFFER_FULL)
        assert found.counts[Standing.STOPPED] == 29


async def test_an_offer_that_is_not_there_is_not_advertised(town: Town):
    await town.person()
    campaign = await town.campaign(start=False, offer="999")
    with pytest.raises(CampaignUnfit) as refused:
        await town.approve(campaign)
    assert refused.value.data["faults"] == {"offer": "unknown"}


async def test_a_chat_that_a_turn_holds_is_told_after_it(town: Town):
    person = await town.person()
    campaign = await town.campaign()
    if not town.app.database.is_sqlite:  # there nobody else writes while a turn does
        async with town.app.database.transaction() as session:
            chat = (await town.register.chats_of(session, person))[0]
            await session.execute(select(Conversation.id).where(Conversation.id == chat).with_for_update())
            await town.act(3)
            assert await town.counts(campaign) == {Standing.WAITING: 1}
    await town.act(3)
    assert await town.counts(campaign) == {Standing.QUEUED: 1}


async def test_what_was_in_flight_when_it_was_paused_is_not_tried_again(town: Town):
    await town.person()
    campaign = await town.campaign()
    await town.act(2)
    async with town.app.database.transaction() as session:
        await session.execute(update(Delivery).values(token="held", attempts=1))
        await town.office.broadcast.pause(session, campaign, CLERK, now=town.now)
    async with town.app.database.transaction() as session:
        await session.execute(update(Delivery).values(token=None))  # it failed, and would be sent once more
    await town.act()
    assert await town.pushed() == 0
