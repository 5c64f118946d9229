"""申请看反映人 in the console: asked on the ticket's page, decided under 等您决定, seen by the asker alone."""

from __future__ import annotations

import re

from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import PHONE

PAGE = "/staff/decisions"
WHY = "要上门核实"


def path_of(number: str) -> str:
    return f"/staff/tickets/{number}"


def counted(text: str) -> int:
    found = re.search(r'data-count="decisions"[^>]*>(\d+)<', text)
    return int(found[1]) if found else 0


def stage(text: str) -> str:
    found = re.search(r'data-request="(\w+)"', text)
    return found[1] if found else ""


async def test_from_the_question_to_the_look(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    number = await console.bureau.file(confidential=True)
    zhou, head, li = [await console.sign_in(name) for name in ("zhou", "head", "li")]
    page = await zhou.get(path_of(number))
    assert page.has_action("open-unseal-ask")
    assert not page.has_action("open-unseal")
    form = await zhou.get(f"{path_of(number)}?do=unseal")
    assert form.has_action("unseal-ask")
    empty = await zhou.post(f"{path_of(number)}/unseal-ask", text=" ")
    assert (empty.status, empty.has_action("unseal-ask")) == (422, True)
    done = await zhou.post(f"{path_of(number)}/unseal-ask", text=WHY)
    assert (done.status, done.location) == (303, f"{path_of(number)}?done=unseal-asked")
    assert stage((await zhou.get(path_of(number))).text) == "open"
    # Nothing of it on a colleague's page.
    theirs = await li.get(path_of(number))
    assert stage(theirs.text) == ""
    assert WHY not in theirs.text
    waiting = await head.get(PAGE)
    assert f'data-number="{number}" data-wait="unseal"' in waiting.text
    assert WHY in waiting.text
    assert counted(waiting.text) == 1
    assert waiting.has_action("unseal-grant")
    assert waiting.has_action("unseal-deny")
    request = re.search(r'name="request" value="(\d+)"', waiting.text)
    assert request is not None
    granted = await head.post(f"{path_of(number)}/unseal-grant", request=request[1], text="可以")
    assert (granted.status, granted.location) == (303, f"{PAGE}?done=unseal-granted")
    assert counted((await head.get(PAGE)).text) == 0
    page = await zhou.get(path_of(number))
    assert stage(page.text) == "granted"
    assert page.has_action("open-unseal")
    assert (await zhou.get(f"{path_of(number)}?do=unseal")).has_action("unseal")
    told = await zhou.post(f"{path_of(number)}/unseal")
    assert told.status == 200
    assert PHONE in told.text
    assert PHONE not in (await zhou.get(path_of(number))).text
    refused = await li.post(f"{path_of(number)}/unseal", text="我也想看")
    assert refused.status == 422
    assert PHONE not in refused.text


async def test_denied_the_asker_reads_why(console: ConsoleSite) -> None:
    number = await console.bureau.file(confidential=True)
    await console.bureau.do("zhou", "ask_unseal", number, reason=WHY)
    head, zhou, li = [await console.sign_in(name) for name in ("head", "zhou", "li")]
    request = re.search(r'name="request" value="(\d+)"', (await head.get(f"{PAGE}?wait=unseal")).text)
    assert request is not None
    empty = await head.post(f"{path_of(number)}/unseal-deny", request=request[1], text="")
    assert empty.status == 422
    await head.post(f"{path_of(number)}/unseal-deny", request=request[1], text="先看他交的材料")
    page = await zhou.get(path_of(number))
    assert stage(page.text) == "denied"
    assert "先看他交的材料" in page.text
    assert "先看他交的材料" not in (await li.get(path_of(number))).text


async def test_others_decide_nothing_and_learn_nothing(console: ConsoleSite) -> None:
    number = await console.bureau.file(confidential=True)
    await console.bureau.do("zhou", "ask_unseal", number, reason=WHY)
    for name, status in (("sun", 403), ("li", 403), ("auditor", 404), ("boss", 403)):
        at = await console.sign_in(name)
        assert (await at.post(f"{path_of(number)}/unseal-grant", request="1", text="可以")).status == status
    sun = await console.sign_in("sun")
    page = await sun.get(PAGE)
    assert (counted(page.text), WHY in page.text) == (0, False)
    head = await console.sign_in("head")
    for request in ("", "x", "99"):
        assert (await head.post(f"{path_of(number)}/unseal-grant", request=request, text="可以")).status == 404
