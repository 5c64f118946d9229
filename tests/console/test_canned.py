"""常用答复: who writes and who may use them, and what is asked before one that may hold no longer is sent."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from bot.staff.models import AuditEntry
from handlers.tickets.labels import latest_holds
from handlers.tickets.models import CannedReply
from handlers.tickets.ticket import Category
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN

FISHERS = "honghu-2023-fishers.pension-subsidy"
"""A provision of a document whose period has ended by the day of these tests."""
WORDS = "先缴后补，每年8月底前发。"


async def write(leader: StaffBrowser, path: str = "/staff/canned", **fields: str) -> Answer:
    return await leader.post(path, **{"title": "补贴何时发", "text": WORDS, **fields})


async def canned(console: ConsoleSite) -> list[CannedReply]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(CannedReply).order_by(CannedReply.id)))


def offered(answer: Answer) -> list[str]:
    """Ids of the replies that a ticket's page offers."""
    return re.findall(r'value="canned:(\d+)"', answer.text)


def text_in(answer: Answer) -> str:
    found = re.search(r'<textarea class="in" id="w"[^>]*>(.*?)</textarea>', answer.text, re.DOTALL)
    assert found is not None
    return unescape(found[1])


def cites_in(answer: Answer) -> str:
    found = re.search(r'name="cites" value="([^"]*)"', answer.text)
    assert found is not None
    return found[1]


def warns(answer: Answer) -> bool:
    return re.search(r'id="weak"[^>]* hidden', answer.text) is None


async def mine(console: ConsoleSite, **more: str) -> str:
    """A ticket in zhou's hands."""
    number = await console.bureau.file(**more)
    await console.bureau.do("zhou", "claim", number)
    return number


async def told(console: ConsoleSite, number: str) -> int:
    return (await console.bureau.kinds(number)).count("told")


