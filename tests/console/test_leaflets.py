"""明白纸: what stands on a printed sheet, what is left unsaid, and the sheet itself as a page and as PDF."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

import pytest
from playwright.async_api import Browser, Page

from bot.clock import FixedClock
from bot.messages import ChannelName
from bot.settings import Settings
from bot.staff.roles import Role
from handlers.notices.leaflet_code import Code
from handlers.notices.leaflet_pdf import draw_leaflet
from handlers.notices.leaflet_words import Foot, SheetWords, word_sheet
from handlers.notices.leaflets import ALL_READERS, MOST_LINES, Line, lines_for, readers_of, sheets_of, suggested
from knowledge.offices import Office, load_offices
from knowledge.policy import Aspect, Policy
from tests.bureau import knowing
from tests.console.site import PASSWORD, ConsoleSite, open_console
from tests.console.test_look import LOOKS, faults_of

PATH = "/staff/leaflets"
SHEET = f"{PATH}/sheet?place=洪湖市&for=retired_fisher"
TODAY = date(2026, 11, 24)
ADVERTISED = "4001076681"


@cache
def policies() -> tuple[Policy, ...]:
    return tuple(shelf.policy for shelf in knowing().book.shelves)


def policy_of(place: str) -> Policy:
    return next(policy for policy in policies() if policy.document.place == place)


def every_line() -> list[tuple[Policy, str, Line]]:
    return [
        (policy, reader, line)
        for policy in policies()
        for reader in readers_of([policy])
        for line in lines_for([policy], reader)
    ]


def words_of(policy: Policy, *, reader: str = ALL_READERS, office: Office | None = None) -> list[SheetWords]:
    foot = Foot(office, load_offices().fallback, TODAY)
    sheets = sheets_of([policy], lines_for([policy], reader))
    return [word_sheet(sheet, reader, policy.document.place, foot) for sheet in sheets]


def test_no_condition_is_left_out_of_a_line() -> None:
    for policy, _, line in every_line():
        _, provision_id, *fact_id = line.id.split(".")
        for fact in policy.by_id[provision_id].facts:
            if fact.aspect in (Aspect.CONDITIONS, Aspect.WHO) or fact_id == [fact.id]:
                assert fact.say in line.says, (line.id, fact.id)


def test_money_without_a_stated_sum_is_said_to_be_unstated() -> None:
    lines = {line.id: line for line in lines_for([policy_of("洪湖市")], "retired_fisher")}
    allowance = lines["honghu-2023-fishers.training-allowance"]
    assert allowance.unstated
    assert allowance.figure is None
    hainan = lines_for([policy_of("海南省")], ALL_READERS)
    assert [line.figure for line in hainan if line.id.endswith(".training-subsidy")] == [None]  # its word is 按规定


def test_what_is_no_money_is_not_called_unstated() -> None:
    lines = {line.id: line for line in lines_for([policy_of("洪湖市")], ALL_READERS)}
    assert not lines["honghu-2023-fishers.job-fair"].unstated


def test_two_amounts_for_two_kinds_of_people_are_two_lines() -> None:
    lines = [line for line in lines_for([policy_of("洪湖市")], "retired_fisher") if ".startup-subsidy." in line.id]
    assert {line.figure.number for line in lines if line.figure} == {"2000", "5000"}
    assert len(lines) == 2


def test_what_only_employers_get_is_marked_so_for_the_people_they_hire() -> None:
    (line,) = [one for one in lines_for([policy_of("洪湖市")], "retired_fisher") if one.id.endswith(".hiring-subsidy")]
    assert line.to == "employer"
    assert not [one for one in lines_for([policy_of("洪湖市")], ALL_READERS) if one.id == line.id]


def test_a_group_is_not_shown_what_is_for_another_group_alone() -> None:
    ids = {line.id for line in lines_for([policy_of("洪湖市")], "returned_home")}
    assert "honghu-2023-fishers.training-allowance" not in ids
    amounts = [line.figure.number for line in lines_for([policy_of("洪湖市")], "hard_to_employ") if line.figure]
    assert "2000" in amounts
    assert "5000" not in amounts


@pytest.mark.parametrize("place", ["洪湖市", "武汉市", "海南省", "临沂市罗庄区", "扬州市"])
def test_more_than_a_sheet_holds_is_divided_by_topic_and_nothing_is_lost(place: str) -> None:
    policy = policy_of(place)
    lines = lines_for([policy], ALL_READERS)
    sheets = sheets_of([policy], lines)
    assert [line for sheet in sheets for line in sheet.lines] == list(lines)
    assert all(len(sheet.lines) <= MOST_LINES for sheet in sheets)
    assert all({line.topic for line in sheet.lines} == {sheet.topic} for sheet in sheets)
    assert len(sheets_of([policy], suggested(lines))) == 1


def test_the_number_of_an_advertisement_stands_on_no_leaflet() -> None:
    for policy in policies():
        for sheet in words_of(policy):
            assert ADVERTISED not in re.sub(r"\D", "", str(sheet))


def test_a_sheet_carries_what_of_the_office_is_entered_and_no_more() -> None:
    policy = policy_of("洪湖市")
    assert words_of(policy, office=Office("洪湖人社局"))[0].office == ("洪湖人社局",)
    assert words_of(policy, office=Office("洪湖人社局", "0716-2430000"))[0].office == ("洪湖人社局　0716-2430000",)


@pytest.mark.parametrize("place", ["洪湖市", "武汉市", "海南省", "临沂市罗庄区", "扬州市"])
def test_the_pdf_has_one_page_a_sheet(place: str) -> None:
    office = Office("示例人社局", "0716-2430000", "文泉大道 99 号", "周一至周五 8:30-17:30")
    sheets = words_of(policy_of(place), office=office)
    site, chat = Code("https://chat.example.gov.cn", "扫码问"), Code("https://t.me/example_bot", "Telegram")
    for codes in ([], [site], [site, chat]):
        assert pages_of(draw_leaflet(sheets, codes)) == len(sheets)


# -- the pages ----------------------------------------------------------------------------------------------


async def test_the_sheet_says_the_period_above_the_figures_and_names_its_source(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await clerk.get(SHEET)
    assert page.status == 200
    text = page.text
    assert text.index("已经过期") < text.index("5000")
    for part in ("洪人社办〔2023〕7号", "二、（六）", "12333", "2026年11月24日", "洪湖市人力资源和社会保障局"):
        assert part in text


async def test_only_what_is_ticked_is_on_the_sheet(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"{SHEET}&item=honghu-2023-fishers.hiring-subsidy")
    assert page.text.count("<section>") == 1
    assert "1000" in page.text
    assert "5000" not in page.text


async def test_ticks_that_no_document_holds_leave_nothing_to_print(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    assert (await clerk.get(f"{SHEET}&item=no.such")).status == 422


async def test_the_form_lists_what_the_place_has_with_its_figures(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"{PATH}?place=洪湖市螺山镇&for=retired_fisher&topic=insurance")
    assert 'value="honghu-2023-fishers.pension-enrolment"' in page.text
    assert "honghu-2023-fishers.startup-loan" not in page.text
    assert page.has_action("leaflet-show")


async def test_a_place_without_documents_is_told_so_and_borrows_none(settings: Settings, clock: FixedClock) -> None:
    async with open_console(settings, clock) as console:
        await console.bureau.hire("everywhere", Role.CLERK, "000000")
        clerk = await console.sign_in("everywhere")
        page = await clerk.get(f"{PATH}?place=监利市")
        assert page.status == 200
        assert not page.has_action("leaflet-show")
        assert "5000" not in page.text
        above = await clerk.get(f"{PATH}?place=湖北省")
        assert "洪湖市" in above.text
        assert (await clerk.get(f"{PATH}/sheet?place=监利市")).status == 422


async def test_a_place_that_is_not_theirs_is_a_fault_at_the_field(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    for place in ("武汉市", "不存在的地方"):
        page = await clerk.get(f"{PATH}?place={place}")
        assert page.status == 422
        assert 'id="f-place-e"' in page.text
        assert (await clerk.get(f"{PATH}/sheet?place={place}")).status == 404


async def test_who_drafts_no_notices_prints_no_leaflets(console: ConsoleSite) -> None:
    for name in ("auditor", "admin", "helper"):
        at = await console.sign_in(name)
        assert (await at.get(PATH)).status == 403
        assert (await at.get(f"{PATH}/sheet.pdf?place=洪湖市")).status == 403


async def test_the_code_leads_to_the_site_or_to_an_address_that_is_typed(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    assert "<figure>" not in (await clerk.get(SHEET)).text
    assert "<figure>" in (await clerk.get(f"{SHEET}&code=https://t.me/example_bot")).text
    for bad in ("javascript:alert(1)", "http://[", "https://" + "a" * 300):
        assert "<figure>" not in (await clerk.get(SHEET + f"&code={bad}")).text


@pytest.mark.parametrize(("handle", "codes"), [("honghu_bot", 1), ("", 0), ("a bot", 0), ("x/../y", 0)])
async def test_the_bot_on_telegram_has_a_code_once_its_name_is_known(
    console: ConsoleSite, handle: str, codes: int
) -> None:
    clerk = await console.sign_in("zhou")
    console.bureau.app.handles[ChannelName.TELEGRAM] = handle
    assert ('name="telegram"' in (await clerk.get(f"{PATH}?place=洪湖市")).text) is bool(codes)
    assert (await clerk.get(f"{SHEET}&telegram=yes")).text.count("<figure>") == codes
    assert (await clerk.get(f"{SHEET}&telegram=yes&code=https://a.example")).text.count("<figure>") == codes + 1
    assert "<figure>" not in (await clerk.get(SHEET)).text


async def test_the_pdf_comes_as_a_file(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    async with clerk.http.get(SHEET.replace("/sheet?", "/sheet.pdf?")) as answer:
        body = await answer.read()
        assert answer.content_type == "application/pdf"
        assert "attachment" in answer.headers["Content-Disposition"]
    assert pages_of(body) == 1


async def signed_in(console: ConsoleSite, browser: Browser) -> Page:
    await console.sign_in("zhou")  # gives them the password
    page = await (await browser.new_context()).new_page()
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", "zhou")
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    return page


@pytest.mark.browser
async def test_form_and_sheet_are_whole_at_every_size(console: ConsoleSite, browser: Browser) -> None:
    page = await signed_in(console, browser)
    sheet = f"{SHEET}&code=https://t.me/example_bot"
    found = {}
    for path in (f"{PATH}?place=洪湖市&for=retired_fisher", f"{PATH}?place=武汉市", sheet):
        for width, theme, size in LOOKS:
            address = f"{console.url.rstrip('/')}{path}&theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width, status=422 if "武汉" in path else 200):
                found[path, width, theme, size] = wrong
    assert found == {}


@pytest.mark.browser
async def test_every_sheet_prints_on_one_page(console: ConsoleSite, browser: Browser) -> None:
    page = await signed_in(console, browser)
    await page.goto(f"{console.url.rstrip('/')}{PATH}?place=洪湖市&for=retired_fisher")
    for box in await page.query_selector_all("[name=item]"):
        await box.check()
    await page.click("[data-action=leaflet-show]")
    sheets = await page.locator(".a4").count()
    assert sheets > 3
    assert pages_of(await page.pdf(prefer_css_page_size=True)) == sheets


def pages_of(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF")
    return len(re.findall(rb"/Type\s*/Page\b", pdf))
