"""Every act on the page of a ticket: who may do it, what is offered, and two clerks at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.staff.roles import Role
from handlers.tickets.console.offers import Act
from handlers.tickets.ticket import Satisfaction, State
from tests.console.site import Answer, ConsoleSite
from tests.handlers.tickets.bureau import HONGHU

Steps = Sequence[tuple[str, str, tuple[Any, ...], Mapping[str, Any]]]


@dataclass(frozen=True)
class Case:
    """One act: how a ticket gets to where it can be done, and the form."""

    act: Act
    needs: str
    """work, lead, note or unseal: which roles may."""
    fields: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    """What was done before, by name of `STAGES`."""


CLAIMED = (("zhou", "claim", (), {}),)
CONTACTED = (*CLAIMED, ("zhou", "record_contact", ("打过电话",), {"how": "phone"}))
ANSWERED = (*CONTACTED, ("zhou", "answer", ("查清了",), {"closing": "solved"}))
STAGES: Mapping[str, Steps] = {
    "": (),
    "claimed": CLAIMED,
    "contacted": CONTACTED,
    "supplement": (*CLAIMED, ("zhou", "ask_supplement", ("卡号",), {})),
    "returned": (*CLAIMED, ("zhou", "return_ticket", (), {"reason": "不是我的"})),
    "extending": (*CLAIMED, ("zhou", "ask_extension", (2,), {"reason": "要查"})),
    "review": (*CONTACTED, ("zhou", "submit", ("查清了",), {})),
    "answered": ANSWERED,
}
CASES = (
    Case(Act.CLAIM, "work"),
    Case(Act.ASSIGN, "lead", {"to": "turn"}),
    Case(Act.REPLY, "work", {"text": "您好"}, "claimed"),
    Case(Act.NOTE, "note", {"text": "备注"}),
    Case(Act.CONTACT, "work", {"text": "打通了", "how": "visit"}, "claimed"),
    Case(Act.SUPPLEMENT, "work", {"text": "要卡号"}, "claimed"),
    Case(Act.SUPPLEMENTED, "work", {}, "supplement"),
    Case(Act.TRANSFER, "work", {"text": "归监察", "category": "labour"}, "claimed"),
    Case(Act.RETURN, "work", {"text": "不归我们"}, "claimed"),
    Case(Act.REASSIGN, "lead", {"text": "归综合", "category": "general"}, "returned"),
    Case(Act.EXTENSION, "work", {"text": "要外调", "days": "2"}, "claimed"),
    Case(Act.GRANT, "lead", {"text": ""}, "extending"),
    Case(Act.DENY, "lead", {"text": "抓紧"}, "extending"),
    Case(Act.SUBMIT, "work", {"text": "查清了"}, "contacted"),
    Case(Act.SEND_BACK, "lead", {"text": "写清楚"}, "review"),
    Case(Act.ANSWER, "work", {"text": "办好了", "closing": "explained"}, "contacted"),
    Case(Act.HEAR, "work", {"text": "他说好了", "solved": "yes"}, "answered"),
    Case(Act.REOPEN, "lead", {"text": "没办好"}, "answered"),
    Case(Act.REJECT, "work", {"text": "归医保", "door": "医疗保障局"}, "claimed"),
    Case(Act.MERGE, "work", {"text": "同一件"}, "claimed"),
    Case(Act.FLAGS, "work", {"text": "人多", "urgent": "yes", "group": "yes", "confidential": ""}),
    Case(Act.SUPERVISE, "lead", {"text": "拖太久", "level": "2"}),
    Case(Act.TASK, "work", {"text": "问过了", "kind": "bad_rating"}, "answered"),
    Case(Act.CODE, "work"),
    Case(Act.HOLD, "work"),
    Case(Act.RELEASE, "work"),
    Case(Act.FACTS, "work", {"text": "说错了", "fact.wish": "补钱"}),
    Case(Act.UNSEAL, "unseal", {"text": "要打电话"}),
)
MAY = {
    "work": {"zhou", "sun", "head", "stranger", "boss"},
    "lead": {"sun", "head", "boss"},
    "note": {"zhou", "sun", "head", "helper", "stranger", "boss"},
    "unseal": {"zhou", "sun", "head", "auditor", "stranger", "boss"},
}
ELSEWHERE = {"stranger", "boss"}
READ = {Act.CODE, Act.UNSEAL}
"""Acts that answer with something to read."""


def path_of(number: str) -> str:
    return f"/staff/tickets/{number}"


async def ticket_for(site: ConsoleSite, case: Case, who: str) -> tuple[str, dict[str, str]]:
    """A ticket on which the act can be done, and the form."""
    bureau = site.bureau
    number = await bureau.file()
    fields = dict(case.fields)
    for name, act, words, more in STAGES[case.before]:
        await bureau.do(name, act, number, *words, **more)
    if case.act is Act.TASK:
        await bureau.say("rate", number, Satisfaction.DISSATISFIED)
    if case.act is Act.MERGE:
        fields["into"] = await bureau.file("other")
    if case.act in (Act.HOLD, Act.RELEASE) and who in ("zhou", "sun", "head"):
        await bureau.do(who, "claim", number)
        if case.act is Act.RELEASE:
            await bureau.do(who, "hold_chat", number)
    return number, fields


def expected(case: Case, who: str) -> int:
    if who not in MAY[case.needs]:
        return 403
    if who in ELSEWHERE:
        return 404
    return 200 if case.act in READ else 303


def test_every_act_has_its_case() -> None:
    assert [case.act for case in CASES] == list(Act)


@pytest.mark.parametrize("who", ["zhou", "sun", "head", "auditor", "helper", "admin", "stranger", "boss"])
async def test_each_role_does_its_own_and_nothing_else(console: ConsoleSite, who: str) -> None:
    clerk = await console.sign_in(who)
    came_to: dict[Act, int] = {}
    for case in CASES:
        number, fields = await ticket_for(console, case, who)
        before = await console.bureau.ticket(number)
        done = await clerk.post(f"{path_of(number)}/{case.act}", [], **fields)
        came_to[case.act] = done.status
        after = await console.bureau.ticket(number)
        assert (after.entries > before.entries) is (done.status in (200, 303)), (case.act, done.status)
        await give_back(console, number)
    assert came_to == {case.act: expected(case, who) for case in CASES}
    assert await console.bureau.broken() == []


async def give_back(site: ConsoleSite, number: str) -> None:
    """The next case begins in the same chat."""
    async with site.bureau.work() as session:
        ticket = await site.bureau.office.cabinet.find(session, number)
        handler = ticket.handler_id
        if handler is not None:
            staff = next(name for name, known in site.bureau.ids.items() if known == handler)
            await site.bureau.office.desk.release_chat(
                session, await site.bureau.staff(session, staff), number, now=site.bureau.now
            )


def offered(page: Answer) -> set[str]:
    """Acts that the page offers: by a form on it, or a link to one."""
    found = set(re.findall(r'data-action="(?:open-)?([a-z-]+)"', page.text))
    return found & {str(act) for act in Act}


@pytest.mark.parametrize("who", ["zhou", "sun", "auditor", "helper"])
@pytest.mark.parametrize("stage", STAGES)
async def test_what_is_not_offered_cannot_be_done_and_the_page_says_why(
    console: ConsoleSite, stage: str, who: str
) -> None:
    bureau = console.bureau
    number = await bureau.file()
    for name, act, words, more in STAGES[stage]:
        await bureau.do(name, act, number, *words, **more)
    clerk = await console.sign_in(who)
    pages = [await clerk.get(f"{path_of(number)}?write={tab}") for tab in ("reply", "note", "contact", "answer")]
    shown = set.union(*map(offered, pages))
    named = {html_id for page in pages for html_id in re.findall(r'aria-describedby="([^"]+)"', page.text)}
    assert named
    assert all(any(re.search(f'id="{name}"[^>]*>(?:<[^>]+>)*.+?', page.text) for page in pages) for name in named)
    entries = (await bureau.ticket(number)).entries
    for case in CASES:
        if str(case.act) not in shown and case.act is not Act.SUBMIT:
            fields = dict(case.fields) | ({"into": number} if case.act is Act.MERGE else {})
            refused = await clerk.post(f"{path_of(number)}/{case.act}", [], **fields)
            # To claim what one has, or to give back what one does not hold, is no fault, and changes nothing.
            idle = (303,) if case.act in (Act.CLAIM, Act.RELEASE) else ()
            assert refused.status in (403, 409, 422, *idle), (case.act, refused.status)
            assert (await bureau.ticket(number)).entries == entries, case.act


async def test_every_form_that_is_offered_opens_and_can_be_sent(console: ConsoleSite) -> None:
    clerk = await console.sign_in("sun")
    for stage, steps in STAGES.items():
        number = await console.bureau.file()
        for name, act, words, more in steps:
            await console.bureau.do(name, act, number, *words, **more)
        page = await clerk.get(path_of(number))
        for act in re.findall(r'href="\?do=([a-z-]+)#do"', page.text):
            form = await clerk.get(f"{path_of(number)}?do={act}")
            assert form.status == 200, (stage, act)
            assert act == "merge" or form.has_action(act), (stage, act)


async def test_an_answer_waits_for_a_contact_and_says_so(console: ConsoleSite) -> None:
    number = await console.bureau.file(None, source="phone")
    await console.bureau.do("zhou", "claim", number)
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"{path_of(number)}?write=answer")
    assert not page.has_action("answer")
    assert 'aria-disabled="true"' in page.text
    await clerk.post(f"{path_of(number)}/contact", text="打通了", how="phone")
    assert (await clerk.get(f"{path_of(number)}?write=answer")).has_action("answer")


async def test_a_leader_finds_the_answer_that_was_handed_in(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    for name, act, words, more in STAGES["review"]:
        await console.bureau.do(name, act, number, *words, **more)
    leader, clerk = await console.sign_in("sun"), await console.sign_in("zhou")
    page = await leader.get(path_of(number))
    assert re.search(r"<textarea[^>]*>查清了</textarea>", page.text)
    assert page.has_action("answer")
    assert not (await clerk.get(f"{path_of(number)}?write=answer")).has_action("answer")
    assert (await leader.post(f"{path_of(number)}/answer", text="查清了", closing="solved")).status == 303


# -- forms --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("contact", {"text": "打通了"}),
        ("contact", {"text": "打通了", "how": "telepathy"}),
        ("contact", {"text": " ", "how": "phone"}),
        ("answer", {"text": "好了", "closing": "won"}),
        ("transfer", {"text": "转", "category": "x"}),
        ("transfer", {"text": "", "category": "labour"}),
        ("extension", {"text": "要查", "days": "-1"}),
        ("extension", {"text": "要查", "days": "99999999999"}),
        ("extension", {"text": "要查", "days": "300"}),
        ("flags", {"text": "", "urgent": "yes"}),
        ("flags", {"text": "x", "urgent": "perhaps"}),
        ("finish-task", {"text": "x", "kind": "call me"}),
        ("reject", {"text": "x", "door": "隔壁"}),
        ("note", {"text": "　 \n"}),
        ("note", {"text": "长" * 5001}),
        ("merge", {"text": "x", "into": "261124-00013"}),
    ],
)
async def test_a_form_that_does_not_fit_does_nothing_and_keeps_what_was_written(
    console: ConsoleSite, act: str, fields: dict[str, str]
) -> None:
    number = await console.bureau.file()
    await console.bureau.do("zhou", "claim", number)
    entries = (await console.bureau.ticket(number)).entries
    clerk = await console.sign_in("zhou")
    refused = await clerk.post(f"{path_of(number)}/{act}", [], **fields)
    assert refused.status == 422, refused.status
    assert 'role="alert"' in refused.text
    if fields["text"].strip():
        assert fields["text"][:100] in refused.text
    assert (await console.bureau.ticket(number)).entries == entries


async def test_a_note_of_five_megabytes_is_refused_before_it_is_read(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    clerk = await console.sign_in("zhou")
    refused = await clerk.post(f"{path_of(number)}/note", text="长" * 1_700_000)
    assert refused.status == 413
    assert "<h1>" in refused.text
    assert (await console.bureau.ticket(number)).entries == 1


async def test_assigned_by_name_only_to_whom_it_fits(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    leader, ids = await console.sign_in("sun"), console.bureau.ids
    form = await leader.get(f"{path_of(number)}?do=assign")
    named = set(re.findall(r'name="to" value="(\w+)"', form.text))
    assert named == {"turn", *(str(ids[name]) for name in ("zhou", "li", "sun", "head"))}
    for wrong in (ids["stranger"], ids["auditor"], ids["helper"], 99999):
        assert (await leader.post(f"{path_of(number)}/assign", to=str(wrong))).status == 422
    assert (await leader.post(f"{path_of(number)}/assign", to="0 OR 1")).status == 422
    assert (await leader.post(f"{path_of(number)}/assign", to=str(ids["li"]))).status == 303
    assert (await console.bureau.ticket(number)).handler_id == ids["li"]


async def test_merged_after_a_look_at_both(console: ConsoleSite) -> None:
    bureau = console.bureau
    number, into = await bureau.file(), await bureau.file("other", about="同村的一件")
    await bureau.do("zhou", "claim", number)
    clerk = await console.sign_in("zhou")
    preview = await clerk.get(f"{path_of(number)}?do=merge&into={into.replace('-', '')}")
    assert "同村的一件" in preview.text
    assert preview.has_action("merge")
    done = await clerk.post(f"{path_of(number)}/merge", text="同一批", into=into)
    assert done.location == f"{path_of(into)}?done=merge"
    assert (await bureau.ticket(number)).state == str(State.MERGED)
    assert into in (await clerk.get(path_of(number))).text


async def test_a_ticket_of_another_county_is_no_preview(console: ConsoleSite) -> None:
    bureau = console.bureau
    number = await bureau.file()
    foreign = await bureau.file("other", about="别县的一件", region="371311")
    await bureau.do("zhou", "claim", number)
    clerk = await console.sign_in("zhou")
    preview = await clerk.get(f"{path_of(number)}?do=merge&into={foreign}")
    assert "别县的一件" not in preview.text
    assert not preview.has_action("merge")
    assert (await clerk.post(f"{path_of(number)}/merge", text="同一件", into=foreign)).status == 404


async def test_whoever_gave_it_away_is_led_to_what_they_still_have(console: ConsoleSite) -> None:
    await console.bureau.hire("wang", Role.CLERK, HONGHU, "监察")
    number = await console.bureau.file()
    await console.bureau.do("zhou", "claim", number)
    clerk = await console.sign_in("zhou")
    done = await clerk.post(f"{path_of(number)}/transfer", text="归监察", category="labour")
    assert (done.status, done.location) == (303, "/staff/work?done=transfer")


async def test_a_code_is_shown_once(console: ConsoleSite) -> None:
    number = await console.bureau.file()
    clerk = await console.sign_in("zhou")
    given = await clerk.post(f"{path_of(number)}/code")
    code = re.search(r'查询码 <span class="num">(\d{6})<', given.text)
    assert code is not None
    assert code[1] not in (await clerk.get(path_of(number))).text


# -- two clerks ---------------------------------------------------------------------------------------------