async def test_a_leader_writes_one_and_it_is_audited(console_on_each: ConsoleSite) -> None:
    leader = await console_on_each.sign_in("sun")
    answer = await write(leader, category="insurance", provision=FISHERS)
    assert answer.location.startswith("/staff/canned")
    (one,) = await canned(console_on_each)
    assert (one.region, one.category, f"{one.policy}.{one.provision}") == (HONGHU, "insurance", FISHERS)
    assert (await write(leader, f"/staff/canned/{one.id}", text="改过的")).status == 303
    (one,) = await canned(console_on_each)
    assert (one.text, one.category, one.policy) == ("改过的", None, None)
    assert (await leader.post(f"/staff/canned/{one.id}/remove")).status == 303
    assert one.title not in (await leader.get("/staff/canned")).text
    async with console_on_each.bureau.app.database.reading() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == "canned_changed"))
        assert [row.data["act"] for row in rows] == ["added", "changed", "removed"]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"title": " "}, "title"),
        ({"text": ""}, "text"),
        ({"text": "长" * 2001}, "text"),
        ({"category": "fishing"}, "category"),
        ({"place": "罗庄区"}, "place"),
        ({"place": "没有的地方"}, "place"),
        ({"provision": "honghu-2023-fishers.nothing"}, "provision"),
        ({"provision": "luozhuang-2016-poverty-relief.document"}, "provision"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_lost(
    console: ConsoleSite, fields: dict[str, str], fault: str
) -> None:
    leader = await console.sign_in("sun")
    answer = await write(leader, **fields)
    assert answer.status == 422
    assert re.findall(r'href="#f-(\w+)"', answer.text) == [fault]
    assert fields.get("text", WORDS) in answer.text
    assert await canned(console) == []


async def test_clerks_read_and_do_not_write(console: ConsoleSite) -> None:
    leader, clerk = await console.sign_in("sun"), await console.sign_in("zhou")
    await write(leader)
    page = await clerk.get("/staff/canned")
    assert page.status == 200
    assert WORDS in page.text
    assert not page.has_action("new-canned")
    (one,) = await canned(console)
    assert (await write(clerk)).status == 403
    assert (await clerk.get(f"/staff/canned/{one.id}")).status == 403
    assert (await clerk.post(f"/staff/canned/{one.id}/remove")).status == 403
    for name in ("auditor", "helper"):
        assert (await (await console.sign_in(name)).get("/staff/canned")).status == 403
    assert (await (await console.sign_in("admin")).get("/staff/canned")).status == 200


async def test_another_county_neither_reads_nor_changes_them(console: ConsoleSite) -> None:
    await write(await console.sign_in("sun"))
    (one,) = await canned(console)
    boss = await console.sign_in("boss")
    assert WORDS not in (await boss.get("/staff/canned")).text
    assert (await boss.get(f"/staff/canned/{one.id}")).status == 404
    assert (await write(boss, f"/staff/canned/{one.id}", text="别处写的")).status == 404
    assert (await boss.post(f"/staff/canned/{one.id}/remove")).status == 404
    assert [(row.text, row.removed_at) for row in await canned(console)] == [(WORDS, None)]


async def test_two_who_change_one_do_not_overwrite_each_other_unseen(console: ConsoleSite) -> None:
    leader, head = await console.sign_in("sun"), await console.sign_in("head")
    await write(leader)
    (one,) = await canned(console)
    seen = one.changed_at.isoformat()
    console.bureau.clock.advance(minutes=1)
    assert (await write(head, f"/staff/canned/{one.id}", text="局长写的", seen=seen)).status == 303
    late = await write(leader, f"/staff/canned/{one.id}", text="孙写的", seen=seen)
    assert late.status == 409
    assert "局长写的" in late.text
    assert "孙写的" in late.text
    assert (await canned(console))[0].text == "局长写的"


async def test_a_ticket_is_offered_those_of_its_place_and_category(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    leader = await console.sign_in("sun")
    await write(leader, title="都用", place="洪湖市")
    await write(leader, title="社保", category="insurance", place="洪湖市螺山镇")
    await write(leader, title="本类", category="insurance")
    await write(leader, title="别类", category="training")
    await write(await console.sign_in("boss"), title="罗庄")
    by_title = {one.title: str(one.id) for one in await canned(console)}
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    assert offered(await clerk.get(f"/staff/tickets/{number}")) == [by_title["本类"], by_title["都用"]]
    for other in ("社保", "别类", "罗庄"):
        assert (await clerk.get(f"/staff/tickets/{number}?canned={by_title[other]}")).status == 404


async def test_one_is_put_into_what_was_written_without_a_script(console: ConsoleSite) -> None:
    await write(await console.sign_in("sun"))
    (one,) = await canned(console)
    clerk = await console.sign_in("zhou")
    path = f"/staff/tickets/{await mine(console)}"
    assert text_in(await clerk.get(f"{path}?canned={one.id}")) == WORDS
    put = await clerk.post(f"{path}/compose", text="您好。", write="reply", put=f"canned:{one.id}")
    assert put.status == 200
    assert text_in(put) == f"您好。\n{WORDS}"


async def test_one_that_cites_an_ended_document_warns_and_is_not_sent_by_one_click(console: ConsoleSite) -> None:
    await write(await console.sign_in("sun"), provision=FISHERS)
    (one,) = await canned(console)
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    path = f"/staff/tickets/{number}"
    page = await clerk.get(f"{path}?canned={one.id}")
    assert warns(page)
    form = {"text": text_in(page), "cites": cites_in(page), "write": "reply"}
    refused = await clerk.post(f"{path}/reply", **form)
    assert refused.status == 422
    assert text_in(refused) == WORDS
    assert refused.has_action("reply-anyway")
    assert await told(console, number) == 0
    assert (await clerk.post(f"{path}/reply", **form, confirm="1")).status == 303
    assert await told(console, number) == 1


async def test_with_the_sentence_it_is_sent(console: ConsoleSite) -> None:
    await write(await console.sign_in("sun"), provision=FISHERS)
    (one,) = await canned(console)
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    path = f"/staff/tickets/{number}"
    page = await clerk.get(f"{path}?canned={one.id}")
    form = {"text": text_in(page), "cites": cites_in(page), "write": "reply"}
    mended = await clerk.post(f"{path}/compose", **form, put="latest")
    assert not warns(mended)
    assert latest_holds() in text_in(mended)
    assert (await clerk.post(f"{path}/reply", text=text_in(mended), cites=cites_in(mended))).status == 303
    assert await told(console, number) == 1


async def test_an_answer_that_names_an_ended_document_by_hand_is_asked_about_too(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    await console.bureau.do("zhou", "record_contact", number, "打过电话", how="phone")
    text = "按洪人社办[2023] 7号，每年8月底前发。"
    path = f"/staff/tickets/{number}/answer"
    assert (await clerk.post(path, text=text, closing="explained")).status == 422
    assert (await console.bureau.ticket(number)).answered_at is None
    assert (await clerk.post(path, text=f"{text}以{latest_holds()}。", closing="explained")).status == 303


async def test_inside_notes_are_not_asked_about(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    assert (await clerk.post(f"/staff/tickets/{number}/note", text="洪人社办〔2023〕7号过期了")).status == 303


async def test_a_forged_id_puts_nothing_in(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    path = f"/staff/tickets/{await mine(console, region=TOWN, category=Category.INSURANCE)}"
    for put in ("canned:999", "canned:x", "suggest:luozhuang-2016-poverty-relief.document", "suggest:"):
        assert (await clerk.post(f"{path}/compose", text="您好", put=put)).status == 404
    assert text_in(await clerk.post(f"{path}/compose", text="您好", put="nothing")) == "您好"


async def test_a_ticket_of_another_county_takes_nothing(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    stranger = await console.sign_in("stranger")
    assert (await stranger.post(f"/staff/tickets/{number}/compose", text="x", put="latest")).status == 404
    assert HONGHU != LUOZHUANG


@pytest.mark.browser
async def test_in_the_browser_it_is_put_in_beside_what_was_written(console: ConsoleSite, browser: Browser) -> None:
    await write(await console.sign_in("sun"), provision=FISHERS)
    clerk = await console.sign_in("zhou")
    number = await mine(console)
    context = await browser.new_context(locale="zh-CN", viewport={"width": 1440, "height": 900})
    await context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": f"{console.url}staff"} for cookie in clerk.http.cookie_jar]
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{console.url}staff/tickets/{number}")
    await page.fill("#w", "您好。")
    await expect(page.locator("#weak")).to_be_hidden()
    await page.click(".canned summary")
    await page.click("[data-action=use-canned]")
    await expect(page.locator("#w")).to_have_value(f"您好。\n{WORDS}")
    await expect(page.locator("#weak")).to_be_visible()
    await page.click("[data-action=add-latest]")
    await expect(page.locator("#weak")).to_be_hidden()
    assert latest_holds() in await page.input_value("#w")
    await context.close()
