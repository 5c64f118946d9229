"""The ledger over HTTP: who gets which rows, what is hidden in them, and what the audit keeps of it."""

from __future__ import annotations

import re
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from bot.staff.models import AuditEntry
from bot.staff.roles import Role
from handlers.tickets.cabinet import Person
from handlers.tickets.labels import ledger_columns
from handlers.tickets.ticket import Category
from tests.console.site import HTML, ConsoleSite, StaffBrowser
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, PHONE, TOWN, Bureau

PAGE = "/staff/export"
NAME = "示例·张某"


async def download(at: StaffBrowser, **fields: str) -> list[dict[str, Any]]:
    """The rows of the file."""
    body = {"csrf_token": at.csrf, **fields}
    async with at.http.post(PAGE, data=body, headers=HTML, allow_redirects=False) as response:
        assert response.status == 200, await response.text()
        assert response.headers["Content-Type"].endswith("spreadsheetml.sheet")
        assert "attachment" in response.headers["Content-Disposition"]
        assert response.headers["Cache-Control"] == "no-store"
        content = await response.read()
    head, *rows = load_workbook(BytesIO(content)).active.iter_rows()
    assert [cell.value for cell in head] == ledger_columns()
    assert not [cell for row in rows for cell in row if cell.data_type == "f"]
    return [dict(zip(ledger_columns(), (cell.value for cell in row), strict=True)) for row in rows]


async def exported(bureau: Bureau, action: str = "exported") -> list[tuple[int | None, str, str, dict[str, Any]]]:
    async with bureau.app.database.reading() as session:
        rows = await session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq))
        return [(row.actor_id, row.subject_id, row.reason, row.data) for row in rows]


