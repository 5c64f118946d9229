"""台账 over HTTP: upload, preview, confirm, progress, faults as a sheet, empty sheets; whose they are."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from bot.staff.models import AuditEntry
from handlers.people.ledger.running import Runner
from handlers.people.models import Person
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, ROW, sheet
from tests.handlers.people.ledger.test_many_sheets import book

PAGE = "/staff/ledgers"


def runner_of(console: ConsoleSite) -> Runner:
    """The loop that a server runs; here it is made to act."""
    loops = [service.loops["ledgers"] for service in console.bureau.app.services.services if "ledgers" in service.loops]
    (runner,) = (getattr(loop, "__self__", None) for loop in loops)
    assert isinstance(runner, Runner)
    return runner


async def upload(at: StaffBrowser, content: bytes, name: str = "台账.xlsx", **fields: str) -> Answer:
    form = aiohttp.FormData(quote_fields=False)
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("file", content, filename=name)
    return await at.post(PAGE, form)


async def bring(console: ConsoleSite, at: StaffBrowser, content: bytes) -> str:
    """Up, looked at. -> its page"""
    path = (await upload(at, content)).location
    assert re.fullmatch(r"/staff/ledgers/\d+", path)
    await runner_of(console).act_once()
    return path


def counts(page: Answer) -> dict[str, int]:
    return {name: int(count) for name, count in re.findall(r'data-verdict="(\w+)">(\d+)', page.text)}


async def persons(console: ConsoleSite) -> int:
    async with console.bureau.app.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(Person)) or 0


async def test_a_ledger_goes_up_is_seen_and_confirmed(console_on_each: ConsoleSite) -> None:
    sun = await console_on_each.sign_in("sun")
    up = await upload(sun, sheet([*HEAD, "血型"], ROW, OTHER, ["示例王五", ID[:17] + "?", "", "", ""]))
    assert up.status == 303
    reading = await sun.get(up.location)
    assert reading.status == 200
    assert 'http-equiv="refresh"' in reading.text
    assert not reading.has_action("ledger-confirm")
    await runner_of(console_on_each).act_once()
    page = await sun.get(up.location)
    assert 'http-equiv="refresh"' not in page.text
    assert counts(page) == {"added": 2, "changed": 0, "same": 0, "refused": 1}
    for told in ("台账.xlsx", "血型", "第 4 行", "洪湖市螺山镇"):
        assert told in page.text
    for private in ("示例张三", ID[6:14], "13800001234"):
        assert private not in page.text
    assert await persons(console_on_each) == 0
    going = await sun.post(f"{up.location}/confirm")
    assert (going.status, going.location) == (303, up.location)
    shown = await sun.get(up.location)
    assert shown.status == 200
    assert 'http-equiv="refresh"' in shown.text
    await runner_of(console_on_each).act_once()
    assert await persons(console_on_each) == 2
    assert counts(await sun.get(up.location))["added"] == 2
    assert "台账.xlsx" in (await sun.get(PAGE)).text


async def test_the_same_file_again_has_nothing_to_confirm(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    content = sheet(HEAD, ROW)
    path = await bring(console, sun, content)
    await sun.post(f"{path}/confirm")
    await runner_of(console).act_once()
    again = await sun.get(await bring(console, sun, content))
    assert counts(again) == {"added": 0, "changed": 0, "same": 1, "refused": 0}
    assert not again.has_action("ledger-confirm")


async def test_what_is_not_wanted_is_dropped(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    path = await bring(console, sun, sheet(HEAD, ROW))
    assert (await sun.post(f"{path}/drop")).location == "/staff/ledgers?done=ledger_dropped"
    assert (await sun.post(f"{path}/confirm")).status == 422
    assert await persons(console) == 0


async def test_two_at_once_are_refused_in_words(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    first, second = await bring(console, sun, sheet(HEAD, ROW)), await bring(console, sun, sheet(HEAD, OTHER))
    await sun.post(f"{first}/confirm")
    answer = await sun.post(f"{second}/confirm")
    assert answer.status == 422
    assert answer.has_action("ledger-confirm")
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", "姓名,电话\r\n甲,1\r\n".encode()])
async def test_a_file_that_is_no_ledger_says_what_to_do(console: ConsoleSite, content: bytes) -> None:
    sun = await console.sign_in("sun")
    page = await sun.get(await bring(console, sun, content))
    assert page.status == 200
    assert 'role="alert"' in page.text
    assert not page.has_action("ledger-confirm")


async def test_without_a_file_the_form_says_so(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    answer = await sun.post(PAGE, template="T2")
    assert answer.status == 422
    assert 'role="alert"' in answer.text


async def download(at: StaffBrowser, path: str) -> list[tuple[Any, ...]]:
    async with at.http.get(path) as response:
        assert response.status == 200
        assert response.headers["Content-Type"].endswith("spreadsheetml.sheet")
        content = await response.read()
    active = load_workbook(BytesIO(content)).active
    assert active is not None
    return list(active.iter_rows(values_only=True))


async def test_all_faults_come_as_a_sheet_with_nothing_private_in_it(console_on_each: ConsoleSite) -> None:
    sun = await console_on_each.sign_in("sun")
    path = await bring(console_on_each, sun, sheet(HEAD, *[["示例某人", ID[:17] + "?", "", "", ""]] * 300))
    page = await sun.get(path)
    assert page.has_action("ledger-faults")
    head, *rows = await download(sun, f"{path}/faults")
    assert len(head) == 6
    assert [row[1] for row in rows] == list(range(2, 302))
    assert ID[6:14] not in str(rows)


async def test_each_sheet_of_a_workbook_is_shown_with_what_becomes_of_it(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    content = book(
        说明=[["填表说明"]], 中原村=[["姓名", "身份证号"], ROW[:2]], 河岭村=[HEAD, [*OTHER[:2], "138", "", ""]]
    )
    path = await bring(console, sun, content)
    page = await sun.get(path)
    assert counts(page) == {"added": 1, "changed": 0, "same": 0, "refused": 1}
    for told in ("中原村", "河岭村", "说明"):
        assert told in page.text
    _, fault = await download(sun, f"{path}/faults")
    assert fault[:3] == ("河岭村", 2, "联系电话")


@pytest.mark.parametrize("template", ["T2", "T3", "T4"])
async def test_an_empty_sheet_is_read_as_what_it_is(console: ConsoleSite, template: str) -> None:
    sun = await console.sign_in("sun")
    async with sun.http.get(f"{PAGE}/empty/{template}") as response:
        content = await response.read()
    from tests.handlers.people.ledger.make import read

    found = read(content)
    assert str(found.heading.template) == template
    assert found.heading.unknown == []
    assert found.records == []


async def test_who_may_not_import_gets_no_page(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    path = await bring(console, sun, sheet(HEAD, ROW))
    for name in ("zhou", "helper", "auditor", "admin"):
        at = await console.sign_in(name)
        assert (await at.get(PAGE)).status == 403
        assert (await at.get(path)).status == 403
        assert (await upload(at, sheet(HEAD, ROW))).status == 403
        assert (await at.post(f"{path}/confirm")).status == 403


async def test_another_countys_import_is_not_there_and_reaching_for_it_is_kept(console: ConsoleSite) -> None:
    sun, boss = await console.sign_in("sun"), await console.sign_in("boss")
    path = await bring(console, sun, sheet(HEAD, ROW))
    assert path.rpartition("/")[2] not in re.findall(r'href="/staff/ledgers/(\d+)"', (await boss.get(PAGE)).text)
    for answer in (await boss.get(path), await boss.post(f"{path}/confirm"), await boss.get(f"{path}/faults")):
        assert answer.status == 404
    async with console.bureau.app.database.reading() as session:
        refused = await session.scalars(select(AuditEntry).where(AuditEntry.action == "refused"))
        assert [entry.data["code"] for entry in refused] == ["no_such_import"] * 3


async def test_a_file_that_is_too_large_is_refused(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    assert (await upload(sun, bytes(10 * 1024 * 1024 + 1))).status == 413


# -- going out ------------------------------------------------------------------------------------------------


async def give(at: StaffBrowser, **fields: str) -> list[tuple[Any, ...]]:
    async with at.http.post(f"{PAGE}/export", data={"csrf_token": at.csrf, **fields}) as response:
        assert response.status == 200, await response.text()
        content = await response.read()
    active = load_workbook(BytesIO(content)).active
    assert active is not None
    return list(active.iter_rows(values_only=True))


async def test_a_village_goes_out_masked_and_in_full_with_a_reason_that_is_kept(console_on_each: ConsoleSite) -> None:
    sun, head = await console_on_each.sign_in("sun"), await console_on_each.sign_in("head")
    path = await bring(console_on_each, sun, sheet(HEAD, ROW, OTHER))
    await sun.post(f"{path}/confirm")
    await runner_of(console_on_each).act_once()
    page = await sun.get(f"{PAGE}/export?village=示例村")
    assert 'data-total="1"' in page.text
    assert 'name="unmasked"' not in page.text
    masked = await give(sun, book="village", village="示例村")
    assert len(masked) == 2
    assert ID not in str(masked)
    assert (await sun.post(f"{PAGE}/export", unmasked="yes", text="要用")).status == 403
    assert (await head.post(f"{PAGE}/export", unmasked="yes", text="")).status == 422
    whole = await give(head, book="persons", unmasked="yes", text="年底核对")
    assert ID in str(whole)
    async with console_on_each.bureau.app.database.reading() as session:
        found = await session.scalars(
            select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.seq)
        )
        kept = [(one.subject_id, one.reason, one.data["rows"]) for one in found]
    assert kept == [("village", "", 1), ("persons", "年底核对", 2)]


async def test_another_county_gets_none_of_ours(console: ConsoleSite) -> None:
    sun, boss = await console.sign_in("sun"), await console.sign_in("boss")
    path = await bring(console, sun, sheet(HEAD, ROW))
    await sun.post(f"{path}/confirm")
    await runner_of(console).act_once()
    assert len(await give(boss, book="persons")) == 1
    assert len(await give(boss, book="persons", region="421083")) == 1
    for name in ("zhou", "helper"):
        at = await console.sign_in(name)
        assert (await at.post(f"{PAGE}/export", book="persons")).status == 403


async def test_a_persons_file_shows_services_trainings_and_contributions(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    money = sheet(["姓名", "身份证号", "险种", "缴费年度", "缴费金额"], ["示例张三", ID, "居民", 2025, 1200])
    service = sheet(
        ["姓名", "身份证号", "类型", "日期", "内容"],
        ["示例张三", ID, "宣讲", "2026-03-01", "讲补贴"],
        ["示例张三", ID, "培训", "2026-04-01", "叉车班"],
    )
    for content in (sheet(HEAD, ROW), money, service):
        path = await bring(console, sun, content)
        await sun.post(f"{path}/confirm")
        await runner_of(console).act_once()
    async with console.bureau.app.database.reading() as session:
        person_id = await session.scalar(select(Person.id))
    page = await sun.get(f"/staff/persons/{person_id}")
    for told in ("讲补贴", "叉车班", "2025 年 居民养老保险", "缴费 1200 元"):
        assert told in page.text
    assert "叉车班" in (await sun.get(f"/staff/persons/{person_id}?part=training")).text
