"""The spine, through the front door."""

from __future__ import annotations

import asyncio
import itertools

from bot.app import App
from bot.messages import Address, ChannelName, Incoming, Shown, Speaker

PERSON = Address(ChannelName.WEBCHAT, "person")
_ids = itertools.count()


def say(text: str = "", *, event: str | None = None, to: Address = PERSON, value: str | None = None) -> Incoming:
    return Incoming(to, event or f"event-{next(_ids)}", text, value)


def texts(shown: list[Shown]) -> list[str]:
    return [message.text for message in shown]


async def test_first_message_is_greeted_and_answered_in_the_same_turn(app_on_each: App) -> None:
    first = await app_on_each.conversation.respond(say("招渔民补多少"))
    second = await app_on_each.conversation.respond(say("那培训呢"))
    assert [message.template for message in first] == ["frame/greeting", "fake/said"]
    assert texts(second) == ["第 2 答：那培训呢"]


async def test_same_event_gets_the_same_replies_and_does_nothing_twice(app_on_each: App) -> None:
    first = await app_on_each.conversation.respond(say("补多少", event="e1"))
    again = await app_on_each.conversation.respond(say("补多少", event="e1"))
    other = await app_on_each.conversation.respond(say("补多少", event="e2"))
    assert again == first
    assert texts(other) == ["第 2 答：补多少"]


async def test_same_event_at_the_same_moment_is_done_once(app_on_each: App) -> None:
    turns = [app_on_each.conversation.respond(say("补多少", event="e1")) for _ in range(5)]
    answers = await asyncio.gather(*turns)
    assert all(answer == answers[0] for answer in answers)
    assert len(await app_on_each.conversation.history(PERSON)) == 3


async def test_order_of_asking_is_the_order_of_answers(app_on_each: App) -> None:
    turns = [app_on_each.conversation.respond(say(f"问题 {n}")) for n in range(10)]
    answers = await asyncio.gather(*turns)
    assert [answer[-1].text for answer in answers] == [f"第 {n + 1} 答：问题 {n}" for n in range(10)]


async def test_people_do_not_mix(app_on_each: App) -> None:
    people = [Address(ChannelName.WEBCHAT, f"person-{n}") for n in range(6)]
    turns = [app_on_each.conversation.respond(say(f"问 {n}", to=to)) for n, to in enumerate(people)]
    answers = await asyncio.gather(*turns)
    assert [answer[-1].text for answer in answers] == [f"第 1 答：问 {n}" for n in range(6)]


async def test_history_has_both_sides_in_order(app: App) -> None:
    shown = await app.conversation.respond(say("补多少"))
    history = await app.conversation.history(PERSON)
    assert [message.speaker for message in history] == [Speaker.YOU, Speaker.BOT, Speaker.BOT]
    assert history[1:] == shown
    assert await app.conversation.history(PERSON, after_seq=history[-1].seq) == []