async def test_the_ledger_is_masked_and_that_it_went_out_is_kept(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    number = await bureau.file()
    await bureau.solve("zhou", number)
    sun = await console_on_each.sign_in("sun")
    (row,) = await download(sun, figure="received")
    assert (row["工单编号"], row["承办人"]) == (number, "zhou")
    assert PHONE not in str(row.values())
    assert NAME not in str(row.values())
    assert row["联系电话"] == "138****1234"
    ((actor, subject, _, data),) = await exported(bureau)
    assert (actor, subject) == (bureau.ids["sun"], "tickets")
    assert data["rows"] == 1
    assert "unmasked" not in data
    assert data["figure"] == "received"


async def test_filters_choose_what_goes_out_and_the_page_says_how_many(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    made = [await bureau.file(chat=f"c{place}") for place in range(3)]
    labour = await bureau.file(chat="l", category=Category.LABOUR, region="421083100")
    bureau.clock.set("2026-12-02T09:00:00+08:00")
    later = await bureau.file(chat="later")
    sun = await console_on_each.sign_in("sun")
    for fields, expected in (
        ({"figure": "received", "from": "2026-11-01", "to": "2026-11-30"}, {*made, labour}),
        ({"figure": "received", "from": "2026-12-01", "to": "2026-12-02"}, {later}),
        ({"figure": "received", "from": "2026-11-01", "to": "2026-12-31", "category": "labour"}, {labour}),
        ({"figure": "open", "region": TOWN}, {*made, later}),
        ({"figure": "open", "region": "421083100"}, {labour}),
        ({"figure": "answered"}, set()),
    ):
        assert {row["工单编号"] for row in await download(sun, **fields)} == expected
        page = await sun.get(PAGE + "?" + "&".join(f"{name}={value}" for name, value in fields.items()))
        shown = re.search(r'data-total="(\d+)"', page.text)
        assert shown is not None
        assert int(shown[1]) == len(expected)


async def test_the_rows_of_a_figure_can_be_taken_along(console: ConsoleSite) -> None:
    bureau = console.bureau
    first, _ = await bureau.file(chat="a"), await bureau.file(chat="b")
    await bureau.solve("zhou", first)
    sun = await console.sign_in("sun")
    rows = await sun.get(f"/staff/board/rows?figure=answered&period=week&handler={bureau.ids['zhou']}")
    found = re.search(r'href="(/staff/export[^"]+)"', rows.text)
    assert found is not None
    page = await sun.get(found[1].replace("&amp;", "&"))
    fields = dict(re.findall(r'<input[^>]*name="(from|to|handler)"[^>]*value="([^"]*)"', page.text))
    assert fields["handler"] == str(bureau.ids["zhou"])
    assert [row["工单编号"] for row in await download(sun, figure="answered", **fields)] == [first]


# -- in full --------------------------------------------------------------------------------------------------


async def test_the_head_gives_a_reason_and_gets_names(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.file()
    head = await console_on_each.sign_in("head")
    (row,) = await download(head, figure="received", unmasked="yes", text="财政局核对名单")
    assert (row["诉求人"], row["联系电话"]) == (NAME, PHONE)
    ((actor, _, reason, data),) = await exported(bureau)
    assert (actor, reason) == (bureau.ids["head"], "财政局核对名单")
    assert (data["rows"], data["unmasked"]) == (1, True)


async def test_without_a_reason_no_name_goes_out(console: ConsoleSite) -> None:
    await console.bureau.file()
    head = await console.sign_in("head")
    answer = await head.post(PAGE, figure="received", unmasked="yes", text="  ", category="insurance")
    assert answer.status == 422
    assert 'role="alert"' in answer.text
    assert 'value="insurance" selected' in answer.text
    assert NAME not in answer.text
    assert await exported(console.bureau) == []


async def test_a_supervisor_gets_no_names_with_any_reason(console: ConsoleSite) -> None:
    await console.bureau.file()
    sun = await console.sign_in("sun")
    page = await sun.get(PAGE)
    assert 'name="unmasked"' not in page.text
    answer = await sun.post(PAGE, figure="received", unmasked="yes", text="要用")
    assert answer.status == 403
    assert await exported(console.bureau) == []
    assert len(await exported(console.bureau, "refused")) == 1


async def test_the_confidential_is_opened_only_to_who_may_and_each_is_written_down(console: ConsoleSite) -> None:
    bureau = console.bureau
    await bureau.hire("chief", Role.HEAD, HONGHU, "社保")
    sealed = await bureau.file(chat="s", confidential=True, text="我是示例·张某，队长拿了补贴")
    plain = await bureau.file(chat="p")
    head, chief = await console.sign_in("head"), await console.sign_in("chief")
    in_full = {"figure": "received", "unmasked": "yes", "text": "纪检核实"}
    masked = {row["工单编号"]: row for row in await download(head, figure="received")}
    assert not masked[sealed]["诉求人"]
    assert NAME not in str(masked)
    opened = {row["工单编号"]: row for row in await download(head, **in_full)}
    assert (opened[sealed]["诉求人"], opened[sealed]["联系电话"]) == (NAME, PHONE)
    assert [one[:3] for one in await exported(bureau, "unsealed")] == [(bureau.ids["head"], sealed, "纪检核实")]
    own = {row["工单编号"]: row for row in await download(chief, **in_full)}
    assert not own[sealed]["诉求人"]
    assert not own[sealed]["联系电话"]
    assert "张某" not in str(own[sealed].values())
    assert own[plain]["诉求人"] == NAME
    assert len(await exported(bureau, "unsealed")) == 1


async def test_a_name_in_what_was_told_is_half_hidden(console: ConsoleSite) -> None:
    await console.bureau.file(text=f"我叫{NAME}，电话{PHONE}，身份证420106199001011234")
    sun = await console.sign_in("sun")
    (row,) = await download(sun, figure="received")
    for private in (NAME, PHONE, "199001011234"):
        assert private not in str(row["诉求内容"])


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=cmd|' /C calc'!A0", " \n=1"])
async def test_no_cell_is_a_formula(console: ConsoleSite, words: str) -> None:
    await console.bureau.file(text=words, person=Person(words), facts={"employer": words}, village=words)
    head = await console.sign_in("head")
    (row,) = await download(head, figure="received", unmasked="yes", text="试")
    for column in ("诉求内容", "诉求人", "涉及单位", "村(社区)"):
        assert not str(row[column] or "").lstrip().startswith(("=", "+", "-", "@")), column


# -- whose rows -----------------------------------------------------------------------------------------------


async def test_another_county_exports_nothing_of_ours(console_on_each: ConsoleSite) -> None:
    bureau = console_on_each.bureau
    await bureau.file(chat="a")
    await bureau.file(chat="b", region=HONGHU)
    own = await bureau.file(chat="c", region=LUOZHUANG)
    boss = await console_on_each.sign_in("boss")
    assert [row["工单编号"] for row in await download(boss, figure="received")] == [own]
    zhou = str(bureau.ids["zhou"])
    assert await download(boss, figure="open", handler=zhou) == []
    for code in (HONGHU, TOWN, "420000", "000000"):
        for name in ("region", "place"):
            answer = await boss.post(PAGE, [(name, code)], figure="received")
            assert answer.status == 422
            assert (await boss.get(f"{PAGE}?{name}={code}")).status == 422


@pytest.mark.parametrize("name", ["zhou", "auditor", "admin", "helper"])
async def test_who_may_not_export_gets_no_file(console: ConsoleSite, name: str) -> None:
    await console.bureau.file()
    at = await console.sign_in(name)
    assert (await at.get(PAGE)).status == 403
    assert (await at.post(PAGE, figure="received")).status == 403
    assert await exported(console.bureau) == []


@pytest.mark.parametrize(
    "fields", [{"figure": "x"}, {"from": "x"}, {"from": "2026-11-20", "to": "2026-11-01"}, {"to": "9999-12-31"}]
)
async def test_what_is_not_understood_exports_nothing(console: ConsoleSite, fields: dict[str, str]) -> None:
    sun = await console.sign_in("sun")
    assert (await sun.post(PAGE, **fields)).status == 422
    assert await exported(console.bureau) == []


async def test_without_the_forms_token_nothing_goes_out(console: ConsoleSite) -> None:
    sun = await console.sign_in("sun")
    sun.csrf = "forged"
    assert (await sun.post(PAGE, figure="received")).status == 403
    assert await exported(console.bureau) == []


async def test_nothing_of_an_export_stays_on_the_disk(
    console: ConsoleSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    bureau = console.bureau
    for place in range(3):
        await bureau.file(chat=f"c{place}")
    head = await console.sign_in("head")
    assert len(await download(head, figure="received", unmasked="yes", text="核对")) == 3
    assert list(folder.iterdir()) == []
    # Nor of one that broke off: a name that another key has sealed.
    async with bureau.work() as session:
        from handlers.tickets.models import Ticket

        (await session.scalars(select(Ticket).order_by(Ticket.id.desc()).limit(1))).one().name = b"\x01broken"
    answer = await head.post(PAGE, figure="received", unmasked="yes", text="核对")
    assert answer.status == 500
    assert list(folder.iterdir()) == []
    assert len(await exported(bureau)) == 1


async def test_many_rows_are_numbered_through(console: ConsoleSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read in parts."""
    monkeypatch.setattr("handlers.tickets.export.BATCH", 20)
    bureau = console.bureau
    from dataclasses import replace

    from tests.handlers.tickets.bureau import DRAFT

    async with bureau.work() as session:
        for _ in range(45):
            await bureau.office.filing.open_ticket(session, replace(DRAFT), conversation_id=None, now=bureau.now)
    sun = await console.sign_in("sun")
    assert [row["序号"] for row in await download(sun, figure="received")] == list(range(1, 46))


async def test_a_browser_that_leaves_midway_breaks_nothing(console: ConsoleSite) -> None:
    await console.bureau.file()
    sun = await console.sign_in("sun")
    body = {"csrf_token": sun.csrf, "figure": "received"}
    async with aiohttp.ClientSession(
        console.url, cookie_jar=sun.http.cookie_jar, connector=aiohttp.TCPConnector(force_close=True)
    ) as http:
        response = await http.post(PAGE, data=body, headers=HTML)
        response.close()
    assert len(await download(sun, figure="received")) == 1


@pytest.mark.parametrize(
    ("path", "asked"), [(PAGE, {"category": "insurance"}), ("/staff/ledgers/export", {"village": "界牌村"})]
)
async def test_counting_puts_what_is_asked_into_the_address_and_no_token(
    console: ConsoleSite, path: str, asked: dict[str, str]
) -> None:
    leader = await console.sign_in("sun")
    done = await leader.post(path, do="count", text="因为", unmasked="yes", **asked)
    assert done.status == 303
    assert dict(parse_qsl(urlsplit(done.location).query)) == asked
    assert await exported(console.bureau) == []
