"""等您决定: what waits for a leader stands there with its facts, is decided there, and is gone; of their place only."""

from __future__ import annotations

import re

import pytest

from bot.replies import make_environment
from bot.staff.roles import Role
from handlers.tickets.ticket import Satisfaction, State
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import LUOZHUANG, TOWN, Bureau

PAGE = "/staff/decisions"


def waiting(page: Answer) -> dict[str, str]:
    """Number -> what it waits for."""
    return dict(re.findall(r'data-number="([^"]+)" data-wait="(\w+)"', page.text))


def counted(page: Answer) -> int:
    found = re.search(r'data-count="decisions"[^>]*>(\d+)<', page.text)
    assert found is not None
    return int(found[1])


async def decide(at: StaffBrowser, number: str, act: str, **fields: str) -> Answer:
    return await at.post(f"/staff/tickets/{number}/{act}", back="decisions", **fields)


async def working(bureau: Bureau, **more: object) -> str:
    number = await bureau.file(**more)  # type: ignore[arg-type]
    await bureau.do("zhou", "claim", number)
    await bureau.do("zhou", "record_contact", number, "问过了", how="phone")
    return number


async def all_kinds(bureau: Bureau) -> dict[str, str]:
    """One of each, and one of another county."""
    made = {kind: await working(bureau, chat=kind) for kind in ("extension", "review", "rating", "call", "unsolved")}
    await bureau.do("zhou", "ask_extension", made["extension"], 2, reason="等银行回单")
    await bureau.do("zhou", "submit", made["review"], "查清了，下周二到账")
    made["return"] = await bureau.file(chat="return")
    await bureau.do("zhou", "claim", made["return"])
    await bureau.do("zhou", "return_ticket", made["return"], reason="是劳动监察的事")
    await bureau.do("zhou", "answer", made["rating"], "补好了", closing="solved")
    await bureau.say("confirm_solved", made["rating"], chat="rating")
    await bureau.say("rate", made["rating"], Satisfaction.DISSATISFIED, chat="rating")
    await bureau.do("zhou", "answer", made["unsolved"], "补好了", closing="solved")
    await bureau.say("object", made["unsolved"], "没到账", chat="unsolved")
    await bureau.solve("sun", made["unsolved"])
    await bureau.say("object", made["unsolved"], "还是没有", chat="unsolved")
    made["call"] = await working(bureau, chat=None)
    await bureau.do("zhou", "answer", made["call"], "办好了", closing="solved")
    await bureau.queue("罗庄综合", LUOZHUANG)
    made["elsewhere"] = await bureau.file(chat="far", region=LUOZHUANG)
    await bureau.do("boss", "claim", made["elsewhere"])
    await bureau.do("boss", "ask_extension", made["elsewhere"], 2, reason="外地的")
    return made


async def test_what_waits_stands_there_with_why(console_on_each: ConsoleSite) -> None:
    made = await all_kinds(console_on_each.bureau)
    head = await console_on_each.sign_in("head")
    page = await head.get(PAGE)
    expected = {number: kind for kind, number in made.items() if kind != "elsewhere"}
    assert waiting(page) == expected
    assert counted(page) == len(expected) == 6
    for words in ("等银行回单", "是劳动监察的事", "查清了，下周二到账", "还是没有"):
        assert words in page.text
    assert "外地的" not in page.text


async def test_what_was_unsolved_twice_is_for_the_head(console_on_each: ConsoleSite) -> None:
    made = await all_kinds(console_on_each.bureau)
    sun = await console_on_each.sign_in("sun")
    page = await sun.get(PAGE)
    assert made["unsolved"] not in waiting(page)
    assert counted(page) == 5


async def test_an_extension_is_granted_there_and_the_deadline_is_what_was_shown(console: ConsoleSite) -> None:
    made = await all_kinds(console.bureau)
    sun = await console.sign_in("sun")
    page = await sun.get(PAGE)
    before = (await console.bureau.ticket(made["extension"])).answer_due
    answer = await decide(sun, made["extension"], "grant")
    assert (answer.status, answer.location) == (303, f"{PAGE}?done=grant")
    ticket = await console.bureau.ticket(made["extension"])
    assert ticket.state == str(State.WORKING)
    assert before is not None
    assert ticket.answer_due is not None
    assert ticket.answer_due > before
    shown = re.search(r"批了到</dt><dd><b>([^<]+)</b>", page.text)
    assert shown is not None
    assert shown[1] == make_environment().filters["moment"](ticket.answer_due)
    after = await sun.get(f"{PAGE}?done=grant")
    assert made["extension"] not in waiting(after)
    assert 'role="status"' in after.text


