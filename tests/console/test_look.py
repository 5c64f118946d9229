"""Every page of the side bar, for every role, as Chromium draws it: axe finds nothing, nothing runs off a phone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from tests.console.site import PASSWORD, ConsoleSite
from tests.console.test_person_tasks import add_task
from tests.console.test_persons import add as add_person

pytestmark = pytest.mark.browser

LOOKS = ((360, "light", 1), (1440, "light", 1), (360, "dark", 3))
"""Width, theme, size of the letters: the first two are one page that becomes wider."""
SEES_LESS = {"zhou", "helper"}
"""Nearly all their pages are among those of the others: axe, the slowest, reads them in one look only."""
AXE = "axe.run({resultTypes: ['violations']})"
FOUND = ".then(all => all.violations.map(one => [one.id, one.nodes[0].html.slice(0, 200)]))"
"""Of its report, long for a page without fault, only what it found leaves the browser."""
SMALL = """[...document.querySelectorAll('main :is(a.btn, button:not(.vh), summary, .tabs a, select), .side .to')]
  .filter(e => { const box = e.getBoundingClientRect(); return box.width && box.height && box.height < 43.5 })
  .map(e => e.outerHTML)"""
"""Targets that are too low for a finger."""


@pytest.mark.parametrize("name", ["zhou", "sun", "auditor", "admin", "helper"])
async def test_every_page_of_a_role_is_whole(console: ConsoleSite, browser: Browser, name: str) -> None:
    number = await console.bureau.file(is_group=name == "sun")
    await console.bureau.do("zhou", "claim", number)
    person = await add_person(console, employment="employed", skills=["电焊"])
    await add_task(console, person)
    await console.sign_in(name)  # gives them the password
    page = await (await browser.new_context()).new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    await page.goto(f"{console.url}staff/login")
    await page.fill("#u", name)
    await page.fill("#p", PASSWORD)
    await page.click("[data-action=sign-in]")
    links = re.findall(r'class="to" href="(/staff/[a-z/-]+)"', await page.content())
    assert links
    file = f"/staff/persons/{person}"
    more = {
        "zhou": (f"/staff/tickets/{number}", file, f"{file}/edit", "/staff/persons/new"),
        "sun": (f"/staff/tickets/{number}",),
    }
    more["helper"] = (file, f"{file}?part=contacts")
    paths = dict.fromkeys([*links, *more.get(name, ())])
    found = {}
    for path in paths:
        for width, theme, size in LOOKS:
            address = f"{console.url.rstrip('/')}{path}?theme={theme}&size={size}"
            if wrong := await faults_of(page, address, width, axe=theme == "dark" or name not in SEES_LESS):
                found[path, width, theme, size] = wrong
    assert found == {}
    assert faults == []


async def faults_of(page: Page, address: str, width: int, *, status: int = 200, axe: bool = True) -> list[object]:
    """What is wrong with a page as it is drawn: its status, its width, its targets, what axe finds.

    A page that is open already is only made wider. Axe reads each page wide, and dark on a phone: so it meets both
    layouts and both sets of colours.
    """
    await page.set_viewport_size({"width": width, "height": 800})
    wrong: list[object] = []
    if page.url != address:
        answer = await page.goto(address)
        assert answer is not None
        wrong += [] if answer.status == status else [answer.status]
    over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over > 0:
        wrong.append(f"{over} px too wide")
    wrong += await page.evaluate(SMALL)
    if axe and (width > 360 or "theme=dark" in address):
        wrong += await read_with_axe(page)
    return wrong


async def read_with_axe(page: Page) -> list[object]:
    """-> rule and place of each fault"""
    await page.evaluate(Axe().axe_script)
    found: list[object] = await page.evaluate(AXE + FOUND)
    return found
