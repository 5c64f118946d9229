"""The spine, through the front door."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from bot import transcript
from bot.app import App
from bot.clock import FixedClock
from bot.messages import Address, Attachment, AttachmentKind, ChannelName, Incoming, Shown, Speaker
from tests.fakes import Said, eventually

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


async def test_a_command_is_taken_in_any_dress(app: App) -> None:
    for words in ("/help", "／ＨＥＬＰ", "/help@our_bot", "帮助。"):
        assert (await app.conversation.respond(say(words)))[-1].template == "frame/help"


async def test_button_is_pressed_by_value_number_or_label(app_on_each: App) -> None:
    talk = app_on_each.conversation
    offered = (await talk.respond(say("补多少")))[-1].choices
    assert [choice.label for choice in offered] == ["看原文", "问工作人员", "招渔民补多少"]
    assert all(len(choice.value) <= 12 for choice in offered)
    by_number = await talk.respond(say("１"))
    by_value = await talk.respond(say(value=offered[0].value))
    by_text = await talk.respond(say(offered[0].value))
    assert texts(by_number + by_value + by_text) == ["按了 policy:original {'id': 1}"] * 3
    again = (await talk.respond(say("补多少")))[-1].choices
    by_label = await talk.respond(say("看原文。"))
    assert texts(by_label) == [f"按了 policy:original {again[0].data}"]


async def test_a_number_presses_no_button_of_an_older_reply(app_on_each: App) -> None:
    talk = app_on_each.conversation
    offered = (await talk.respond(say("补多少")))[-1].choices
    await talk.respond(say(value=offered[0].value))
    assert not texts(await talk.respond(say("1")))[-1].startswith("按了")
    assert texts(await talk.respond(say(value=offered[0].value)))[-1].startswith("按了")  # tapped, it still is


async def test_own_words_show_the_label_of_what_was_pressed(app: App) -> None:
    offered = (await app.conversation.respond(say("补多少")))[-1].choices
    answered = await app.conversation.answer(say(value=offered[1].value))
    assert answered.own.text == "问工作人员"


async def test_suggestion_is_said_when_it_is_pressed(app: App) -> None:
    await app.conversation.respond(say("补多少"))
    assert texts(await app.conversation.respond(say("3"))) == ["第 2 答：招渔民补多少"]


@pytest.mark.parametrize("value", ["zz-aaaaaa", "1-aaaaaa", "no such", "'; DROP TABLE message; --", "{{ 7*7 }}"])
async def test_unknown_button_is_met_kindly(app: App, value: str) -> None:
    await app.conversation.respond(say("补多少"))
    shown = await app.conversation.respond(say(value=value))
    assert [message.template for message in shown] == ["errors/button_unknown"]


async def test_button_of_another_conversation_does_nothing(app: App) -> None:
    offered = (await app.conversation.respond(say("补多少")))[-1].choices
    stranger = Address(ChannelName.WEBCHAT, "stranger")
    await app.conversation.respond(say("你好", to=stranger))
    shown = await app.conversation.respond(say(value=offered[0].value, to=stranger))
    assert shown[-1].template == "errors/button_unknown"


async def test_dialogue_in_the_middle_sees_the_next_words_first(app_on_each: App) -> None:
    talk = app_on_each.conversation
    said = [await talk.respond(say(words)) for words in ("我要填表", "张三", "洪湖", "补多少")]
    assert [shown[-1].text for shown in said] == [
        "我要填表。您叫什么？",
        "您住哪？",
        "张三，洪湖，记下了。",
        "第 2 答：补多少",
    ]


async def test_question_in_the_middle_is_answered_and_the_dialogue_stays_open(app: App) -> None:
    said = [await app.conversation.respond(say(words)) for words in ("我要填表", "补多少？", "张三")]
    assert [shown[-1].text for shown in said] == ["我要填表。您叫什么？", "第 2 答：补多少？", "您住哪？"]


async def test_command_in_the_middle_is_taken_and_the_dialogue_stays_open(app: App) -> None:
    said = [await app.conversation.respond(say(words)) for words in ("我要填表", "菜单", "张三")]
    assert [shown[-1].text for shown in said][2] == "您住哪？"


async def test_dialogue_left_for_a_week_is_over(app: App, clock: FixedClock) -> None:
    await app.conversation.respond(say("我要填表"))
    clock.advance(days=8)
    assert texts(await app.conversation.respond(say("张三"))) == ["第 2 答：张三"]


async def test_error_for_the_person_rolls_back_and_is_worded(app_on_each: App) -> None:
    talk = app_on_each.conversation
    shown = await talk.respond(say("没有", event="e1"))
    assert [message.template for message in shown] == ["errors/too_many"]
    assert await talk.respond(say("没有", event="e1")) == shown
    assert (await talk.respond(say("补多少")))[-1].text == "第 1 答：补多少"


async def test_fault_of_ours_is_an_apology_with_a_reference_and_a_retry_gets_the_same(
    app_on_each: App, capsys: pytest.CaptureFixture[str]
) -> None:
    talk = app_on_each.conversation
    shown = await talk.respond(say("坏掉的秘密", event="e1"))
    reference = shown[-1].data["reference"]
    assert shown[-1].template == "errors/internal"
    assert reference in shown[-1].text
    assert await talk.respond(say("坏掉的秘密", event="e1")) == shown
    assert (await talk.history(PERSON))[0].text == "坏掉的秘密"
    logged = "".join(capsys.readouterr())
    assert reference in logged
    assert "秘密" not in logged


async def test_someone_in_a_crisis_is_not_greeted_first(app: App) -> None:
    crisis = await app.conversation.respond(say("不想活了"))
    after = await app.conversation.respond(say("补多少"))
    assert [message.template for message in crisis] == ["fake/said"]
    assert [message.template for message in after] == ["frame/greeting", "fake/said"]


@pytest.mark.parametrize(
    ("incoming", "template"),
    [
        ("", "frame/no_words"),
        ("😀😀", "frame/no_words"),
        ("？", "frame/no_words"),
        ("\x00\u202e", "frame/no_words"),
        ("天气", "frame/help"),
    ],
)
async def test_message_without_words_is_met_with_what_to_do(app: App, incoming: str, template: str) -> None:
    assert (await app.conversation.respond(say(incoming)))[-1].template == template


@pytest.mark.parametrize("kind", list(AttachmentKind))
async def test_attachment_alone_is_met_with_what_to_do_instead(app: App, kind: AttachmentKind) -> None:
    shown = await app.conversation.respond(Incoming(PERSON, "e1", attachments=(Attachment(kind),)))
    assert shown[-1].template == "frame/attachment"


async def test_id_number_is_not_stored_and_the_person_is_told(app_on_each: App) -> None:
    shown = await app_on_each.conversation.respond(say("我是11010519491231002X，补多少"))
    assert "frame/private_dropped" in [message.template for message in shown]
    kept = "".join(texts(await app_on_each.conversation.history(PERSON)))
    assert "110105" not in kept


async def test_story_too_long_is_cut_with_a_word(app: App) -> None:
    shown = await app.conversation.respond(say("长" * 20_000))
    assert "frame/too_long" in [message.template for message in shown]


async def test_news_waits_and_is_shown_once_with_the_next_turn(app_on_each: App) -> None:
    app = app_on_each
    await app.conversation.respond(say("补多少"))
    await post(app, Said("有答复了"))
    shown = await app.conversation.respond(say("还有呢", event="e2"))
    again = await app.conversation.respond(say("还有呢", event="e2"))
    later = await app.conversation.respond(say("好"))
    assert [(message.text, message.pushed) for message in shown] == [
        ("有答复了", True),
        ("第 2 答：还有呢", False),
    ]
    assert again == shown
    assert texts(later) == ["第 3 答：好"]


async def test_news_that_was_shown_does_not_wait(app: App) -> None:
    await app.conversation.respond(say("补多少"))
    news = await post(app, Said("有答复了"))
    await app.conversation.mark_seen(PERSON, news[-1].seq)
    assert texts(await app.conversation.respond(say("好"))) == ["第 2 答：好"]


async def test_follower_hears_of_turns_and_news_at_once(app: App) -> None:
    heard: list[str] = []

    async def listen() -> None:
        async for shown in app.conversation.follow(PERSON):
            heard.extend(texts(shown))

    listening = asyncio.create_task(listen())
    await app.conversation.respond(say("补多少"))
    await eventually(lambda: len(heard) == 3, within=2)
    await post(app, Said("有答复了"))
    await eventually(lambda: heard[-1] == "有答复了", within=2)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)


async def test_forgotten_words_are_gone_and_a_retry_still_does_nothing_twice(app_on_each: App) -> None:
    app = app_on_each
    await app.conversation.respond(say("补多少", event="e1"))
    async with app.database.transaction() as session:
        await transcript.forget(session, 1)
    assert await app.conversation.history(PERSON) == []
    await app.conversation.respond(say("补多少", event="e1"))
    assert (await app.conversation.respond(say("好")))[-1].text == "第 2 答：好"


async def post(app: App, reply: Said) -> list[Shown]:
    async with app.database.transaction() as session:
        return await app.outbox.post(session, 1, [reply])