@pytest.mark.parametrize(
    ("kind", "act", "fields", "state"),
    [
        ("extension", "deny", {"text": "材料齐了，按期办"}, State.WORKING),
        ("return", "reassign", {"text": "确是监察的事", "category": "labour"}, State.WAITING),
        ("review", "answer", {"text": "下周二到账", "closing": "solved"}, State.ANSWERED),
        ("review", "send-back", {"text": "说清哪天"}, State.WORKING),
        ("rating", "finish-task", {"text": "嫌慢，以后先打电话", "kind": "bad_rating"}, State.HEARD),
        ("call", "hear", {"text": "说到账了", "solved": "yes"}, State.HEARD),
        ("unsolved", "reopen", {"text": "换人再查"}, State.WORKING),
        ("unsolved", "finish-task", {"text": "向他解释过", "kind": "unsolved"}, State.HEARD),
    ],
)
async def test_each_is_decided_there_and_is_gone(
    console: ConsoleSite, kind: str, act: str, fields: dict[str, str], state: State
) -> None:
    made = await all_kinds(console.bureau)
    head = await console.sign_in("head")
    page = await head.get(PAGE)
    assert page.has_action(act)
    answer = await decide(head, made[kind], act, **fields)
    assert (answer.status, answer.location) == (303, f"{PAGE}?done={act}")
    assert (await console.bureau.ticket(made[kind])).state == str(state)
    assert fields["text"] in await console.bureau.words(made[kind])
    assert made[kind] not in waiting(await head.get(PAGE))


@pytest.mark.parametrize(("kind", "act"), [("extension", "deny"), ("return", "reassign"), ("review", "send-back")])
async def test_without_a_reason_nothing_is_decided(console: ConsoleSite, kind: str, act: str) -> None:
    made = await all_kinds(console.bureau)
    sun = await console.sign_in("sun")
    before = (await console.bureau.ticket(made[kind])).state
    assert (await decide(sun, made[kind], act, category="labour", text=" ")).status == 422
    assert (await console.bureau.ticket(made[kind])).state == before


async def test_an_answer_is_sent_as_it_was_handed_in(console: ConsoleSite) -> None:
    """Names are half hidden to be read, but what the person gets must not be."""
    bureau = console.bureau
    number = await working(bureau)
    await bureau.do("zhou", "submit", number, "示例·张某，您的补贴下周二到账")
    sun = await console.sign_in("sun")
    page = await sun.get(PAGE)
    assert 'name="text" maxlength="5000" required>示例·张某，您的补贴下周二到账</textarea>' in page.text


async def test_a_decision_on_what_has_moved_on_is_not_taken(console: ConsoleSite) -> None:
    made = await all_kinds(console.bureau)
    sun = await console.sign_in("sun")
    seen = str((await console.bureau.ticket(made["extension"])).entries)
    await console.bureau.do("head", "decide_extension", made["extension"], granted=True)
    assert (await decide(sun, made["extension"], "deny", text="不批", seen=seen)).status == 409
    assert (await console.bureau.ticket(made["extension"])).extended


async def test_who_leads_another_county_decides_nothing_of_ours(console_on_each: ConsoleSite) -> None:
    made = await all_kinds(console_on_each.bureau)
    boss = await console_on_each.sign_in("boss")
    page = await boss.get(PAGE)
    assert waiting(page) == {made["elsewhere"]: "extension"}
    assert counted(page) == 1
    for kind, act in (("extension", "grant"), ("return", "reassign"), ("review", "answer"), ("call", "hear")):
        before = (await console_on_each.bureau.ticket(made[kind])).state
        fields = {"text": "x", "category": "labour", "closing": "solved", "solved": "yes"}
        assert (await decide(boss, made[kind], act, **fields)).status == 404
        assert (await console_on_each.bureau.ticket(made[kind])).state == before


@pytest.mark.parametrize("name", ["zhou", "auditor", "admin", "helper"])
async def test_who_does_not_lead_has_no_such_page(console: ConsoleSite, name: str) -> None:
    await all_kinds(console.bureau)
    at = await console.sign_in(name)
    assert (await at.get(PAGE)).status == 403
    assert 'data-count="decisions"' not in (await at.get("/staff/password")).text


async def test_nothing_waits_in_a_new_bureau(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.hire("town", Role.SUPERVISOR, TOWN)
    for name in ("sun", "head", "town"):
        at = await console_on_each.sign_in(name)
        page = await at.get(PAGE)
        assert page.status == 200
        assert not waiting(page)
