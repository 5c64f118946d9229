"""Messages to send: at least once, in order per chat, at the bot's rate, by several processes together."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from bot.app import App, build
from bot.background import claim, free_leases
from bot.clock import FixedClock
from bot.messages import Address, ChannelName, Incoming
from bot.models import Conversation, Delivery, Rate
from bot.outbox import Priority, Rejected, RetryLater, Unreachable
from bot.pacing import ChatPace, reserve_chats, reserve_slots
from bot.settings import Settings
from tests.fakes import FakeSender, Said, sending, wire_fakes

CHAT = Address(ChannelName.TELEGRAM, "100", "7")
STAFF = Address(ChannelName.TELEGRAM, "-500", "7")


def say(text: str, event: str, to: Address = CHAT) -> Incoming:
    return Incoming(to, event, text)


def register(app: App, *, rate: float = 0.0, pace: ChatPace = ChatPace()) -> FakeSender:  # noqa: B008  # frozen
    sender = FakeSender()
    app.courier.register(ChannelName.TELEGRAM, sender, bot="7", rate=rate, pace_of=lambda _: pace)
    return sender


async def states(app: App) -> Counter[str]:
    async with app.database.reading() as session:
        found = await session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
        return Counter({state: count for state, count in found})  # noqa: C416  # rows are no pairs to mypy


async def settled(app: App, **wanted: int) -> None:
    async with asyncio.timeout(15):
        while await states(app) != Counter(wanted):  # noqa: ASYNC110  # the rows set no event
            await asyncio.sleep(0.02)


async def test_replies_leave_right_after_the_commit_in_order(app_on_each: App) -> None:
    sender = register(app_on_each)
    async with sending(app_on_each):
        for n in range(5):
            await app_on_each.conversation.respond(say(f"问 {n}", f"e{n}"))
        await settled(app_on_each, done=6)
    assert sender.texts()[1:] == [f"第 {n + 1} 答：问 {n}" for n in range(5)]


async def test_a_retried_event_is_not_sent_twice(app_on_each: App) -> None:
    sender = register(app_on_each)
    async with sending(app_on_each):
        for _ in range(3):
            await app_on_each.conversation.respond(say("问", "same"))
        await settled(app_on_each, done=2)
    assert len(sender.sent) == 2


async def test_a_failed_sending_is_tried_again_and_keeps_the_order(app: App, clock: FixedClock) -> None:
    sender = register(app)
    sender.faults.append(ConnectionError())
    async with sending(app):
        await app.conversation.respond(say("问一", "e1"))
        await settled(app, wait=2)
        await app.conversation.respond(say("问二", "e2"))
        assert sender.sent == []
        clock.advance(seconds=10)
        await settled(app, done=3)
    assert [text.partition("：")[0][:5] for text in sender.texts()] == ["您好，我是", "第 1 答", "第 2 答"]


async def test_after_many_failures_a_message_is_dead_and_the_next_one_leaves(app: App, clock: FixedClock) -> None:
    sender = register(app)
    sender.faults += [ConnectionError()] * 8
    async with sending(app):
        await app.conversation.respond(say("问", "e1"))

        async def is_dead() -> bool:
            clock.advance(minutes=20)
            return await states(app) == Counter(dead=1, done=1)

        async with asyncio.timeout(15):
            while not await is_dead():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert sender.texts() == ["第 1 答：问"]


async def test_later_means_later_for_the_whole_bot(app: App, clock: FixedClock) -> None:
    sender = register(app, rate=100)
    sender.faults.append(RetryLater(1.0))
    other = Address(ChannelName.TELEGRAM, "200", "7")
    async with sending(app):
        began = asyncio.get_running_loop().time()
        await app.conversation.respond(say("问", "e1"))
        await app.conversation.respond(say("问", "e1", other))
        await settled(app, done=4)
    assert min(sender.at) - began >= 0.9
    assert len(sender.sent) == 4


async def test_who_blocked_us_is_left_alone_until_he_writes_again(app: App) -> None:
    sender = register(app)
    sender.faults.append(Unreachable())
    async with sending(app):
        await app.conversation.respond(say("问", "e1"))
        await settled(app, unreachable=2)
        async with app.database.transaction() as session:
            conversation_id = (await session.scalars(select(Conversation.id))).one()
            await app.outbox.post(session, conversation_id, [Said("消息")])
        assert await states(app) == Counter(unreachable=2)
        await app.conversation.respond(say("问", "e2"))
        await settled(app, unreachable=2, done=1)


async def test_what_a_platform_refuses_is_dead_at_once(app: App) -> None:
    sender = register(app)
    sender.faults.append(Rejected())
    async with sending(app):
        await app.conversation.respond(say("问", "e1"))
        await settled(app, dead=1, done=1)


async def test_what_may_leave_only_once_is_given_up_when_its_end_is_not_known(
    app_on_each: App, clock: FixedClock
) -> None:
    app = app_on_each
    await app.conversation.respond(Incoming(CHAT, "e1", "问"))
    async with app.database.transaction() as session:
        conversation_id = (await session.scalars(select(Conversation.id))).one()
        await app.outbox.post(session, conversation_id, [Said("一次")], once=True, purpose="money")
        # A process takes it and dies.
        await claim(session, Delivery, clock, limit=10, where=[Delivery.once])
    await free_leases(app.database, clock)
    clock.advance(minutes=5)
    register(app)
    async with sending(app):
        await settled(app, done=2, unknown=1)
    assert await app.outbox.counts("money") == {"unknown": 1}


async def test_alerts_leave_before_campaigns(app: App, clock: FixedClock) -> None:
    sender = register(app, rate=20)
    async with app.database.transaction() as session:
        await app.conversation._lock_conversation(session, CHAT)
    async with app.database.transaction() as session:
        conversation_id = (await session.scalars(select(Conversation.id))).one()
        for n in range(3):
            await app.outbox.post(session, conversation_id, [Said(f"活动 {n}")], priority=Priority.CAMPAIGN)
        await app.outbox.alert(session, STAFF, Said("急事"))
    async with sending(app):
        await settled(app, done=4)
    assert sender.texts()[0] == "急事"
    assert sender.texts(CHAT.key) == ["活动 0", "活动 1", "活动 2"]


async def test_what_has_not_left_can_be_taken_back(app: App, clock: FixedClock) -> None:
    async with app.database.transaction() as session:
        await app.outbox.alert(session, STAFF, Said("一"), purpose="campaign:1")
        await app.outbox.alert(session, STAFF, Said("二"), purpose="campaign:2")
    async with app.database.transaction() as session:
        assert await app.outbox.cancel(session, "campaign:1") == 1
    assert await app.outbox.counts("campaign:1") == {"cancelled": 1}
    assert await app.outbox.counts("campaign:2") == {"wait": 1}


async def test_a_claim_never_takes_more_than_its_limit(app_on_each: App, clock: FixedClock) -> None:
    async with app_on_each.database.transaction() as session:
        for n in range(60):
            await app_on_each.outbox.alert(session, Address(ChannelName.TELEGRAM, str(n), "7"), Said("x"))
    taken: list[int] = []

    async def take() -> None:
        async with app_on_each.database.transaction() as session:
            rows, _ = await claim(session, Delivery, clock, limit=10)
            assert len(rows) <= 10
            taken.extend(row.id for row in rows)

    await asyncio.gather(*(take() for _ in range(8)))
    assert len(taken) == len(set(taken)) == 60


async def test_two_processes_share_the_work_and_send_nothing_twice(
    postgres_url: str, tmp_path: object, settings: Settings, clock: FixedClock
) -> None:
    both = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(build(both, clock=clock, wire=wire_fakes)) for _ in range(2)]
        senders = [register(app, rate=0) for app in apps]
        async with sending(*apps):
            people = [Address(ChannelName.TELEGRAM, str(n), "7") for n in range(10)]
            # The same events reach both processes, as when a webhook is sent again.
            turns = [
                app.conversation.respond(say(f"问 {e}", f"e{e}", to)) for e in range(3) for to in people for app in apps
            ]
            await asyncio.gather(*turns)
            await settled(apps[0], done=40)
        sent = [text for sender in senders for text in sender.sent]
        assert len(sent) == len(set(sent)) == 40


class StandingClock(FixedClock):
    """Real time stands still too, so that slots can be counted: each is so far from the moment it was reserved at."""

    def wall(self) -> float:
        return 1000.0


async def slots_taken(app: App, gap: float) -> float:
    """How many slots of the one chat that was written to are given out by the standing clock."""
    async with app.database.reading() as session:
        return ((await session.scalars(select(Rate.next_at))).one() - 1000.0) / gap


async def test_news_to_one_chat_keeps_its_distance_whichever_process_sends_it(
    postgres_url: str, settings: Settings
) -> None:
    gap, count, clock = 0.2, 4, StandingClock()
    both = settings.model_copy(update={"database_url": type(settings.database_url)(postgres_url)})
    async with AsyncExitStack() as stack:
        apps = [await stack.enter_async_context(build(both, clock=clock, wire=wire_fakes)) for _ in range(2)]
        senders = [register(app, pace=ChatPace(gap=gap)) for app in apps]
        async with apps[0].database.transaction() as session:
            for n in range(count):
                await apps[0].outbox.alert(session, STAFF, Said(f"急事 {n}"))
        async with sending(*apps):
            await settled(apps[0], done=count)
        at = sorted(moment for sender in senders for moment in sender.at)
        for slot, (earlier, later) in enumerate(pairwise(at), 1):
            assert later - earlier >= slot * gap
        assert await slots_taken(apps[0], gap) == pytest.approx(count)


async def test_in_a_strict_chat_the_bubbles_of_a_reply_keep_their_distance_too(settings: Settings) -> None:
    gap = 0.5
    async with build(settings, clock=StandingClock(), wire=wire_fakes) as app:
        sender = register(app, pace=ChatPace(gap=gap, strict=True))
        async with sending(app):
            await app.conversation.respond(say("问", "e1", STAFF))
            await app.conversation.respond(say("问", "e1"))
            await settled(app, done=4)
    assert sender.texts(STAFF.key) == sender.texts(CHAT.key)
    for chat in (STAFF.key, CHAT.key):
        first, second = (at for (to, _), at in zip(sender.sent, sender.at, strict=True) if to == chat)
        assert second - first >= gap


async def test_news_does_not_tread_on_the_heels_of_a_reply(settings: Settings) -> None:
    gap = 0.5
    async with build(settings, clock=StandingClock(), wire=wire_fakes) as app:
        sender = register(app, pace=ChatPace(gap=gap))
        async with sending(app):
            began = asyncio.get_running_loop().time()
            await app.conversation.respond(say("问", "e1"))
            async with app.database.transaction() as session:
                conversation_id = (await session.scalars(select(Conversation.id))).one()
                await app.outbox.post(session, conversation_id, [Said("消息")])
            await settled(app, done=3)
        assert sender.texts()[-1] == "消息"
        assert sender.at[-1] - began >= gap
        # The bubbles of the reply take one slot together, the news another.
        assert await slots_taken(app, gap) == pytest.approx(2)


async def test_the_rate_is_kept_by_all_processes_together(app_on_each: App) -> None:
    clock = StandingClock()

    async def reserve() -> float | None:
        async with app_on_each.database.transaction() as session:
            return await reserve_slots(session, clock, "bot", count=5, per_second=10, within=1.4)

    waits = await asyncio.gather(*(reserve() for _ in range(6)))
    assert sorted(wait for wait in waits if wait is not None) == pytest.approx([0.0, 0.5, 1.0])
    assert waits.count(None) == 3


async def test_the_pace_of_a_chat_is_kept_by_all_processes_together(app_on_each: App) -> None:
    clock = StandingClock()

    async def reserve(*chats: str) -> dict[str, float]:
        async with app_on_each.database.transaction() as session:
            return await reserve_chats(session, clock, chats, gap=3, within=4)

    got = await asyncio.gather(reserve("a", "b"), reserve("b", "a"), reserve("b", "c"), reserve("b"))
    waits = {chat: sorted(one[chat] for one in got if chat in one) for chat in "abc"}
    assert waits == {"a": [0.0, 3.0], "b": [0.0, 3.0], "c": [0.0]}


async def test_a_reply_takes_the_next_slot_before_a_campaign_that_has_reserved_it(app_on_each: App) -> None:
    sender = register(app_on_each, rate=20.0)
    chats = [Address(ChannelName.TELEGRAM, str(200 + number), "7") for number in range(30)]
    for chat in (CHAT, *chats):
        await app_on_each.conversation.respond(say("在吗", "e0", chat))
    async with sending(app_on_each):
        await settled(app_on_each, done=2 * len(chats) + 2)
        async with app_on_each.database.transaction() as session:
            found = await session.scalars(select(Conversation.id).where(Conversation.chat != CHAT.key))
            news = Said("周六有招聘会")
            posted = await app_on_each.outbox.post_to_many(
                session, dict.fromkeys(found, news), priority=Priority.CAMPAIGN, purpose="campaign:1"
            )
        assert len(posted) == len(chats)
        async with asyncio.timeout(10):
            while sender.texts().count("周六有招聘会") < 5:  # noqa: ASYNC110  # a sender sets no event
                await asyncio.sleep(0.01)
        await app_on_each.conversation.respond(say("补多少", "e1"))
        before = len(sender.sent)
        await settled(app_on_each, done=3 * len(chats) + 3)
    place = next(place for place, (chat, text) in enumerate(sender.sent) if "补多少" in text)
    assert place - before <= 2  # what was leaving just then, and no more
    assert len(sender.sent) == 3 * len(chats) + 3
    campaign = [at for at, (_, text) in zip(sender.at, sender.sent, strict=True) if text == "周六有招聘会"]
    assert max(sum(at <= other < at + 1.0 for other in campaign) for at in campaign) <= 22


async def test_at_night_campaigns_stay_and_replies_leave(app_on_each: App, clock: FixedClock) -> None:
    sender = register(app_on_each)
    await app_on_each.conversation.respond(say("在吗", "e0"))
    async with app_on_each.database.transaction() as session:
        chat = (await session.scalars(select(Conversation.id))).one()
        await app_on_each.outbox.post(session, chat, [Said("周六有招聘会")], priority=Priority.CAMPAIGN)
    clock.set("2026-03-02T21:30:00+08:00")
    async with sending(app_on_each):
        await app_on_each.conversation.respond(say("补多少", "e1"))
        await settled(app_on_each, done=3, wait=1)
        clock.set("2026-03-03T08:00:00+08:00")
        await settled(app_on_each, done=4)
    assert sender.texts()[-1] == "周六有招聘会"
