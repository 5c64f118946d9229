"""The page of one ticket: what it shows, to whom, and what it keeps back."""

from __future__ import annotations

import html
import re
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from bot.models import Conversation, Message
from bot.replies import make_environment
from bot.staff.models import AuditEntry
from handlers.tickets.console.ticket_view import Line
from handlers.tickets.labels import label
from handlers.tickets.models import Entry, EntryContent, Ticket
from handlers.tickets.ticket import Satisfaction
from handlers.tickets.timeline import EntryKind
from tests.bureau import Person
from tests.console.site import Answer, ConsoleSite

TOLD = "养老保险的钱我5月就交了，说8月底前补给我们，都11月了还没到账"


def path_of(number: str) -> str:
    return f"/staff/tickets/{number}"


def part(page: Answer, start: str, end: str) -> str:
    """A piece of the page, unescaped."""
    found = re.search(f"{re.escape(start)}(.*?){re.escape(end)}", page.text, re.DOTALL)
    assert found is not None, start
    return html.unescape(found[1])


def thread(page: Answer) -> str:
    return part(page, 'id="thread"', 'id="write"')


def log(page: Answer) -> str:
    return part(page, 'id="log"', "</section>")


async def told_in_chat(site: ConsoleSite, person: Person) -> str:
    """A matter told to the bot, message by message. -> its number"""
    for words in (TOLD, "洪湖市螺山镇示例村", "把钱补给我", "我叫张水生，13800001234", "可以告诉", "没错，交上去"):
        await person.say(words)
        site.bureau.clock.advance(minutes=1)
    assert "tickets/filed" in person.templates, person.text
    async with site.bureau.app.database.reading() as session:
        number = await session.scalar(select(Ticket.number).order_by(Ticket.id.desc()).limit(1))
    assert number is not None
    return number


# -- who sees it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["zhou", "li", "sun", "head", "auditor", "helper"])
async def test_who_may_see_it_reads_it_without_name_and_phone(console: ConsoleSite, name: str) -> None:
    number = await console.bureau.file()
    page = await (await console.sign_in(name)).get(path_of(number))
    assert page.status == 200, page.text
    assert "缴费补贴没到账" in page.text
    assert "示例·张某" not in page.text
    assert "13800001234" not in page.text
    assert "138****1234" in page.text


@pytest.mark.parametrize("name", ["stranger", "boss"])
async def test_another_county_finds_no_such_ticket_and_that_is_written_down(console: ConsoleSite, name: str) -> None:
    number = await console.bureau.file()
    clerk = await console.sign_in(name)
    there, nowhere = await clerk.get(path_of(number)), await clerk.get(path_of("261124-99990"))
    assert (there.status, nowhere.status) == (404, 404)
    assert there.text.replace(number, "") == nowhere.text.replace("261124-99990", "")
    async with console.bureau.app.database.reading() as session:
        refused = await session.scalars(select(AuditEntry.subject_id).where(AuditEntry.action == "refused"))
    assert path_of(number) in list(refused)


