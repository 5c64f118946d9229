"""Accounts: an administrator keeps those of their place, nobody's own and never the last one's; all is written down."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from sqlalchemy import select

from bot.staff.accounts import Duty
from bot.staff.models import AuditEntry, Staff
from bot.staff.roles import EVERYWHERE, Role
from handlers.tickets.models import QueueMember
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN

NEW = {"username": "wang", "display_name": "示例·王某", "role": "clerk", "place": "洪湖市", "telegram": ""}


async def account(console: ConsoleSite, username: str) -> Staff | None:
    async with console.bureau.app.database.reading() as session:
        return await session.scalar(select(Staff).where(Staff.login == username))


async def audited(console: ConsoleSite, action: str) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def queues_of(console: ConsoleSite, name: str) -> set[int]:
    async with console.bureau.app.database.reading() as session:
        wanted = select(QueueMember.queue_id).where(QueueMember.staff_id == console.bureau.ids[name])
        return set(await session.scalars(wanted))


def secret(answer: Answer) -> str:
    found = re.search(r"<output[^>]*>([^<]+)</output>", answer.text)
    assert found is not None
    return found[1]


def path_of(console: ConsoleSite, name: str) -> str:
    return f"/staff/accounts/{console.bureau.ids[name]}"


def form_of(name: str, **more: str) -> dict[str, str]:
    """The form of an account as it stands."""
    return {"display_name": name, "role": "clerk", "place": "421083", "telegram": "", **more}


async def test_the_list_shows_accounts_of_the_own_place_and_no_others(console_on_each: ConsoleSite) -> None:
    admin = await console_on_each.sign_in("admin")
    page = await admin.get("/staff/accounts")
    assert page.status == 200
    assert 'href="/staff/accounts" aria-current="page"' in page.text
    assert path_of(console_on_each, "zhou") in page.text
    assert path_of(console_on_each, "helper") in page.text
    assert f'"{path_of(console_on_each, "stranger")}"' not in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [("q=ZHOU", True), ("q=%25", False), ("role=clerk", True), ("role=head", False), ("state=disabled", False)],
)
async def test_the_list_is_searched_by_words_role_and_state(
    console_on_each: ConsoleSite, query: str, shown: bool
) -> None:
    admin = await console_on_each.sign_in("admin")
    page = await admin.get(f"/staff/accounts?{query}")
    assert (f'"{path_of(console_on_each, "zhou")}"' in page.text) is shown


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=99999", "role=king", "state=%00", "q=" + "长" * 500])
async def test_an_address_that_makes_no_sense_shows_a_list_all_the_same(console: ConsoleSite, query: str) -> None:
    admin = await console.sign_in("admin")
    assert (await admin.get(f"/staff/accounts?{query}")).status == 200


async def test_a_new_account_gets_a_password_that_is_shown_once_and_must_be_changed(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    queue = (await queues_of(console, "zhou")).pop()
    answer = await admin.post("/staff/accounts", [*NEW.items(), ("queue", str(queue))])
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    made = await account(console, "wang")
    assert made is not None
    assert (made.role, made.region, made.must_change_password) == ("clerk", HONGHU, True)
    assert secret(answer) not in (await admin.get(f"/staff/accounts/{made.id}")).text
    at = await console.browser()
    assert (await at.sign_in("wang", secret(answer))).location == "/staff/password"
    assert [entry.subject_id for entry in await audited(console, "account_added")][-1] == str(made.id)
    joined = (await audited(console, "queues_assigned"))[-1]
    assert (joined.subject_id, joined.data) == (str(made.id), {"queue": queue, "joined": True})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"username": "a b"}, "username"),
        ({"username": "Zhou"}, "username"),
        ({"telegram": "x1"}, "telegram"),
        ({"telegram": "101"}, "telegram"),
        ({"role": "king"}, "role"),
        ({"place": "不知道什么地方"}, "place"),
        ({"place": ""}, "place"),
        ({"place": "罗庄区"}, "place"),
        ({"place": "湖北省"}, "place"),
        ({"place": EVERYWHERE}, "place"),
    ],
)
async def test_a_form_with_a_fault_comes_back_with_all_that_was_typed(
    console: ConsoleSite, change: dict[str, str], field: str
) -> None:
    admin = await console.sign_in("admin")
    given = NEW | change
    answer = await admin.post("/staff/accounts", **given)
    assert answer.status == 422
    assert f'href="#f-{field}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert given["display_name"] in answer.text
    assert await account(console, "wang") is None


async def test_all_that_is_wrong_with_a_form_is_said_at_once(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    answer = await admin.post("/staff/accounts", **NEW | {"username": "a b", "telegram": "x", "role": "", "place": "?"})
    fields = re.findall(r'<li><a href="#f-(\w+)"', answer.text)
    assert set(fields) == {"username", "telegram", "role", "place"}


async def test_reaching_for_another_region_in_a_form_is_written_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    await admin.post("/staff/accounts", **NEW | {"place": LUOZHUANG})
    assert [entry.data for entry in await audited(console, "refused")] == [{"code": "no_such_place"}]


async def test_nobody_is_put_into_a_queue_of_another_region(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    foreign = (await queues_of(console, "stranger")).pop()
    answer = await admin.post("/staff/accounts", [*NEW.items(), ("queue", str(foreign))])
    assert answer.status == 422
    assert await account(console, "wang") is None


async def test_role_and_place_are_changed_at_once_and_written_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    zhou = await console.sign_in("zhou")
    assert (await zhou.get("/staff/accounts")).status == 403
    changed = form_of("周", role="administrator", place="螺山镇")
    assert (await admin.post(f"{path_of(console, 'zhou')}/change", **changed)).status == 303
    assert (await zhou.get("/staff/accounts")).status == 200
    (entry,) = await audited(console, "account_changed")
    assert entry.data["role"] == ["clerk", "administrator"]
    assert entry.data["region"][0] == HONGHU
    assert "周" not in str(entry.data)


async def test_saying_what_is_so_already_writes_nothing_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    same = form_of("zhou", telegram="101")
    assert (await admin.post(f"{path_of(console, 'zhou')}/change", **same)).status == 303
    assert await audited(console, "account_changed") == []


async def test_who_serves_another_place_now_leaves_the_queues_that_do_not_suit_it(console: ConsoleSite) -> None:
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    root = await console.sign_in("root")
    assert await queues_of(console, "zhou")
    await root.post(f"{path_of(console, 'zhou')}/change", **form_of("zhou", place=TOWN))
    assert await queues_of(console, "zhou")
    await root.post(f"{path_of(console, 'zhou')}/change", **form_of("zhou", place=LUOZHUANG))
    assert await queues_of(console, "zhou") == set()


@pytest.mark.parametrize("change", [{"role": "auditor"}, {"place": TOWN}])
async def test_nobody_changes_who_holds_open_matters(console: ConsoleSite, change: dict[str, str]) -> None:
    bureau = console.bureau
    await bureau.do("zhou", "claim", await bureau.file())
    admin = await console.sign_in("admin")
    answer = await admin.post(f"{path_of(console, 'zhou')}/change", **form_of("zhou") | change)
    assert answer.status == 422
    found = await account(console, "zhou")
    assert found is not None
    assert (found.role, found.region) == ("clerk", HONGHU)


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("change", form_of("admin", role="clerk")),
        ("change", form_of("admin", role="administrator", place=TOWN)),
        ("disable", {"text": "试试"}),
        ("password", {}),
    ],
)
async def test_nobody_takes_away_their_own_account(console: ConsoleSite, act: str, fields: dict[str, str]) -> None:
    await console.bureau.hire("second", Role.ADMINISTRATOR)
    admin = await console.sign_in("admin")
    assert (await admin.post(f"{path_of(console, 'admin')}/{act}", **fields)).status == 422
    assert (await admin.get("/staff/accounts")).status == 200


async def test_the_own_name_can_be_changed(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    mine = form_of("示例·管某", role="administrator")
    assert (await admin.post(f"{path_of(console, 'admin')}/change", **mine)).status == 303
    found = await account(console, "admin")
    assert found is not None
    assert found.display_name == "示例·管某"


async def test_of_two_administrators_who_take_each_other_away_one_stays(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    await console.bureau.hire("second", Role.ADMINISTRATOR)
    one, other = await console.sign_in("admin"), await console.sign_in("second")
    answers = await asyncio.gather(
        one.post(f"{path_of(console, 'second')}/disable", text="换人"),
        other.post(f"{path_of(console, 'admin')}/disable", text="换人"),
    )
    left = [name for name in ("admin", "second") if (found := await account(console, name)) and not found.disabled_at]
    assert len(left) == 1
    assert 303 in [answer.status for answer in answers]


async def test_who_holds_matters_is_disabled_only_with_somebody_who_takes_them(console_on_each: ConsoleSite) -> None:
    console, bureau = console_on_each, console_on_each.bureau
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    admin, zhou = await console.sign_in("admin"), await console.sign_in("zhou")
    path = f"{path_of(console, 'zhou')}/disable"
    assert (await admin.post(path, text="调走")).status == 422
    assert (await admin.post(path, text="调走", to="")).status == 422
    assert (await admin.post(path, text="", to=str(bureau.ids["li"]))).status == 422
    assert (await bureau.ticket(number)).handler_id == bureau.ids["zhou"]
    assert (await admin.post(path, text="调走", to=str(bureau.ids["li"]))).status == 303
    assert (await bureau.ticket(number)).handler_id == bureau.ids["li"]
    assert "ended=changed" in (await zhou.get("/staff/")).location
    (entry,) = await audited(console, "account_disabled")
    assert entry.reason == "调走"
    assert (await audited(console, "queues_assigned"))[-1].data == {"handed_over": 1, "to": bureau.ids["li"]}


async def test_matters_of_who_leaves_go_by_turns_too(console: ConsoleSite) -> None:
    bureau = console.bureau
    numbers = [await bureau.file(str(n)) for n in range(3)]
    for number in numbers:
        await bureau.do("zhou", "claim", number)
    admin = await console.sign_in("admin")
    assert (await admin.post(f"{path_of(console, 'zhou')}/disable", text="离职", to="turns")).status == 303
    assert {(await bureau.ticket(number)).handler_id for number in numbers} == {bureau.ids["li"]}


@pytest.mark.parametrize("heir", ["stranger", "zhou", "auditor"])
async def test_matters_do_not_go_to_who_cannot_take_them(console: ConsoleSite, heir: str) -> None:
    bureau = console.bureau
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    admin = await console.sign_in("admin")
    answer = await admin.post(f"{path_of(console, 'zhou')}/disable", text="调走", to=str(bureau.ids[heir]))
    assert answer.status in (404, 422)
    assert (await bureau.ticket(number)).handler_id == bureau.ids["zhou"]
    found = await account(console, "zhou")
    assert found is not None
    assert found.disabled_at is None


async def test_a_disabled_account_is_opened_again(console: ConsoleSite) -> None:
    await console.bureau.dismiss("zhou")
    admin = await console.sign_in("admin")
    assert (await admin.get(path_of(console, "zhou"))).has_action("account-unlock")
    assert (await admin.post(f"{path_of(console, 'zhou')}/unlock")).status == 303
    found = await account(console, "zhou")
    assert found is not None
    assert found.disabled_at is None


async def test_a_password_reset_ends_the_session_and_shows_another_once(console: ConsoleSite) -> None:
    admin, zhou = await console.sign_in("admin"), await console.sign_in("zhou")
    answer = await admin.post(f"{path_of(console, 'zhou')}/password")
    assert "ended=changed" in (await zhou.get("/staff/")).location
    at = await console.browser()
    assert (await at.sign_in("zhou", secret(answer))).location == "/staff/password"
    assert secret(answer) not in str([entry.data for entry in await audited(console, "password_reset")])


ACTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "", {}),
    ("POST", "/change", form_of("x")),
    ("POST", "/password", {}),
    ("POST", "/unlock", {}),
    ("POST", "/disable", {"text": "试试"}),
]


async def ask(at: StaffBrowser, method: str, path: str, fields: dict[str, str]) -> Answer:
    return await (at.get(path) if method == "GET" else at.post(path, **fields))


@pytest.mark.parametrize(("method", "tail", "fields"), ACTS)
async def test_an_account_of_another_region_is_not_there_and_the_try_is_written_down(
    console: ConsoleSite, method: str, tail: str, fields: dict[str, str]
) -> None:
    admin = await console.sign_in("admin")
    foreign = await ask(admin, method, f"{path_of(console, 'stranger')}{tail}", fields)
    missing = await ask(admin, method, f"/staff/accounts/999999{tail}", fields)
    assert (foreign.status, missing.status) == (404, 404)
    assert foreign.text.replace(admin.csrf, "") == missing.text.replace(admin.csrf, "")
    assert [entry.data for entry in await audited(console, "refused")] == [{"code": "no_such_account"}] * 2
    found = await account(console, "stranger")
    assert found is not None
    assert (found.disabled_at, found.session_version) == (None, 1)


@pytest.mark.parametrize("words", ["x", "1e3", "-1", "99999999999999999999", "１"])
async def test_what_is_no_id_of_an_account_is_not_there(console: ConsoleSite, words: str) -> None:
    admin = await console.sign_in("admin")
    assert (await admin.get(f"/staff/accounts/{words}")).status == 404


@pytest.mark.parametrize("name", ["zhou", "sun", "head", "auditor", "helper"])
async def test_nobody_but_an_administrator_opens_accounts(console: ConsoleSite, name: str) -> None:
    at = await console.sign_in(name)
    assert (await at.get("/staff/accounts")).status == 403
    assert (await at.post("/staff/accounts", **NEW)).status == 403
    assert await account(console, "wang") is None
    assert {entry.data["code"] for entry in await audited(console, "refused")} == {"not_permitted"}


@pytest.mark.parametrize(("tail", "fields"), [(tail, fields) for method, tail, fields in ACTS if method == "POST"])
async def test_a_form_without_its_token_changes_no_account(
    console: ConsoleSite, tail: str, fields: dict[str, str]
) -> None:
    admin = await console.sign_in("admin")
    admin.csrf = "forged"
    before = await account(console, "zhou")
    assert (await admin.post(f"{path_of(console, 'zhou')}{tail}", **fields)).status == 403
    after = await account(console, "zhou")
    assert _said(before) == _said(after)


async def test_everybody_who_works_says_for_themselves_whether_they_are_there(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    away = await clerk.post("/staff/duty", duty=str(Duty.AWAY), back="/staff/password")
    assert away.location == "/staff/password?done=duty_away"
    found = await account(console, "zhou")
    assert found is not None
    assert not found.on_duty
    await clerk.post("/staff/duty", duty=str(Duty.ON), back="https://evil.example/")
    assert [entry.data for entry in await audited(console, "duty_changed")] == [{"duty": "away"}, {"duty": "on"}]


async def test_a_call_to_duty_leads_to_no_other_site_and_wants_its_token(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    assert (await clerk.post("/staff/duty", duty="away", back="//evil.example")).location.startswith("/staff/?")
    clerk.csrf = "forged"
    assert (await clerk.post("/staff/duty", duty="on")).status == 403
    found = await account(console, "zhou")
    assert found is not None
    assert not found.on_duty


def _said(staff: Any) -> tuple[Any, ...]:
    return (staff.role, staff.region, staff.disabled_at, staff.password_hash, staff.display_name)
