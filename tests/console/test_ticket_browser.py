"""A case worked in a real Chromium on a phone, with and without JavaScript; and how the page stands there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from handlers.tickets.ticket import State
from tests.bureau import Person
from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_look import read_with_axe

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}


@asynccontextmanager
async def at_work(browser: Browser, site: ConsoleSite, name: str, **options: Any) -> AsyncIterator[Page]:
    """Signed in on a phone; any error in its scripts fails the test."""
    await site.sign_in(name)  # the one-time password is changed
    options.setdefault("viewport", PHONE)
    context = await browser.new_context(locale="zh-CN", **options)
    page = await context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security" in message.text else None)
    await page.goto(f"{site.url}staff/login")
    await page.fill("[name=username]", name)
    await page.fill("[name=password]", PASSWORD)
    await page.click("button.go")
    await page.wait_for_url("**/staff/**")
    yield page
    await context.close()
    assert not faults


async def press(page: Page, action: str) -> None:
    await page.click(f'[data-action="{action}"]')


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
async def test_a_case_is_worked_from_claim_to_close(browser: Browser, console: ConsoleSite, scripts: bool) -> None:
    number = await console.bureau.file()
    async with at_work(browser, console, "zhou", java_script_enabled=scripts) as page:
        await page.goto(f"{console.url}staff/tickets/{number}")
        await press(page, "claim")
        await expect(page.locator(".note.reed[role=status]")).to_contain_text("认领了")
        await press(page, "hold")
        await expect(page.locator('[data-action="release"]')).to_be_visible()
        await page.fill("#w", "您好，卡号核一下")
        if scripts:
            await page.press("#w", "Control+Enter")
        else:
            await press(page, "reply")
        await expect(page.locator(".msg.human")).to_contain_text("您好，卡号核一下")
        await page.click("text=内部备注")
        await page.fill("#w", "名单里有，卡号少一位")
        await press(page, "note")
        await expect(page.locator(".inner")).to_contain_text("名单里有")
        await page.click("nav[aria-label=写什么] >> text=联系记录")
        await page.check("text=在窗口")
        await page.fill("#w", "人来了，补了卡号")
        await press(page, "contact")
        await press(page, "open-answer")
        await page.check("text=已解决")
        await page.fill("#w", "补发好了，您查一下")
        await press(page, "answer")
        await expect(page.locator(".head .tag", has_text="已办结")).to_be_visible()
    assert (await console.bureau.ticket(number)).state == str(State.ANSWERED)


@pytest.mark.parametrize("scripts", [False, True], ids=["without scripts", "with scripts"])
async def test_a_leader_gives_it_to_somebody_and_transfers_it(
    browser: Browser, console: ConsoleSite, scripts: bool
) -> None:
    number = await console.bureau.file()
    async with at_work(browser, console, "sun", java_script_enabled=scripts) as page:
        await page.goto(f"{console.url}staff/tickets/{number}")
        await page.click(".more-acts summary")
        await press(page, "open-assign")
        await page.check("text=li")
        await press(page, "assign")
        await expect(page.locator(".head")).to_contain_text("li在办")
        await press(page, "open-transfer")
        await page.select_option("#category", "labour")
        await page.fill("#do-text", "归监察")
        await press(page, "transfer")
        await expect(page.locator(".head .tag", has_text="劳动监察")).to_be_visible()
    ticket = await console.bureau.ticket(number)
    assert (ticket.category, ticket.handler_id) == ("labour", None)


async def test_what_was_written_survives_a_collision(browser: Browser, console: ConsoleSite) -> None:
    number = await console.bureau.file()
    async with at_work(browser, console, "zhou", java_script_enabled=False) as page:
        await page.goto(f"{console.url}staff/tickets/{number}")
        await page.fill("#w", "我写了很久的话")
        await console.bureau.do("li", "claim", number)
        await press(page, "reply")
        await expect(page.locator("#changes")).to_contain_text("li")
        await expect(page.locator("#w")).to_have_value("我写了很久的话")
        await press(page, "reply")
        await expect(page.locator(".msg.human")).to_contain_text("我写了很久的话")


async def test_what_the_person_writes_appears_on_the_open_page(browser: Browser, console: ConsoleSite) -> None:
    number = await console.bureau.file()
    await console.bureau.do("zhou", "claim", number)
    await console.bureau.do("zhou", "hold_chat", number)
    person = Person(console.bureau.app)
    async with at_work(browser, console, "zhou") as page:
        await page.goto(f"{console.url}staff/tickets/{number}")
        await page.fill("#w", "我正写着")
        await person.say("<b>卡号我找到了</b>")
        await expect(page.locator(".msg.me").last).to_contain_text("<b>卡号我找到了</b>")
        await expect(page.locator("#lines")).to_contain_text("卡号我找到了")
        await expect(page.locator("#moved")).to_be_hidden()
        await expect(page.locator("#w")).to_have_value("我正写着")
        await press(page, "reply")  # what they said is in sight: nothing stands in the way
        await expect(page.locator(".msg.human")).to_contain_text("我正写着")
        await page.fill("#w", "第二句")
        await console.bureau.do("sun", "note", number, "我来看看")
        await expect(page.locator("#moved")).to_be_visible()
        await press(page, "reply")
        await expect(page.locator("#changes")).to_contain_text("我来看看")
        await expect(page.locator("#w")).to_have_value("第二句")


LOOKS = (
    {"viewport": PHONE},
    {"viewport": DESK},
    {"viewport": PHONE, "color_scheme": "dark"},
    {"viewport": DESK, "color_scheme": "dark"},
)
READ_WITH_AXE = LOOKS[1:3]
"""Both layouts and both sets of colours are among them."""


@pytest.mark.parametrize("look", LOOKS)
async def test_the_page_holds_on_every_screen(browser: Browser, console: ConsoleSite, look: dict[str, Any]) -> None:
    number = await console.bureau.file(others=(), facts={"employer": "示例水产公司" * 12, "wish": "一" * 80})
    await console.bureau.do("zhou", "claim", number)
    await console.bureau.do("zhou", "note", number, "https://example.invalid/" + "x" * 300)
    async with at_work(browser, console, "zhou", **look) as page:
        for tail in ("", "?do=transfer", "?do=facts", "?do=merge", "?write=answer"):
            for size in ("1", "3"):
                await page.context.add_cookies(
                    [{"name": "shangan_size", "value": size, "url": console.url, "sameSite": "Lax"}]
                )
                await page.goto(f"{console.url}staff/tickets/{number}{tail}")
                await page.locator(".more-acts summary").click()
                wide = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert wide <= 0, (tail, size, wide)
                small = await page.evaluate(SMALL)
                assert small == [], (tail, size)
            if look in READ_WITH_AXE:
                assert await read_with_axe(page) == [], tail


SMALL = """[...document.querySelectorAll('main :is(a.btn, button, summary, .tabs a, select, textarea)')]
  .filter(e => e.getBoundingClientRect().width && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML)"""
"""Targets that are too low for a finger."""


async def test_a_colleague_who_comes_and_goes_is_named_meanwhile(browser: Browser, console: ConsoleSite) -> None:
    number = await console.bureau.file()
    async with at_work(browser, console, "zhou", viewport=DESK) as page:
        await page.goto(f"{console.url}staff/tickets/{number}")
        await page.fill("#w", "正在写的话")
        async with at_work(browser, console, "li", viewport=DESK) as other:
            await other.goto(f"{console.url}staff/tickets/{number}")
            await expect(page.locator("#beside")).to_contain_text("li也开着")
            await expect(other.locator("#beside")).to_contain_text("zhou也开着")
        await expect(page.locator("#beside")).to_be_empty(timeout=30_000)
        await expect(page.locator("#moved")).to_be_hidden()
        assert await page.input_value("#w") == "正在写的话"
