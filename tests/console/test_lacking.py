"""服务没到位 and 登记服务 over HTTP: who lacks what, one service for a whole village, sheets, whose they are."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from bot.staff.models import AuditEntry
from handlers.people.ledger.models import ServiceRecord
from handlers.people.models import Person
from tests.console.site import HTML, Answer, ConsoleSite, StaffBrowser
from tests.console.test_ledgers import bring, runner_of
from tests.handlers.people.ledger.make import number, sheet

PAGE = "/staff/lacking"
SERVICE = {"kind": "briefing", "held_on": "2026-11-20", "how": "onsite", "about": "讲补贴"}


async def village(console: ConsoleSite, count: int = 3) -> list[int]:
    """Fishers of 东村 and one of 西村. -> their ids"""
    rows = [
        ["示例某" + chr(0x4E00 + order), number(order=order), "新堤街道", "东村", "专业"]
        for order in range(1, count + 1)
    ]
    rows.append(["示例别家", number(order=500), "螺山镇", "西村", "专业"])
    sun = await console.sign_in("sun")
    path = await bring(console, sun, sheet(["姓名", "身份证号", "乡镇", "村", "渔民类型"], *rows))
    await sun.post(f"{path}/confirm")
    await runner_of(console).act_once()
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(Person.id).order_by(Person.id)))


def figures(page: Answer) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r'data-figure="(\w+)">(\d+)', page.text)}


async def records(console: ConsoleSite) -> int:
    async with console.bureau.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(ServiceRecord)) or 0


def people_of(page: Answer) -> list[int]:
    return [int(one) for one in re.findall(r'name="person" value="(\d+)"', page.text)]


async def test_one_briefing_is_recorded_for_a_whole_village(console_on_each: ConsoleSite) -> None:
    ids = await village(console_on_each)
    zhou = await console_on_each.sign_in("zhou")
    page = await zhou.get(PAGE)
    assert figures(page) == {"owed": 4, "done": 0, "lacking": 4, "found": 4}
    assert "示例某" not in page.text
    form = await zhou.get("/staff/services/new?region=421083001&village=东村")
    assert people_of(form) == ids[:3]
    pairs = [("person", str(one)) for one in ids[:2]]
    done = await zhou.post("/staff/services", pairs, **SERVICE)
    assert (done.status, done.location) == (303, "/staff/lacking?done=service_recorded")
    again = await zhou.post("/staff/services", pairs, **SERVICE)
    assert again.location == "/staff/lacking?done=service_there"
    assert await records(console_on_each) == 2
    assert people_of(await zhou.get(f"{PAGE}?kind=briefing")) == ids[2:]
    async with console_on_each.bureau.app.database.reading() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "service_recorded"))).first()
        assert entry is not None
        assert entry.data == {"kind": "briefing", "held_on": "2026-11-20", "persons": 2, "new": 2}


async def test_filters_stand_in_the_address(console: ConsoleSite) -> None:
    ids = await village(console)
    zhou = await console.sign_in("zhou")
    for query, expected in (
        ("village=西村", ids[3:]),
        ("region=421083100", ids[3:]),
        ("standing=done", []),
        ("standing=all&village=东村", ids[:3]),
        ("year=2020", []),
        ("year=x&kind=nothing&region=371311", ids),
    ):
        assert people_of(await zhou.get(f"{PAGE}?{query}")) == expected, query


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"held_on": ""}, "held_on"),
        ({"held_on": "2026-11-25"}, "held_on"),
        ({"held_on": "昨天"}, "held_on"),
        ({"about": "长" * 201}, "about"),
    ],
)
async def test_a_form_that_is_not_whole_comes_back_with_what_was_written(
    console: ConsoleSite, changed: dict[str, str], field: str
) -> None:
    ids = await village(console)
    zhou = await console.sign_in("zhou")
    fields = {**SERVICE, "offer": "象山电焊", **changed}
    answer = await zhou.post("/staff/services", [("person", str(ids[0]))], **fields)
    assert answer.status == 422
    assert f'href="#f-{field}"' in answer.text
    assert "象山电焊" in answer.text
    assert people_of(answer) == ids[:1]
    assert await records(console) == 0


async def test_nobody_chosen_is_said(console: ConsoleSite) -> None:
    await village(console)
    zhou = await console.sign_in("zhou")
    answer = await zhou.post("/staff/services", village="东村", **SERVICE)
    assert answer.status == 422
    assert len(people_of(answer)) == 3


async def test_people_of_another_county_are_not_there(console_on_each: ConsoleSite) -> None:
    ids = await village(console_on_each)
    boss = await console_on_each.sign_in("boss")
    assert people_of(await boss.get(f"{PAGE}?standing=all")) == []
    assert people_of(await boss.get(f"/staff/services/new?person={ids[0]}")) == []
    answer = await boss.post("/staff/services", [("person", str(ids[0]))], **SERVICE)
    assert answer.status == 404
    assert await records(console_on_each) == 0


@pytest.mark.parametrize("name", ["auditor", "admin"])
async def test_who_may_not_read_people_gets_no_page(console: ConsoleSite, name: str) -> None:
    at = await console.sign_in(name)
    for path in (PAGE, "/staff/services/new"):
        assert (await at.get(path)).status == 403
    assert (await at.post("/staff/services", **SERVICE)).status == 403


async def download(at: StaffBrowser, **fields: str) -> list[tuple[Any, ...]]:
    body = {"csrf_token": at.csrf, **fields}
    async with at.http.post(f"{PAGE}/export", data=body, headers=HTML) as response:
        assert response.status == 200, await response.text()
        content = await response.read()
    active = load_workbook(BytesIO(content)).active
    assert active is not None
    return list(active.iter_rows(values_only=True))


async def test_the_sheet_is_masked_and_in_full_only_with_a_reason(console_on_each: ConsoleSite) -> None:
    await village(console_on_each)
    sun, head = await console_on_each.sign_in("sun"), await console_on_each.sign_in("head")
    rows = await download(sun, village="东村")
    assert len(rows) == 4
    assert rows[1][9] == "0/0/0/0"
    assert "示例某" not in str(rows)
    assert (await sun.post(f"{PAGE}/export", unmasked="yes", text="要用")).status == 403
    assert (await head.post(f"{PAGE}/export", unmasked="yes", text=" ")).status == 422
    assert "示例某" in str(await download(head, unmasked="yes", text="入户核对"))
    async with console_on_each.bureau.app.database.reading() as session:
        found = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.seq)
        )
        assert [(one.subject_id, one.reason, one.data.get("unmasked")) for one in found] == [
            ("lacking", "", None),
            ("lacking", "入户核对", True),
        ]


async def test_a_clerk_exports_nothing(console: ConsoleSite) -> None:
    await village(console)
    zhou = await console.sign_in("zhou")
    assert not (await zhou.get(PAGE)).has_action("lacking-export")
    assert (await zhou.post(f"{PAGE}/export")).status == 403


async def test_the_audit_tells_of_imports_services_and_sheets(console: ConsoleSite) -> None:
    ids = await village(console)
    zhou, sun = await console.sign_in("zhou"), await console.sign_in("sun")
    await zhou.post("/staff/services", [("person", str(ids[0]))], **SERVICE)
    await download(sun)
    auditor = await console.sign_in("auditor")
    page = await auditor.get("/staff/audit")
    assert page.status == 200
    for told in ("导入台账", "登记服务", "服务没到位名单", "新加 4"):
        assert told in page.text


async def test_a_service_is_recorded_from_a_persons_file(console: ConsoleSite) -> None:
    ids = await village(console)
    zhou = await console.sign_in("zhou")
    assert (await zhou.get(f"/staff/persons/{ids[0]}")).has_action("service-for-one")
    form = await zhou.get(f"/staff/services/new?person={ids[0]}")
    assert people_of(form) == ids[:1]
