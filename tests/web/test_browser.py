"""The page in a real Chromium: talking, keyboard, large text, dark, without JavaScript, with a broken connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, Page, expect

from bot.clock import FixedClock
from bot.messages import Address
from bot.settings import Settings
from bot.web.visitors import COOKIE, address_of
from tests.web.conftest import Site, serve

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
PAGES = ("", "menu", "privacy", "chat/end", "nowhere")
PLACES = (("洪湖", "湖北"), ("武汉", "湖北"), ("罗庄", "山东"), ("扬州", "江苏"), ("海南", "全省"))


@pytest.fixture
async def site(settings: Settings, clock: FixedClock) -> AsyncIterator[Site]:
    async with serve(settings, clock, places=PLACES) as running:
        yield running


@asynccontextmanager
async def opened(browser: Browser, site: Site, **options: Any) -> AsyncIterator[Page]:
    """The page on a phone; any error in its script fails the test."""
    options.setdefault("viewport", PHONE)
    context = await browser.new_context(locale="zh-CN", **options)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Security" in message.text else None)
    await page.goto(site.url)
    yield page
    await context.close()
    assert not faults


async def address(page: Page) -> Address:
    cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
    return address_of(cookies[COOKIE])


async def say(page: Page, text: str) -> None:
    await page.fill("#q", text)
    await page.press("#q", "Enter")
    await expect(page.locator(".msg.me[data-seq]", has_text=text).last).to_be_visible()


async def seqs(page: Page) -> list[int]:
    found: list[int] = await page.eval_on_selector_all("[data-seq]", "all => all.map(m => +m.dataset.seq)")
    return found


async def test_question_is_answered_without_a_new_page(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await page.evaluate("window.same = true")
        await say(page, "厂里招我们打鱼的，有没得补贴")
        card = page.locator(".answer")
        await expect(card.locator(".big")).to_contain_text("1000")
        await expect(card.locator(".term")).to_contain_text("洪湖市")
        await expect(card.locator(".tag.dawn")).to_have_text("已过期")
        await expect(page.locator("#welcome")).to_have_count(0)
        await card.locator("summary").click()
        await expect(card.locator(".clause")).to_contain_text("给予 1000 元/人")
        assert await page.evaluate("window.same")


async def test_pressed_choice_is_ticked_and_the_others_stay_readable(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "招人补贴多少")
        site.place[await address(page)] = "洪湖市"
        await page.click(".opt:has-text('洪湖')")
        await expect(page.locator(".fig")).to_be_visible()
        for _ in range(2):  # as the script drew it, and as the server does
            await expect(page.locator(".opt.done")).to_have_text("1洪湖")
            await expect(page.locator("#m2 .opt.off")).to_have_count(3)
            await expect(page.locator(".where b")).to_have_text("洪湖市")
            await page.reload()


async def test_rating_leaves_the_next_steps_open(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "有补贴吗")
        await page.click(".under >> text=没用")
        await expect(page.locator("#m4")).to_be_visible()
        for _ in range(2):
            await expect(page.locator(".under [aria-pressed=true]:not([data-speak])")).to_have_text("没用")
            await expect(page.locator("#m2 .opt.off")).to_have_count(0)
            await page.reload()


async def test_history_is_there_after_a_reload_and_older_is_behind_a_button(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        site.talk.fill(await address(page), 40)
        await page.reload()
        assert await seqs(page) == list(range(51, 81))
        await page.click("text=看更早的")
        await page.wait_for_selector("#m21")
        assert await seqs(page) == list(range(21, 81))
        await page.click("text=看更早的")
        await page.wait_for_selector("#m1")
        assert await seqs(page) == list(range(1, 81))
        await expect(page.locator("text=看更早的")).to_have_count(0)
        await expect(page.locator(".day")).to_have_count(1)


async def test_news_appears_by_itself(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "你好")
        await site.talk.push(await address(page), "您的事办好了")
        await expect(page.locator(".msg.human")).to_contain_text("您的事办好了")


async def test_what_is_written_while_the_net_is_gone_is_sent_once_it_is_back(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "第一句")
        await page.context.set_offline(True)
        await page.fill("#q", "断网时写的")
        await page.press("#q", "Enter")
        await expect(page.locator(".note.clay")).to_contain_text("网断了")
        await expect(page.locator(".msg.wait")).to_contain_text("断网时写的")
        await site.talk.push(await address(page), "断网时来的消息")
        await page.context.set_offline(False)
        await expect(page.locator(".msg.me[data-seq]").last).to_contain_text("断网时写的")
        await expect(page.locator(".msg.human")).to_contain_text("断网时来的消息")
        await expect(page.locator(".note.clay")).to_have_count(0)
        await expect(page.locator(".msg.wait")).to_have_count(0)
        assert await seqs(page) == [1, 2, 3, 4, 5]


async def test_answer_lost_on_the_way_is_asked_for_again_and_nothing_is_done_twice(
    browser: Browser, site: Site
) -> None:
    async with opened(browser, site) as page:
        lost: list[str] = []

        async def lose(route: Any) -> None:
            if route.request.method == "POST" and not lost:
                lost.append(route.request.post_data)
                await route.fetch()  # it arrives, but its answer does not
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/chat/messages*", lose)
        await say(page, "有补贴吗")
        await expect(page.locator(".answer")).to_have_count(1)
        await expect(page.locator(".note.clay")).to_have_count(0)
        assert await seqs(page) == [1, 2]
        assert len(site.talk.incoming) == len(lost) == 1


async def test_refusal_is_told_and_the_words_are_kept(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await page.fill("#q", "坏了")
        await page.press("#q", "Enter")
        await expect(page.locator(".note.clay")).to_contain_text("编号")
        await expect(page.locator("#q")).to_have_value("坏了")
        await say(page, "你好")
        await expect(page.locator(".note.clay")).to_have_count(0)


async def test_draft_survives_a_reload(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await page.type("#q", "写到一半")
        await page.reload()
        await expect(page.locator("#q")).to_have_value("写到一半")


async def test_everything_is_done_by_keyboard_alone(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.type("招人补贴多少")
        await page.keyboard.press("Enter")
        await expect(page.locator("#m2 .opt")).to_have_count(4)
        await page.locator("#log").focus()
        await tab_to(page, "#m2 .opt")
        await page.keyboard.press("Space")
        await expect(page.locator(".fig")).to_be_visible()
        await tab_to(page, "summary")
        await page.keyboard.press("Enter")
        await expect(page.locator(".clause")).to_be_visible()


async def tab_to(page: Page, selector: str) -> None:
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by Tab")


async def test_chat_works_without_javascript(browser: Browser, site: Site) -> None:
    async with opened(browser, site, java_script_enabled=False) as page:
        await page.fill("#q", "招人补贴多少")
        await page.click("text=发送")
        await page.click(".opt:has-text('洪湖')")
        await expect(page.locator(".answer .big")).to_contain_text("1000")
        await page.click("summary")
        await expect(page.locator(".clause")).to_be_visible()
        await page.click("header >> text=人工")
        await expect(page.locator(".msg.me").last).to_contain_text("人工")
        await page.click("text=菜单")
        await page.click("a:has-text('特大')")
        assert await page.get_attribute("html", "data-size") == "3"
        await page.click("text=结束并清空")
        await page.click("button:has-text('清空')")
        await expect(page.locator(".note.reed")).to_contain_text("清空了")
        await expect(page.locator(".msg[data-seq]")).to_have_count(0)


async def test_clearing_takes_the_draft_too(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "别人不该看到的")
        await page.type("#q", "写到一半")
        await page.goto(f"{site.url}chat/end")
        await page.click("button:has-text('清空')")
        await expect(page.locator("#q")).to_have_value("")
        assert "别人不该看到的" not in await page.content()
        await page.go_back()
        assert "别人不该看到的" not in await page.content()


async def test_reply_can_be_read_aloud_and_stopped(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        spoken = """window.spoken = []; Object.defineProperty(window, "speechSynthesis", { value: {
          speak: (talk) => window.spoken.push([talk.text, talk.lang]), cancel: () => window.spoken.push("stop") } })"""
        await page.add_init_script(spoken)
        await page.reload()
        await say(page, "有补贴吗")
        button = page.locator("[data-speak]")
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true")
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "false")
        _, (words, language), stop = await page.evaluate("window.spoken")
        assert (language, stop) == ("zh-CN", "stop")
        assert "1000元 / 人 已过期" in words
        assert "给予 1000 元/人一次性" not in words  # the clause is closed


@pytest.mark.parametrize("look", ["", "?size=2", "?size=3", "?theme=dark"])
async def test_pages_are_readable_and_reachable(browser: Browser, site: Site, look: str) -> None:
    async with opened(browser, site) as page:
        if look:
            await page.goto(site.url + look)
        await say(page, "招人补贴多少")
        await say(page, "那我自己开个店呢，有补贴没得")
        await site.talk.push(await address(page), "您好，我是工作人员。")
        await expect(page.locator(".msg.human")).to_be_visible()
        await page.locator("summary").last.click()
        root = {"?size=2": 20, "?size=3": 24}.get(look, 16)
        least = 44 if root == 16 else 60
        for path in PAGES:
            if path:
                await page.goto(site.url + path)
            assert await page.evaluate(SMALL_TEXT, 1.125 * root) == [], path
            assert await page.evaluate(SMALL_TARGETS, least) == [], path
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            assert await serious_findings(page) == [], path


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("size", [1, 2, 3])
async def test_in_danger_nothing_covers_the_telephone_numbers(
    browser: Browser, site: Site, size: int, script: bool
) -> None:
    async with opened(browser, site, java_script_enabled=script, has_touch=True) as page:
        await page.goto(f"{site.url}?size={size}")
        await page.fill("#q", "我不想活了")
        await page.click("text=发送")
        calls = page.locator("a.opt[href^='tel:']")
        await expect(calls).to_have_count(3)
        if script:
            assert await page.evaluate(COVERED) == []
            await page.reload()
            await expect(calls.last).to_be_in_viewport()
            assert await page.evaluate(COVERED) == []
        await expect(page.locator("#composer")).to_have_css("position", "static")
        await page.fill("#q", "你好")
        await page.click("text=发送")
        await expect(page.locator(".msg.me").last).to_contain_text("你好")
        await expect(page.locator("#composer")).to_have_css("position", "sticky")


async def test_desk_page_has_its_rail_and_no_findings(browser: Browser, site: Site) -> None:
    async with opened(browser, site, viewport=DESK, color_scheme="dark") as page:
        await page.click(".rail .link >> nth=0")
        await expect(page.locator(".answer")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
        assert await serious_findings(page) == []


async def test_print_keeps_the_words_and_drops_the_tools(browser: Browser, site: Site) -> None:
    async with opened(browser, site) as page:
        await say(page, "有补贴吗")
        await page.emulate_media(media="print")
        await expect(page.locator(".fig")).to_be_visible()
        await expect(page.locator(".composer")).to_be_hidden()
        await expect(page.locator(".opts")).to_be_hidden()


COVERED = """() => Array.from(document.querySelectorAll('a.opt')).filter(one => {
  const box = one.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.bottom - 3);
  return !(top && one.contains(top));
}).map(one => one.textContent)"""
SMALL_TEXT = """least => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !node.getClientRects().length || node.closest('.vh, .opt.done i')) continue;
    const size = parseFloat(getComputedStyle(node).fontSize);
    if (size < least - .01) found.push(size + ' ' + walk.currentNode.data.trim());
  }
  return found;
}"""
SMALL_TARGETS = """least => Array.from(document.querySelectorAll('a, button, summary, input:not([type=hidden])'))
  .filter(node => node.getClientRects().length && !node.closest('.skip'))
  .filter(node => !node.matches('p:not(.row):not(.earlier) > a:not(.btn)')) // links inside a sentence
  .map(node => [node.getBoundingClientRect(), node.textContent.trim()])
  .filter(([box]) => box.height < least - .5 || box.width < least - .5)
  .map(([box, words]) => `${words} ${box.width}×${box.height}`)"""


async def serious_findings(page: Page) -> list[str]:
    """What axe finds; its script is put in from outside, for the page's policy allows none."""
    context = await page.context.new_cdp_session(page)
    await context.send("Page.setBypassCSP", {"enabled": True})
    await page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    result = await page.evaluate("axe.run()")
    return [
        f"{finding['id']}: {finding['nodes'][0]['html'][:160]} {finding['nodes'][0]['failureSummary'][:200]}"
        for finding in result["violations"]
        if finding["impact"] in {"serious", "critical", "moderate"}
    ]
