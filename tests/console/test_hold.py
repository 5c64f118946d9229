"""A clerk takes over the live chat: the bot keeps quiet, but for danger, stop-words and what is the person's own."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.terminal import talk_in_json
from bot.messages import Address, Attachment, AttachmentKind, ChannelName, Incoming, Shown
from bot.models import Conversation, Message
from bot.staff.audit import AuditAction
from bot.staff.models import AuditEntry
from bot.web.visitors import COOKIE, address_of
from handlers.policy.models import Crisis
from handlers.tickets.holding import QUIET_FOR
from tests.bureau import Person
from tests.console.site import ConsoleSite

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16


async def held(site: ConsoleSite, chat: str = "person") -> tuple[str, Person]:
    """A ticket that zhou works, its chat taken over, and the person in it."""
    bureau = site.bureau
    number = await bureau.file(chat)
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "hold_chat", number)
    return number, Person(bureau.app, chat)


def answers(shown: list[Shown]) -> list[str]:
    """What was said in this turn, without the news that had waited for it."""
    return [message.template or "" for message in shown if not message.pushed]


async def holder(site: ConsoleSite, chat: str = "person") -> int | None:
    async with site.bureau.app.database.reading() as session:
        return await session.scalar(select(Conversation.held_by).where(Conversation.chat == chat))


async def test_while_a_clerk_talks_the_bot_says_one_line_and_keeps_quiet(console_on_each: ConsoleSite) -> None:
    number, person = await held(console_on_each)
    assert answers(await person.say("我的钱到底什么时候发")) == ["tickets/held"]
    for words in ("一次性创业补贴多少钱", "1", "菜单", "人工", "你好"):
        assert await person.say(words) == [], words
    assert await console_on_each.bureau.words(number) == [
        "缴费补贴没到账，我叫示例·张某",
        "我的钱到底什么时候发",
        "一次性创业补贴多少钱",
        "1",
        "菜单",
        "人工",
        "你好",
    ]
    async with console_on_each.bureau.app.database.reading() as session:
        kept = await session.scalars(select(Message.text).where(Message.speaker == "you").order_by(Message.seq))
    assert list(kept)[-1] == "你好"


async def test_the_clerk_is_told_in_their_own_chat_and_the_group_is_not(console: ConsoleSite) -> None:
    _, person = await held(console)
    before = await console.bureau.told("-100")
    await person.say("卡号我找到了，13912345678")
    assert (await console.bureau.told("101"))[-1] == "live_words"
    assert await console.bureau.told("-100") == before
    async with console.bureau.app.database.reading() as session:
        told = await session.scalar(select(Message.text).where(Message.template == "tickets/live_words"))
    assert "13912345678" not in (told or "")


async def test_the_same_event_again_gets_the_same_silence_and_is_written_down_once(console: ConsoleSite) -> None:
    number, person = await held(console)
    incoming = Incoming(person.address, "twice", "我在家")
    first = await console.bureau.app.conversation.respond(incoming)
    assert await console.bureau.app.conversation.respond(incoming) == first
    assert (await console.bureau.kinds(number)).count("heard") == 1


async def test_somebody_in_danger_gets_the_card_whoever_talks(console_on_each: ConsoleSite) -> None:
    number, person = await held(console_on_each)
    await person.say("我在这里")
    await person.say("我不想活了")
    assert person.templates == ["policy/crisis"]
    assert (await console_on_each.bureau.words(number))[-1] == "我不想活了"
    async with console_on_each.bureau.app.database.reading() as session:
        assert await session.scalar(select(Crisis.id)) is not None
    assert await person.say("你们快点来人") == []


async def test_who_says_stop_is_heard(console: ConsoleSite) -> None:
    _, person = await held(console)
    await person.say("别给我发通知了")
    assert "people/notices_noted" in person.templates


async def test_their_own_data_and_their_own_buttons_work_all_the_same(console: ConsoleSite) -> None:
    bureau = console.bureau
    number, person = await held(console)
    await bureau.do("zhou", "release_chat", number)
    await person.say("我那个事咋样了")
    status = person.shown
    await bureau.do("zhou", "hold_chat", number)
    person.shown = status
    await person.press("催一下")
    assert (await bureau.ticket(number)).urged == 1
    await person.say("删除我的资料")
    assert person.templates == ["people/confirm_delete"]


async def test_a_photo_goes_to_the_ticket(console: ConsoleSite) -> None:
    number, person = await held(console)
    photo = Attachment(AttachmentKind.PHOTO, "卡.png", "image/png", len(PNG), content=PNG)
    shown = await console.bureau.app.conversation.respond(Incoming(person.address, "photo", attachments=(photo,)))
    assert answers(shown) == ["tickets/held"]
    async with console.bureau.app.database.reading() as session:
        ticket = await console.bureau.ticket(number)
        files = await console.bureau.office.attachments.of_ticket(session, ticket.id)
    assert [file.state for file in files] == ["kept"]


async def test_given_back_the_bot_says_so_and_answers_again(console_on_each: ConsoleSite) -> None:
    number, person = await held(console_on_each)
    await console_on_each.bureau.do("zhou", "release_chat", number)
    assert await holder(console_on_each) is None
    assert (await console_on_each.bureau.told("person"))[-1] == "held:back"
    assert "policy/answer" in answers(await person.say("一次性创业补贴多少钱，洪湖的"))


@pytest.mark.parametrize(
    ("who", "act", "words", "more"),
    [
        ("zhou", "answer", ("办好了",), {"closing": "solved"}),
        ("zhou", "reject", (), {"reason": "不归我们", "door": ""}),
        ("zhou", "return_ticket", (), {"reason": "不是我的"}),
        ("sun", "assign", (), {}),
    ],
)
async def test_it_ends_with_the_ticket_or_with_whose_it_is(
    console: ConsoleSite, who: str, act: str, words: tuple[str, ...], more: dict[str, str]
) -> None:
    bureau = console.bureau
    number, person = await held(console)
    if act == "assign":
        words = (bureau.ids["li"],)  # type: ignore[assignment]
    if act == "answer":
        await bureau.do("zhou", "record_contact", number, "打过电话", how="phone")
    await bureau.do(who, act, number, *words, **more)
    assert await holder(console) is None
    await person.say("一次性创业补贴多少钱，洪湖的")
    assert "policy/answer" in person.templates


async def test_a_matter_taken_back_by_the_person_is_the_bots_again(console: ConsoleSite) -> None:
    number, person = await held(console)
    await console.bureau.say("withdraw", number)
    await person.say("一次性创业补贴多少钱，洪湖的")
    assert "policy/answer" in person.templates
    assert await holder(console) is None


async def test_closed_on_the_page_it_ends_at_once(console: ConsoleSite) -> None:
    number, _ = await held(console)
    clerk = await console.sign_in("zhou")
    await clerk.post(f"/staff/tickets/{number}/contact", text="打通了", how="phone")
    done = await clerk.post(f"/staff/tickets/{number}/answer", text="办好了", closing="solved")
    assert done.status == 303
    assert await holder(console) is None


async def test_half_an_hour_after_the_clerk_last_wrote_the_bot_is_back(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number, person = await held(console_on_each)
    begun = bureau.now
    await bureau.wait(minutes=20)
    await bureau.do("zhou", "reply", number, "您稍等，我查一下")
    await bureau.wait_until(begun + QUIET_FOR + timedelta(minutes=5))
    assert await holder(console_on_each) == bureau.ids["zhou"]
    await bureau.wait(minutes=20)
    assert await holder(console_on_each) is None
    assert (await bureau.told("person"))[-1] == "held:back"
    assert (await bureau.entries(number))[-1].data == {"state": "silent"}
    await person.say("一次性创业补贴多少钱，洪湖的")
    assert "policy/answer" in person.templates
    assert await bureau.broken() == []


async def test_only_who_works_it_takes_it_over_and_only_once(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    clerk, other, auditor = await console.sign_in("zhou"), await console.sign_in("li"), await console.sign_in("auditor")
    path = f"/staff/tickets/{number}/hold"
    assert (await clerk.post(path)).status == 422  # not taken yet
    await bureau.do("zhou", "claim", number)
    assert (await clerk.post(path)).location == f"/staff/tickets/{number}?done=hold"
    assert (await clerk.post(path)).status == 409
    assert (await other.post(path)).status == 422
    assert (await auditor.post(path)).status == 403
    page = await clerk.get(f"/staff/tickets/{number}")
    assert page.has_action("release")
    assert not page.has_action("hold")
    assert not (await other.get(f"/staff/tickets/{number}")).has_action("release")
    async with bureau.app.database.reading() as session:
        actions = await session.scalars(select(AuditEntry.action).where(AuditEntry.subject_id == number))
        assert list(actions).count(str(AuditAction.CHAT_HELD)) == 1


async def test_a_chat_held_for_one_ticket_is_not_taken_for_another(console: ConsoleSite) -> None:
    bureau = console.bureau
    first, _ = await held(console)
    second = await bureau.file()
    await bureau.do("li", "claim", second)
    other = await console.sign_in("li")
    assert (await other.post(f"/staff/tickets/{second}/hold")).status == 409
    await bureau.do("zhou", "release_chat", first)
    assert (await other.post(f"/staff/tickets/{second}/hold")).status == 303
    assert await holder(console) == bureau.ids["li"]


async def test_a_ticket_without_a_chat_cannot_be_taken_over(console: ConsoleSite) -> None:
    number = await console.bureau.file(None)
    await console.bureau.do("zhou", "claim", number)
    clerk = await console.sign_in("zhou")
    assert (await clerk.post(f"/staff/tickets/{number}/hold")).status == 422


async def test_in_the_web_chat_the_clerk_answers_where_the_bot_is_silent(console: ConsoleSite) -> None:
    bureau = console.bureau
    browser = await console.browser()
    await browser.get("/")
    cookie = next(cookie.value for cookie in browser.http.cookie_jar if cookie.key == COOKIE)
    key = address_of(cookie).key
    number = await bureau.file(key, ChannelName.WEBCHAT)
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "hold_chat", number)

    async def say(text: str) -> list[dict[str, str]]:
        body = {"id": str(uuid.uuid4()), "text": text}
        async with browser.http.post("/chat/messages", json=body) as response:
            assert response.status == 200
            messages: list[dict[str, str]] = (await response.json())["messages"]
            return messages

    await say("在吗")
    assert [message["from"] for message in await say("钱发了没")] == ["you"]
    await bureau.do("zhou", "reply", number, "发了，您查一下")
    async with browser.http.get("/chat/messages?after=0") as response:
        last = (await response.json())["messages"][-1]
    assert last["from"] == "staff"
    assert "发了，您查一下" in last["text"]


async def test_in_the_terminal_too(console: ConsoleSite) -> None:
    await held(console)
    lines = [json.dumps({"chat": "person", "id": str(at), "text": text}) for at, text in enumerate(["在吗", "钱呢"])]
    written: list[str] = []
    await talk_in_json(console.bureau.app.conversation, lines, written.append)
    first, second = (json.loads(line)["replies"] for line in written)
    assert len(first) >= 1
    assert second == []


async def test_in_telegram_too(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file("555", ChannelName.TELEGRAM)
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "hold_chat", number)
    address = Address(ChannelName.TELEGRAM, "555", "7")
    await bureau.app.conversation.respond(Incoming(address, "1", "在吗"))
    assert await bureau.app.conversation.respond(Incoming(address, "2", "钱呢")) == []
    assert (await bureau.words(number))[-2:] == ["在吗", "钱呢"]