async def test_an_administrator_reads_no_tickets(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    assert (await (await console.sign_in("admin")).get(path_of(number))).status == 403


@pytest.mark.parametrize("number", ["x", "261124-00014'--", "%", "..%2f", "261124-00014/", "０"])
async def test_a_forged_number_is_not_there(console: ConsoleSite, number: str) -> None:
    await console.bureau.file()
    assert (await (await console.sign_in("zhou")).get(path_of(number))).status == 404


# -- the conversation ---------------------------------------------------------------------------------------


async def test_the_conversation_is_the_form_and_all_since_as_the_person_saw_it(console: ConsoleSite) -> None:
    person = Person(console.bureau.app)
    await person.say("一次性创业补贴多少钱，洪湖的")
    number = await told_in_chat(console, person)
    await console.bureau.do("zhou", "claim", number)
    await console.bureau.do("zhou", "reply", number, "您好，卡号核一下")
    await console.bureau.do("zhou", "note", number, "名单里有")
    page = await (await console.sign_in("zhou")).get(path_of(number))
    said = thread(page)
    assert "创业" not in said  # a policy question from before is nobody's business
    assert TOLD in said
    assert said.index(TOLD) < said.index("登记好了") < said.index("您好，卡号核一下")
    assert "张水生" not in page.text
    assert "张*生" in said
    assert "名单里有" in said
    assert 'class="inner"' in said


async def test_another_matter_of_the_same_person_is_not_in_it(console: ConsoleSite) -> None:
    person = Person(console.bureau.app)
    number = await told_in_chat(console, person)
    await person.say("我要投诉，老板欠我三个月工资，在工地干的")
    await person.say("是另一件事")
    await person.say("要他付钱")
    await person.say("没错，交上去")
    assert "tickets/filed" in person.templates
    page = await (await console.sign_in("zhou")).get(path_of(number))
    assert "工资" not in thread(page)
    assert TOLD in thread(page)


async def test_a_question_handed_over_with_it_is_in_it(console: ConsoleSite) -> None:
    person = Person(console.bureau.app)
    await person.say("一次性创业补贴多少钱，洪湖的")
    await person.say("人工")
    for words in ("13800001234", "就这些", "没错，交上去"):
        await person.say(words)
    async with console.bureau.app.database.reading() as session:
        number = await session.scalar(select(Ticket.number))
    assert number is not None
    page = await (await console.sign_in("sun")).get(path_of(number))
    assert "一次性创业补贴多少钱" in thread(page)


@pytest.mark.parametrize("privacy", ["保密", "不留名"])
async def test_of_a_confidential_matter_the_words_are_shown_and_nobody_is_named(
    console: ConsoleSite, privacy: str
) -> None:
    person = Person(console.bureau.app)
    for words in (TOLD, "洪湖市螺山镇", "把钱补给我", "我叫张水生，13800001234", privacy, "没错，交上去"):
        await person.say(words)
    async with console.bureau.app.database.reading() as session:
        ticket = (await session.scalars(select(Ticket))).one()
    assert ticket.confidential
    page = await (await console.sign_in("zhou")).get(path_of(ticket.number))
    assert TOLD in thread(page)
    assert "张水生" not in page.text
    assert "13800001234" not in page.text
    assert not page.has_action("open-unseal")


async def test_of_a_thousand_messages_thirty_are_shown_and_older_ones_by_a_link(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file()
    await fill(console_on_each, 1000)
    clerk = await console_on_each.sign_in("zhou")
    page = await clerk.get(path_of(number))
    assert seqs(page) == list(range(971, 1001))
    older = re.search(r"\?before=(\d+)", page.text)
    assert older is not None
    page = await clerk.get(f"{path_of(number)}?before={older[1]}")
    assert seqs(page) == list(range(941, 971))
    page = await clerk.get(f"{path_of(number)}?before=11")
    assert seqs(page) == list(range(1, 11))
    assert "?before=" not in page.text
    assert (await clerk.get(f"{path_of(number)}?before=x&until=-1")).status == 200


async def fill(site: ConsoleSite, count: int, chat: str = "person") -> None:
    async with site.bureau.work() as session:
        conversation = (await session.scalars(select(Conversation).where(Conversation.chat == chat))).one()
        rows = [
            {
                "conversation_id": conversation.id,
                "seq": seq,
                "speaker": "you" if seq % 2 else "bot",
                "text": f"第{seq}句",
                "at": site.bureau.now,
                "seen_before": 0,
                "data": {},
                "choices": [],
                "pushed": False,
                "forgotten": False,
            }
            for seq in range(1, count + 1)
        ]
        await session.execute(insert(Message), rows)
        conversation.last_seq = count


def seqs(page: Answer) -> list[int]:
    return [int(seq) for seq in re.findall(r'<article class="msg [^"]*" id="m(\d+)"', page.text)]


async def test_without_a_chat_what_was_told_and_recorded_stands_in_its_place(console: ConsoleSite) -> None:
    number = await console.bureau.file(None, source="phone")
    await console.bureau.do("zhou", "record_contact", number, "打通了", how="phone")
    clerk = await console.sign_in("zhou")
    page = await clerk.get(path_of(number))
    assert "缴费补贴没到账，我叫示例·张*" in thread(page)
    assert "打通了" in thread(page)
    assert (await clerk.post(f"{path_of(number)}/reply", text="您好")).status == 422


async def test_what_anybody_writes_is_shown_as_words(console: ConsoleSite) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    bureau = console.bureau
    person = Person(bureau.app)
    number = await bureau.file(text=evil, about=evil[:60], facts={"employer": evil, "wish": evil}, village=evil[:50])
    await person.say(evil)
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "note", number, evil)
    await bureau.do("zhou", "reply", number, evil)
    await bureau.do("zhou", "change_facts", number, {"wish": evil + "2"}, reason=evil)
    clerk = await console.sign_in("zhou")
    refused = await clerk.post(f"{path_of(number)}/contact", text=evil, how="'><b>")
    assert refused.status == 422
    for page in (await clerk.get(path_of(number)), await clerk.get(f"{path_of(number)}?do=facts"), refused):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "alert(1)" in page.text


# -- the timeline -------------------------------------------------------------------------------------------

DATA: dict[EntryKind, dict[str, Any]] = {
    EntryKind.OPENED: {"kind": "request", "category": "insurance", "queue": 1, "source": "webchat"},
    EntryKind.MOVED: {"move": "answer", "from": "working", "to": "answered", "closing": "solved"},
    EntryKind.ASSIGNED: {"from": 1, "to": 2, "queue": 1},
    EntryKind.HEARD: {"phone": "told"},
    EntryKind.CONTACT: {"how": "phone"},
    EntryKind.ANSWER: {"draft": True},
    EntryKind.FACTS: {"before": {"wish": "x"}, "after": {"wish": "y"}},
    EntryKind.FLAGS: {"supervision": 2, "before": 1},
    EntryKind.WARNED: {"hand": "answer", "share": 80, "due": "2026-11-24T00:00:00+00:00"},
    EntryKind.BREACHED: {"hand": "answer", "share": 100, "supervision": 1},
    EntryKind.URGED: {"times": 3},
    EntryKind.OBJECTED: {"reopened": False},
    EntryKind.RATED: {"satisfaction": "satisfied"},
    EntryKind.ATTACHED: {"attachment": 1},
    EntryKind.JOINED: {"from": "261124-00014"},
    EntryKind.TASK: {"task": "call", "state": "open"},
    EntryKind.ERASED: {"entries": 2},
    EntryKind.HELD: {"state": "held"},
}


@pytest.mark.parametrize("kind", EntryKind)
def test_every_kind_of_entry_has_its_words(kind: EntryKind) -> None:
    at = datetime.fromisoformat("2026-11-24T09:00:00+08:00")
    line = Line(1, at, "system", "", str(kind), DATA.get(kind, {}), "", erased=False, person="")
    sheet = SimpleNamespace(
        queues={1: "社保"}, names={1: "甲", 2: "乙"}, ticket=SimpleNamespace(anonymous=False, confidential=True)
    )
    timeline: Any = make_environment().get_template("console/tickets/timeline.html").module
    words = re.sub(r"<time.*?</time>|<[^>]+>", "", str(timeline.item(timeline, line, sheet, label, at)))
    assert re.search(r"[一-鿿]", words)
    assert "None" not in words
    assert str(kind) not in words


async def test_the_timeline_is_in_words_and_newest_first(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    await bureau.solve("zhou", number)
    await bureau.say("rate", number, Satisfaction.DISSATISFIED)
    said = log(await (await console.sign_in("zhou")).get(path_of(number)))
    order = [said.index(words) for words in ("不满意", "查清了", "打过电话", "已受理", "登记")]
    assert order == sorted(order)


async def test_of_many_entries_the_newest_are_shown_and_older_ones_by_a_link(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    for at in range(60):
        await bureau.do("zhou", "note", number, f"备注{at}号")
    clerk = await console.sign_in("zhou")
    page = await clerk.get(path_of(number))
    assert "备注59号" in log(page)
    assert "备注5号" not in log(page)
    older = re.search(r"\?until=(\d+)", page.text)
    assert older is not None
    assert "备注5号" in log(await clerk.get(f"{path_of(number)}?until={older[1]}"))


async def test_a_rewritten_timeline_is_told(console: ConsoleSite) -> None:
    bureau = console.bureau
    number, other = await bureau.file(), await bureau.file("other")
    await bureau.do("zhou", "note", number, "说好了")
    clerk = await console.sign_in("zhou")
    assert "记录链完整" in log(await clerk.get(path_of(number)))
    async with bureau.work() as session:
        note = select(Entry.id).where(Entry.kind == "note").scalar_subquery()
        await session.execute(update(EntryContent).where(EntryContent.entry_id == note).values(text="没说好"))
    assert "记录链断了" in log(await clerk.get(path_of(number)))
    assert "记录链完整" in log(await clerk.get(path_of(other)))
