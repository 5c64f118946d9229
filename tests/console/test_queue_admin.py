"""Queues and duty: leaders see to the people of their place, the administrator to its queues; all is written down."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from bot.staff.accounts import Duty
from bot.staff.models import AuditEntry, Staff
from bot.staff.roles import EVERYWHERE, Role
from handlers.tickets.models import Queue, QueueMember
from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import LUOZHUANG, TOWN

PATH = "/staff/queue-admin"
DRAFT = {"name": "培训 · 洪湖", "place": "洪湖市", "category": "training", "telegram_chat": "-1009"}


async def queue(console: ConsoleSite, name: str) -> Queue | None:
    async with console.bureau.app.database.reading() as session:
        return await session.scalar(select(Queue).where(Queue.name == name))


async def path_of(console: ConsoleSite, name: str) -> str:
    found = await queue(console, name)
    assert found is not None
    return f"{PATH}/{found.id}"


async def members(console: ConsoleSite, name: str) -> set[str]:
    async with console.bureau.app.database.reading() as session:
        wanted = select(Staff.login).join(QueueMember, QueueMember.staff_id == Staff.id).join(Queue)
        return set(await session.scalars(wanted.where(Queue.name == name)))


async def is_there(console: ConsoleSite, name: str) -> bool:
    async with console.bureau.app.database.reading() as session:
        return (await session.get_one(Staff, console.bureau.ids[name])).on_duty


async def audited(console: ConsoleSite, action: str) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
        return list(await session.scalars(wanted))


def who(console: ConsoleSite, name: str) -> str:
    return str(console.bureau.ids[name])


# -- looking ------------------------------------------------------------------------------------------------


async def test_queues_of_the_own_place_are_listed_with_members_duty_and_open_matters(
    console_on_each: ConsoleSite,
) -> None:
    console, bureau = console_on_each, console_on_each.bureau
    await bureau.file("a")
    await bureau.go("li", Duty.AWAY)
    sun = await console.sign_in("sun")
    page = await sun.get(PATH)
    assert page.status == 200
    row = re.search(
        rf'<tr><td class="lk"><a class="ttl" href="{await path_of(console, "社保")}">.*?</tr>', page.text, re.S
    )
    assert row is not None
    assert "zhou" in row[0]
    assert "1 件" in row[0]
    assert "1 人在岗" in row[0]
    assert f'"{await path_of(console, "罗庄社保")}"' not in page.text


async def test_a_queue_shows_only_people_who_could_join_it(console_on_each: ConsoleSite) -> None:
    console = console_on_each
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    await console.bureau.hire("province", Role.CLERK, "420000")
    root = await console.sign_in("root")
    page = (await root.get(await path_of(console, "社保"))).text
    offered = set(re.findall(r'<option value="(\d+)">', page))
    assert {who(console, "sun"), who(console, "province")} <= offered
    assert who(console, "stranger") not in offered
    assert who(console, "zhou") not in offered


# -- queues -------------------------------------------------------------------------------------------------


async def test_an_administrator_adds_a_queue_and_it_takes_matters_at_once(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    assert (await admin.post(PATH, **DRAFT, shares="yes")).status == 303
    made = await queue(console, "培训 · 洪湖")
    assert made is not None
    assert (made.category, made.telegram_chat, made.shares) == ("training", "-1009", True)
    (entry,) = await audited(console, "queue_changed")
    assert (entry.subject_kind, entry.subject_id, entry.data["added"]) == ("queue", str(made.id), True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "社保"}, "name"),
        ({"name": "  "}, "name"),
        ({"category": "insurance"}, "name"),
        ({"telegram_chat": "@group"}, "telegram_chat"),
        ({"place": "罗庄区"}, "place"),
        ({"place": "哪儿"}, "place"),
    ],
)
async def test_a_queue_that_cannot_be_made_is_refused_beside_its_field(
    console_on_each: ConsoleSite, change: dict[str, str], field: str
) -> None:
    admin = await console_on_each.sign_in("admin")
    answer = await admin.post(PATH, **DRAFT | change)
    assert answer.status == 422
    assert f'href="#f-{field}"' in answer.text
    assert await queue(console_on_each, "培训 · 洪湖") is None
    assert await audited(console_on_each, "queue_changed") == []


async def test_name_group_and_way_of_a_queue_are_changed_and_written_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    path = await path_of(console, "社保")
    assert (await admin.post(f"{path}/change", name="社保科", telegram_chat="", shares="yes")).status == 303
    changed = await queue(console, "社保科")
    assert changed is not None
    assert (changed.telegram_chat, changed.shares) == (None, True)
    (entry,) = await audited(console, "queue_changed")
    assert entry.data == {"changed": ["name", "telegram_chat", "shares"]}


async def test_a_change_that_cannot_be_made_comes_back_with_what_was_typed(console_on_each: ConsoleSite) -> None:
    admin = await console_on_each.sign_in("admin")
    path = await path_of(console_on_each, "社保")
    answer = await admin.post(f"{path}/change", name="综合", telegram_chat="-100")
    assert answer.status == 422
    assert 'value="综合"' in answer.text
    assert (await admin.post(f"{path}/change", name="社保", telegram_chat="群")).status == 422


# -- people -------------------------------------------------------------------------------------------------


async def test_a_supervisor_lets_somebody_join_and_leave(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    path = await path_of(console, "监察")
    assert (await sun.post(f"{path}/join", staff=who(console, "zhou"))).status == 303
    assert await members(console, "监察") == {"zhou"}
    assert (await sun.post(f"{path}/leave", staff=who(console, "zhou"))).status == 303
    assert await members(console, "监察") == set()
    assert [entry.data["joined"] for entry in await audited(console, "queues_assigned")] == [True, False]


@pytest.mark.parametrize("name", ["stranger", "boss"])
async def test_nobody_of_another_region_joins(console: ConsoleSite, name: str) -> None:
    sun = await console.sign_in("sun")
    assert (await sun.post(f"{await path_of(console, '监察')}/join", staff=who(console, name))).status == 404
    assert await members(console, "监察") == set()


async def test_even_who_serves_everywhere_puts_nobody_into_a_queue_of_another_place(console: ConsoleSite) -> None:
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    root = await console.sign_in("root")
    assert (await root.post(f"{await path_of(console, '监察')}/join", staff=who(console, "stranger"))).status == 422
    assert (await root.post(f"{await path_of(console, '监察')}/join", staff=who(console, "helper"))).status == 303
    assert await members(console, "监察") == {"helper"}


@pytest.mark.parametrize("staff", ["", "x", "999999"])
async def test_nobody_is_not_there(console: ConsoleSite, staff: str) -> None:
    sun = await console.sign_in("sun")
    path = await path_of(console, "监察")
    assert (await sun.post(f"{path}/join", staff=staff)).status == 404
    assert (await sun.post(f"{path}/leave", staff=staff)).status == 404


async def test_a_supervisor_says_who_is_there(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    path = await path_of(console, "社保")
    answer = await sun.post(f"{PATH}/duty", staff=who(console, "zhou"), duty="away", back=path)
    assert answer.location == f"{path}?done=their_duty_away"
    assert not await is_there(console, "zhou")
    await sun.post(f"{PATH}/duty", staff=who(console, "zhou"), duty="on", back="//evil.example")
    assert await is_there(console, "zhou")
    assert len(await audited(console, "duty_changed")) == 2


async def test_the_duty_of_another_region_is_not_theirs_to_say(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    assert (await sun.post(f"{PATH}/duty", staff=who(console, "stranger"), duty="away")).status == 404
    assert await is_there(console, "stranger")
    assert (await audited(console, "refused"))[-1].data == {"code": "no_such_account"}


# -- handing over -------------------------------------------------------------------------------------------


async def test_all_that_somebody_has_in_hand_goes_to_a_colleague(console_on_each: ConsoleSite) -> None:
    console, bureau = console_on_each, console_on_each.bureau
    numbers = [await bureau.file(str(n)) for n in range(2)]
    for number in numbers:
        await bureau.do("zhou", "claim", number)
    sun = await console.sign_in("sun")
    assert f"from={who(console, 'zhou')}" in (await sun.get(f"{PATH}/hand-over")).text
    preview = await sun.get(f"{PATH}/hand-over?from={who(console, 'zhou')}")
    assert preview.has_action("hand-over")
    done = await sun.post(f"{PATH}/hand-over", [("from", who(console, "zhou")), ("to", who(console, "li"))])
    assert done.status == 303
    assert {(await bureau.ticket(number)).handler_id for number in numbers} == {bureau.ids["li"]}
    entry = (await audited(console, "queues_assigned"))[-1]
    assert (entry.subject_id, entry.data) == (who(console, "zhou"), {"handed_over": 2, "to": bureau.ids["li"]})


@pytest.mark.parametrize(("to", "status"), [("", 422), ("x", 422), ("auditor", 422), ("stranger", 404), ("away", 422)])
async def test_what_is_in_hand_stays_where_nobody_can_take_it(console: ConsoleSite, to: str, status: int) -> None:
    bureau = console.bureau
    number = await bureau.file()
    await bureau.do("zhou", "claim", number)
    await bureau.go("li", Duty.AWAY)
    heir = who(console, "li") if to == "away" else who(console, to) if to in bureau.ids else to
    sun = await console.sign_in("sun")
    answer = await sun.post(f"{PATH}/hand-over", [("from", who(console, "zhou")), ("to", heir)])
    assert answer.status == status
    assert (await bureau.ticket(number)).handler_id == bureau.ids["zhou"]


async def test_nobody_hands_over_for_another_region(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    leaver = who(console, "stranger")
    assert (await sun.get(f"{PATH}/hand-over?from={leaver}")).status == 404
    assert (await sun.post(f"{PATH}/hand-over", [("from", leaver), ("to", "turns")])).status == 404
    assert leaver not in re.findall(r"from=(\d+)", (await sun.get(f"{PATH}/hand-over")).text)


# -- who may not --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("act", "fields"), [("", {}), ("/change", {"name": "x"}), ("/join", {}), ("/leave", {})])
async def test_a_queue_of_another_region_is_not_there_and_the_try_is_written_down(
    console: ConsoleSite, act: str, fields: dict[str, str]
) -> None:
    admin = await console.sign_in("admin")
    foreign, missing = await path_of(console, "罗庄社保"), f"{PATH}/999999"
    fields = {**fields, "staff": who(console, "zhou")}
    answers = [await (admin.post(f"{path}{act}", **fields) if act else admin.get(path)) for path in (foreign, missing)]
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].text == answers[1].text
    assert [entry.data for entry in await audited(console, "refused")] == [{"code": "no_such_queue"}] * 2
    assert await members(console, "罗庄社保") == {"stranger"}
    assert await queue(console, "罗庄社保") is not None


async def test_a_supervisor_of_a_town_does_not_keep_the_queues_of_the_county(console: ConsoleSite) -> None:
    await console.bureau.hire("small", Role.SUPERVISOR, TOWN)
    small = await console.sign_in("small")
    assert (await small.get(await path_of(console, "社保"))).status == 404


@pytest.mark.parametrize("name", ["zhou", "auditor", "helper"])
async def test_who_leads_nobody_opens_no_queues(console: ConsoleSite, name: str) -> None:
    at = await console.sign_in(name)
    path = await path_of(console, "社保")
    assert (await at.get(PATH)).status == 403
    assert (await at.post(f"{path}/join", staff=who(console, "sun"))).status == 403
    assert (await at.post(f"{PATH}/duty", staff=who(console, "li"), duty="away")).status == 403
    assert (await at.post(f"{PATH}/hand-over", [("from", who(console, "li")), ("to", "turns")])).status == 403
    assert "sun" not in await members(console, "社保")
    assert await is_there(console, "li")


@pytest.mark.parametrize("name", ["sun", "head"])
async def test_a_leader_changes_no_queue_itself(console: ConsoleSite, name: str) -> None:
    at = await console.sign_in(name)
    path = await path_of(console, "社保")
    assert not (await at.get(path)).has_action("queue-change")
    assert (await at.post(f"{path}/change", name="别的")).status == 403
    assert (await at.post(PATH, **DRAFT)).status == 403
    assert await queue(console, "社保") is not None


async def test_a_form_without_its_token_changes_nothing(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    path = await path_of(console, "社保")
    admin.csrf = "forged"
    assert (await admin.post(PATH, **DRAFT)).status == 403
    assert (await admin.post(f"{path}/change", name="别的")).status == 403
    assert (await admin.post(f"{path}/leave", staff=who(console, "zhou"))).status == 403
    assert (await admin.post(f"{PATH}/duty", staff=who(console, "zhou"), duty="away")).status == 403
    assert await queue(console, "社保") is not None
    assert "zhou" in await members(console, "社保")
    assert await is_there(console, "zhou")


async def test_another_place_is_seen_by_its_own_people(console: ConsoleSite) -> None:
    boss = await console.sign_in("boss")
    assert (await boss.get(await path_of(console, "罗庄社保"))).status == 200
    assert LUOZHUANG in {row.region for row in [await queue(console, "罗庄社保")] if row}
