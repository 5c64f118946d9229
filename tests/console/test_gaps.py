"""What people asked in vain, in the console: seen by those of its place, answered once, put aside; all written down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from bot.messages import Address, ChannelName
from bot.models import Conversation
from bot.staff.models import AuditEntry
from handlers.policy.gap_desk import LOOKED_AT
from handlers.policy.gaps import keep_gap
from handlers.policy.models import Gap
from tests.bureau import Person
from tests.console.site import Answer, ConsoleSite
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN

PATH = "/staff/gaps"
ANSWERED_BY_NOW = "养老补贴几号发"
"""Stands for a question whose answer came with a later document."""
SILENT = "申请创业补贴要带哪些材料"


async def person(console: ConsoleSite, name: str) -> Person:
    """Somebody of Honghu who wants to be told of an answer."""
    found = Person(console.bureau.app, name, region="洪湖市")
    await found.say(SILENT)
    await found.press("有了告诉我")
    return found


async def keep(console: ConsoleSite, chat: str, words: str, *, region: str | None = HONGHU, tell: bool = False) -> int:
    async with console.bureau.work() as session:
        conversation = await session.scalar(select(Conversation.id).where(Conversation.chat == chat))
        assert conversation is not None
        kept = await keep_gap(
            session,
            conversation,
            question=words,
            region=region,
            reason="not_stated",
            tell=tell,
            now=console.bureau.now,
        )
    assert kept is not None
    return kept


async def left(console: ConsoleSite) -> set[str]:
    async with console.bureau.app.database.reading() as session:
        return set(await session.scalars(select(Gap.words)))


async def audited(console: ConsoleSite, action: str) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def pushed(console: ConsoleSite, name: str) -> list[str | None]:
    history = await console.bureau.app.conversation.history(Address(ChannelName.TERMINAL, name))
    return [message.template for message in history if message.pushed]


def ids_of(page: Answer) -> list[tuple[str, str]]:
    """The questions that one form of the page carries."""
    form = page.text[page.text.index("/words") :]
    return [("gap", number) for number in re.findall(r'name="gap" value="(\d+)"', form[: form.index("</form>")])]


async def test_questions_are_listed_alike_together_with_count_place_and_who_waits(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    for name in ("a", "b"):
        await console.bureau.chat(name)
    first = await keep(console, "a", SILENT, region=TOWN)
    await keep(console, "b", "申请创业补贴要带些什么材料", tell=True)
    await keep(console, "b", "养老金多少岁开始领")
    clerk = await console.sign_in("zhou")
    page = await clerk.get(PATH)
    assert page.status == 200
    row = re.search(rf'<a class="ttl" href="{PATH}/{first}".*?</tr>', page.text, re.S)
    assert row is not None
    assert "2 次" in row[0]
    assert "1 人等" in row[0]
    assert "洪湖市" in row[0]
    assert page.text.count('data-action="gap-open"') == 2
    assert 'data-count="gaps">3<' in page.text
    waiting = await clerk.get(f"{PATH}?view=waiting")
    assert waiting.text.count('data-action="gap-open"') == 1


async def test_another_county_sees_none_of_it_and_what_names_no_place_is_for_leaders(
    console_on_each: ConsoleSite,
) -> None:
    console = console_on_each
    await console.bureau.chat("a")
    ours = await keep(console, "a", SILENT)
    nowhere = await keep(console, "a", "养老金多少岁开始领", region=None)
    seen = {}
    for name in ("zhou", "sun", "stranger", "boss"):
        page = await (await console.sign_in(name)).get(PATH)
        seen[name] = {one for one in (ours, nowhere) if f'href="{PATH}/{one}"' in page.text}
    assert seen == {"zhou": {ours}, "sun": {ours, nowhere}, "stranger": set(), "boss": {nowhere}}


async def test_what_the_documents_answer_by_now_is_told_to_who_wished_once(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    await person(console, "a")
    await person(console, "b")
    gap = await keep(console, "a", ANSWERED_BY_NOW, tell=True)
    await keep(console, "b", "养老补贴是几号发")
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"{PATH}/{gap}")
    assert page.has_action("gap-documents")
    asked = ids_of(page)
    assert len(asked) == 2
    assert (await clerk.post(f"{PATH}/{gap}/documents", asked)).status == 303
    assert await pushed(console, "a") == ["policy/gap_answered", "policy/answer"]
    assert await left(console) == {SILENT}
    assert (await clerk.post(f"{PATH}/{gap}/documents", asked)).status == 404
    assert len(await pushed(console, "a")) == 2
    (entry,) = await audited(console, "gap_settled")
    assert (entry.subject_kind, entry.data["how"], entry.data["count"]) == ("gap", "documents", 2)
    assert ANSWERED_BY_NOW not in str(entry.data)


async def test_what_the_documents_do_not_answer_stays_and_nobody_is_told(console: ConsoleSite) -> None:
    await person(console, "a")
    clerk = await console.sign_in("zhou")
    async with console.bureau.app.database.reading() as session:
        gap = (await session.scalars(select(Gap.id))).one()
    assert not (await clerk.get(f"{PATH}/{gap}")).has_action("gap-documents")
    assert (await clerk.post(f"{PATH}/{gap}/documents", gap=str(gap))).status == 422
    assert await pushed(console, "a") == []
    assert await left(console) == {SILENT}
    assert await audited(console, "gap_settled") == []


async def test_a_clerk_answers_in_words_and_who_wished_reads_them_as_a_persons(console: ConsoleSite) -> None:
    await person(console, "a")
    await console.bureau.chat("b")
    await keep(console, "b", "申请创业补贴要带些什么材料")
    clerk = await console.sign_in("zhou")
    async with console.bureau.app.database.reading() as session:
        gap = (await session.scalars(select(Gap.id).order_by(Gap.id))).first()
    page = await clerk.get(f"{PATH}/{gap}")
    assert (await clerk.post(f"{PATH}/{gap}/words", [*ids_of(page), ("text", "带身份证 <b>原件</b>")])).status == 303
    history = await console.bureau.app.conversation.history(Address(ChannelName.TERMINAL, "a"))
    assert (history[-1].template, str(history[-1].speaker)) == ("policy/gap_words", "staff")
    assert "带身份证 <b>原件</b>" in history[-1].text
    assert await pushed(console, "b") == []
    assert await left(console) == set()
    (entry,) = await audited(console, "gap_settled")
    assert entry.data == {"how": "words", "count": 2, "told": 1}


async def test_an_answer_without_words_is_refused_and_the_question_stays(console: ConsoleSite) -> None:
    await console.bureau.chat("a")
    gap = await keep(console, "a", SILENT)
    clerk = await console.sign_in("zhou")
    answer = await clerk.post(f"{PATH}/{gap}/words", gap=str(gap), text="  ")
    assert answer.status == 422
    assert await left(console) == {SILENT}


async def test_who_has_stopped_wishing_is_told_nothing(console: ConsoleSite) -> None:
    one = await person(console, "a")
    await one.say("别再给我发消息了")
    async with console.bureau.app.database.reading() as session:
        gap = (await session.scalars(select(Gap.id))).one()
    clerk = await console.sign_in("zhou")
    assert (await clerk.post(f"{PATH}/{gap}/words", gap=str(gap), text="带身份证")).location.endswith("gap_untold")
    assert await pushed(console, "a") == []


async def test_a_question_is_put_aside_without_telling_anybody(console: ConsoleSite) -> None:
    await person(console, "a")
    async with console.bureau.app.database.reading() as session:
        gap = (await session.scalars(select(Gap.id))).one()
    clerk = await console.sign_in("zhou")
    assert (await clerk.post(f"{PATH}/{gap}/drop", gap=str(gap))).status == 303
    assert await left(console) == set()
    assert await pushed(console, "a") == []
    assert [entry.data["how"] for entry in await audited(console, "gap_settled")] == ["dropped"]


@pytest.mark.parametrize("act", ["documents", "words", "drop"])
async def test_a_question_of_another_region_is_not_there_and_the_try_is_written_down(
    console: ConsoleSite, act: str
) -> None:
    await console.bureau.chat("a")
    theirs = await keep(console, "a", SILENT, region=LUOZHUANG)
    clerk = await console.sign_in("zhou")
    shown = [await clerk.get(f"{PATH}/{one}") for one in (theirs, 999999)]
    assert [page.status for page in shown] == [404, 404]
    assert shown[0].text == shown[1].text
    for one in (theirs, 999999):
        assert (await clerk.post(f"{PATH}/{one}/{act}", gap=str(one), text="x")).status == 404
    assert await left(console) == {SILENT}
    assert [entry.data for entry in await audited(console, "refused")] == [{"code": "no_such_gap"}] * 4


async def test_a_foreign_question_slipped_in_among_own_ones_is_left_alone(console: ConsoleSite) -> None:
    await console.bureau.chat("a")
    theirs = await keep(console, "a", SILENT, region=LUOZHUANG)
    ours = await keep(console, "a", "养老金多少岁开始领")
    clerk = await console.sign_in("zhou")
    assert (await clerk.post(f"{PATH}/{ours}/drop", [("gap", str(theirs)), ("gap", str(ours))])).status == 303
    assert await left(console) == {SILENT}


@pytest.mark.parametrize("words", ["x", "-1", "9" * 30, "%27"])
async def test_what_is_no_id_is_not_there(console: ConsoleSite, words: str) -> None:
    clerk = await console.sign_in("zhou")
    assert (await clerk.get(f"{PATH}/{words}")).status == 404
    assert (await clerk.post(f"{PATH}/{words}/drop", gap=words)).status == 404


@pytest.mark.parametrize("name", ["auditor", "helper", "admin"])
async def test_who_works_no_tickets_opens_no_questions(console: ConsoleSite, name: str) -> None:
    await console.bureau.chat("a")
    gap = await keep(console, "a", SILENT)
    at = await console.sign_in(name)
    assert (await at.get(PATH)).status == 403
    assert (await at.post(f"{PATH}/{gap}/drop", gap=str(gap))).status == 403
    assert await left(console) == {SILENT}


async def test_a_form_without_its_token_answers_nobody_and_keeps_the_words(console: ConsoleSite) -> None:
    await person(console, "a")
    async with console.bureau.app.database.reading() as session:
        gap = (await session.scalars(select(Gap.id))).one()
    clerk = await console.sign_in("zhou")
    clerk.csrf = "forged"
    answer = await clerk.post(f"{PATH}/{gap}/words", gap=str(gap), text="写了很久")
    assert answer.status == 403
    assert "写了很久" in answer.text
    assert await left(console) == {SILENT}
    assert await pushed(console, "a") == []


async def test_of_very_many_questions_the_newest_are_shown(console: ConsoleSite) -> None:
    at = console.bureau.now
    rows = [
        {
            "at": at + timedelta(seconds=n),
            "words": f"第{n}个问题：{chr(0x4E00 + n * 7)}{chr(0x5E00 + n * 5)}怎么办",
            "region": HONGHU,
        }
        for n in range(LOOKED_AT + 50)
    ]
    async with console.bureau.work() as session:
        await session.execute(insert(Gap), [row | {"reason": "not_understood", "tell": False} for row in rows])
    clerk = await console.sign_in("zhou")
    page = await clerk.get(PATH)
    assert page.status == 200
    assert f">{LOOKED_AT + 50}<" in page.text.replace("\n", "")
    assert (await clerk.get(f"{PATH}?page=999")).status == 200
