"""代群众登记: one form files a whole ticket; what is wrong stays on the page; the same form twice is one ticket."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import func, select

from bot.staff.roles import Role
from handlers.tickets.models import Attachment, Ticket
from handlers.tickets.number import read_number
from tests.console.site import PASSWORD, Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, TOWN

TOLD = "我叫张水生，在洪湖市汊河镇示例村，恒发建筑公司欠我工资一万二，三个月没发，想把钱要回来，电话13971234567"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


async def register(clerk: StaffBrowser, **fields: str) -> Answer:
    return await clerk.post("/staff/register", **{"source": "window", "text": TOLD, **fields})


def number_in(answer: Answer) -> str:
    found = re.fullmatch(r"/staff/tickets/([0-9-]+)/sheet", answer.location)
    assert answer.status == 303, answer.text
    assert found is not None, answer.location
    return found[1]


def faults_in(answer: Answer) -> list[str]:
    """Fields that the summary on top leads to."""
    return re.findall(r'href="#f-(\w+)"', answer.text)


async def count(console: ConsoleSite) -> int:
    async with console.bureau.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Ticket)) or 0


async def test_one_post_with_words_alone_files_everything_they_tell(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    number = number_in(await register(clerk))
    ticket = await console_on_each.bureau.ticket(number)
    sealer = console_on_each.bureau.office.sealer
    assert (ticket.source, ticket.category, ticket.kind) == ("window", "labour", "complaint")
    assert ticket.region is not None
    assert ticket.region.startswith(HONGHU)
    assert len(ticket.region) == 9
    assert ticket.village == "示例村"
    assert ticket.facts["amount_yuan"] == 12000
    assert ticket.facts["employer"] == "恒发建筑公司"
    assert ticket.name is not None
    assert sealer.open(ticket.name, "ticket.name") == "张水生"
    assert ticket.phone is not None
    assert sealer.open(ticket.phone, "ticket.phone") == "13971234567"
    assert ticket.filed_by == console_on_each.bureau.ids["zhou"]
    assert ticket.answer_due is not None
    words = (await console_on_each.bureau.words(number))[0]
    assert "13971234567" not in words
    assert "张水生" not in words
    assert not await console_on_each.bureau.broken()


async def test_what_was_typed_goes_before_what_was_read(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    typed = {
        "source": "letter",
        "kind": "report",
        "category": "training",
        "place": "洪湖市新堤街道",
        "village": "示例社区",
        "about": "有人冒领补贴",
        "employer": "示例培训学校",
        "amount": "每人8000元",
        "people": "13",
        "since": "去年冬天",
        "wish": "查清楚",
        "name": "示例·王某",
        "phone": "0716-2421234",
        "relation": "父亲",
        "confidential": "1",
    }
    ticket = await console.bureau.ticket(number_in(await register(clerk, **typed)))
    assert (ticket.source, ticket.kind, ticket.category) == ("letter", "report", "training")
    assert (ticket.about, ticket.village, ticket.confidential) == ("有人冒领补贴", "示例社区", True)
    assert ticket.facts["employer"] == "示例培训学校"
    assert (ticket.facts["amount_yuan"], ticket.facts["people"]) == (8000, 13)
    assert ticket.facts["for_whom"] == "父亲"
    assert ticket.is_group
    assert ticket.priority == "urgent"
    assert ticket.phone is not None
    assert console.bureau.office.sealer.open(ticket.phone, "ticket.phone") == "0716-2421234"


async def test_an_anonymous_complaint_keeps_neither_name_nor_phone(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    ticket = await console.bureau.ticket(number_in(await register(clerk, anonymous="1", name="示例·王某")))
    assert (ticket.anonymous, ticket.confidential) == (True, True)
    assert ticket.name is ticket.phone is ticket.phone_digest is None


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("汊河镇", "421083112"),
        ("洪湖", HONGHU),
        ("421083102", TOWN),
        ("湖北省洪湖市螺山镇", "421083100"),
        ("", HONGHU),
    ],
)
async def test_a_place_is_understood_in_words_and_as_a_code(console: ConsoleSite, place: str, region: str) -> None:
    clerk = await console.sign_in("zhou")
    answer = await register(clerk, text="补贴没到账，帮我查一下", place=place)
    assert (await console.bureau.ticket(number_in(answer))).region == region


@pytest.mark.parametrize("place", ["武汉市", "371311", "湖北省", "没有的地方"])
async def test_a_place_that_is_not_theirs_is_refused_and_nothing_is_lost(console: ConsoleSite, place: str) -> None:
    clerk = await console.sign_in("zhou")
    answer = await register(clerk, place=place, wish="帮我问问")
    assert answer.status == 422
    assert faults_in(answer) == ["place"]
    assert place in answer.text
    assert "帮我问问" in answer.text
    assert await count(console) == 0


async def test_a_village_helper_files_in_their_township_and_nowhere_else(console: ConsoleSite) -> None:
    helper = await console.sign_in("helper")
    number = number_in(await register(helper, text="补贴没到账，帮我查一下", source="visit"))
    assert (await console.bureau.ticket(number)).region == TOWN
    assert (await helper.get(f"/staff/tickets/{number}/sheet")).status == 200
    assert faults_in(await register(helper, text="补贴没到账", place="洪湖市")) == ["place"]


async def test_a_place_elsewhere_that_is_only_spoken_of_does_not_move_the_matter(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    answer = await register(clerk, text="我在武汉打工，老板欠我工资八千块")
    assert (await console.bureau.ticket(number_in(answer))).region == HONGHU


async def test_everything_wrong_is_named_at_once_and_kept(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    answer = await register(clerk, text="", source="pigeon", phone="12", amount="好多", people="一帮", employer="恒发")
    assert answer.status == 422
    assert set(faults_in(answer)) == {"text", "source", "phone", "amount", "people"}
    for kept in ("好多", "一帮", "恒发"):
        assert kept in answer.text
    assert await count(console) == 0


async def test_too_long_a_story_is_refused_with_its_words_in_place(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    story = "补贴没到账。" * 1000
    answer = await register(clerk, text=story)
    assert (answer.status, faults_in(answer)) == (422, ["text"])
    assert story in answer.text


async def test_identity_and_card_numbers_are_taken_out_and_the_clerk_is_told(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = "11010519491231002X"
    read = await register(clerk, text=f"{TOLD}，身份证{number}", act="read")
    assert number not in read.text
    assert 'class="note dawn" role="status"' in read.text
    filed = number_in(await register(clerk, text=f"{TOLD}，身份证{number}", wish=f"退到6222021234567890128 {number}"))
    assert not any(number in words for words in await console.bureau.words(filed))
    assert number not in str((await console.bureau.ticket(filed)).facts)
    assert 'class="note dawn" role="status"' in (await clerk.get(f"/staff/tickets/{filed}/sheet")).text


async def test_reading_shows_what_the_words_hold_and_files_nothing(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    answer = await register(clerk, act="read")
    assert answer.status == 200
    assert 'value="恒发建筑公司"' in answer.text
    assert 'value="12000元"' in answer.text
    assert await count(console) == 0


async def test_what_was_shown_and_emptied_stays_empty(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    ticket = await console.bureau.ticket(number_in(await register(clerk, seen="1", place="洪湖市")))
    assert "employer" not in ticket.facts
    assert ticket.phone is None


async def test_the_same_form_posted_twice_files_once(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    first, second = await asyncio.gather(*(register(clerk, form_id="one-form") for _ in range(2)))
    assert number_in(first) == number_in(second) == number_in(await register(clerk, form_id="one-form"))
    assert await count(console_on_each) == 1


async def test_a_form_that_is_filed_meanwhile_is_never_taken_for_another_matter(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")

    async def post(form: int, before: int) -> str:
        for _ in range(before):  # a little later each, so that they meet at every step of filing
            await clerk.get("/static/mark.svg")
        return number_in(await register(clerk, form_id=f"{form}", phone=f"139712300{form:02}"))

    for form in range(15):
        assert len(set(await asyncio.gather(*(post(form, before) for before in range(12))))) == 1
    assert await count(console_on_each) == 15


async def test_the_form_id_of_somebody_else_is_another_form(console: ConsoleSite) -> None:
    one = number_in(await register(await console.sign_in("zhou"), form_id="x", phone="13971230001"))
    other = number_in(await register(await console.sign_in("sun"), form_id="x", phone="13971230002"))
    assert one != other


async def test_a_matter_that_is_open_already_is_asked_about(console: ConsoleSite) -> None:
    leader = await console.sign_in("sun")
    first = number_in(await register(leader))
    answer = await register(leader)
    assert answer.status == 409
    assert first in answer.text
    assert answer.has_action("add-to-same")
    assert answer.has_action("file-as-new")
    assert await count(console) == 1
    assert number_in(await register(leader, same="new")) != first


async def test_words_are_added_to_the_open_matter_once(console_on_each: ConsoleSite) -> None:
    leader = await console_on_each.sign_in("sun")
    first = number_in(await register(leader))
    for _ in range(2):
        more = await register(
            leader, text="又来问了，恒发建筑公司工资还是没给", phone="13971234567", same=first, form_id="f"
        )
        assert number_in(more) == first
    assert (await console_on_each.bureau.kinds(first)).count("heard") == 1
    assert not await console_on_each.bureau.broken()


async def test_a_matter_that_the_clerk_may_not_see_is_not_shown_as_the_same(console: ConsoleSite) -> None:
    await console.bureau.hire("wang", Role.CLERK, HONGHU, "监察")
    theirs = number_in(await register(await console.sign_in("sun")))
    clerk = await console.sign_in("zhou")
    answer = await register(clerk)
    assert number_in(answer) != theirs
    forged = await register(clerk, same=theirs)
    assert forged.status == 409
    assert theirs not in forged.text


async def test_files_are_kept_with_the_ticket(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    form = aiohttp.FormData({"source": "window", "text": TOLD})
    form.add_field("files", PNG, filename="合同.png", content_type="image/png")
    form.add_field("files", b"", filename="", content_type="application/octet-stream")
    number = number_in(await clerk.post("/staff/register", form))
    async with console.bureau.app.database.reading() as session:
        kept = (await session.scalars(select(Attachment))).one()
    assert (kept.ticket_id, kept.media_type) == ((await console.bureau.ticket(number)).id, "image/png")
    assert "attached" in await console.bureau.kinds(number)


@pytest.mark.parametrize("media_type", ["image/png", "application/x-msdownload", "text/html"])
async def test_a_file_that_nobody_should_open_is_refused_and_the_words_stay(
    console: ConsoleSite, media_type: str
) -> None:
    clerk = await console.sign_in("zhou")
    form = aiohttp.FormData({"source": "window", "text": TOLD})
    form.add_field("files", b"MZ\x00\x00", filename="合同.png", content_type=media_type)
    answer = await clerk.post("/staff/register", form)
    assert (answer.status, faults_in(answer)) == (422, ["files"])
    assert "恒发建筑公司" in answer.text
    assert await count(console) == 0


async def test_html_in_the_words_is_shown_as_words(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = number_in(await register(clerk, text="补贴没到账<script>alert(1)</script>", employer="<b>x</b>"))
    page = (await clerk.get(f"/staff/tickets/{number}/sheet")).text
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


@pytest.mark.parametrize("name", ["auditor", "admin"])
async def test_who_files_nothing_has_no_form(console: ConsoleSite, name: str) -> None:
    staff = await console.sign_in(name)
    assert (await staff.get("/staff/register")).status == 403
    assert (await register(staff)).status == 403
    assert await count(console) == 0


async def test_the_paper_tells_number_and_limit_and_hides_who_it_is(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = number_in(await register(clerk))
    page = await clerk.get(f"/staff/tickets/{number}/sheet")
    assert page.status == 200
    assert read_number(page.text.split('class="no num">')[1][:20]) == number
    assert "139****4567" in page.text
    assert "13971234567" not in page.text
    assert "张水生" not in page.text
    assert page.has_action("print")


async def test_the_paper_of_a_confidential_complaint_names_nobody(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    number = number_in(await register(clerk, confidential="1"))
    assert "139****4567" not in (await clerk.get(f"/staff/tickets/{number}/sheet")).text


async def test_a_clerk_of_another_county_finds_no_such_paper(console: ConsoleSite) -> None:
    number = number_in(await register(await console.sign_in("zhou")))
    stranger = await console.sign_in("stranger")
    assert (await stranger.get(f"/staff/tickets/{number}/sheet")).status == 404
    assert (await stranger.get("/staff/tickets/261124-99999/sheet")).status == 404


@pytest.mark.browser
async def test_on_a_phone_without_javascript_a_mistake_is_put_right_and_the_paper_comes(
    console: ConsoleSite, browser: Browser
) -> None:
    await console.sign_in("zhou")  # sets the password
    context = await browser.new_context(
        locale="zh-CN", viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{console.url}staff/register")
    await page.fill("[name=username]", "zhou")
    await page.fill("[name=password]", PASSWORD)
    await page.click("[data-action=sign-in]")
    await page.fill("[name=text]", TOLD)
    await page.fill("[name=phone]", "12")
    await page.check("[name=urgent]")
    await page.click("[data-action=register]")
    await page.click("#faults a")
    assert page.url.endswith("#f-phone")
    await expect(page.locator("#f-text")).to_have_value(TOLD)
    await expect(page.locator("[name=urgent]")).to_be_checked()
    body = await page.locator("body").bounding_box()
    assert body is not None
    for box in [await one.bounding_box() for one in await page.locator("main *:visible").all()]:
        assert box is None or box["x"] + box["width"] <= body["width"] + 1
    await page.fill("[name=phone]", "13971234567")
    await page.click("[data-action=register]")
    await expect(page.locator(".receipt .no")).to_be_visible()
    await expect(page.locator("[data-action=print]")).to_be_hidden()
    assert await count(console) == 1
    await context.close()


@pytest.mark.browser
async def test_the_paper_fits_one_sheet_and_prints_nothing_of_the_console(
    console: ConsoleSite, browser: Browser
) -> None:
    clerk = await console.sign_in("zhou")
    number = number_in(await register(clerk))
    context = await browser.new_context(locale="zh-CN")
    await context.add_cookies(
        [{"name": cookie.key, "value": cookie.value, "url": f"{console.url}staff"} for cookie in clerk.http.cookie_jar]
    )
    page = await context.new_page()
    await page.goto(f"{console.url}staff/tickets/{number}/sheet")
    await expect(page.locator("[data-action=print]")).to_be_visible()
    await page.emulate_media(media="print")
    for hidden in (".side", ".bar", ".act"):
        await expect(page.locator(hidden).first).to_be_hidden()
    printed = await page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    await context.close()
