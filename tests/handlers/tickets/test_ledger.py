"""The ledger as xlsx: masked unless a reason is given, and no cell that a spreadsheet would run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from bot.staff import audit
from handlers.tickets.cabinet import Person
from handlers.tickets.export import write_ledger
from handlers.tickets.labels import ledger_columns
from tests.handlers.tickets.bureau import PHONE, Bureau


async def rows(bureau: Bureau, file: Path, *, unmasked: bool = False) -> list[dict[str, Any]]:
    async with bureau.work() as session:
        count = await write_ledger(session, bureau.office, file, unmasked=unmasked, reason="核对", now=bureau.now)
    head, *found = load_workbook(file).active.iter_rows()
    assert [cell.value for cell in head] == ledger_columns()
    assert len(found) == count
    assert not [cell for row in found for cell in row if cell.data_type == "f"]
    return [dict(zip(ledger_columns(), (cell.value for cell in row), strict=True)) for row in found]


async def test_a_row_holds_what_was_done_and_hides_who_it_is(bureau: Bureau, tmp_path: Path) -> None:
    told = f"打我电话{PHONE}，身份证420106199001011234"
    number = await bureau.file(text=told, facts={"people": 3, "employer": "某厂"})
    await bureau.solve("zhou", number)
    row = (await rows(bureau, tmp_path / "a.xlsx"))[0]
    assert (row["序号"], row["工单编号"], row["承办人"], row["涉及人数"]) == (1, number, "zhou", 3)
    assert (row["登记时间"], row["办结时间"]) == ("2026-11-24 09:00", "2026-11-24 09:00")
    assert row["答复口径"] == "查清了"
    said = " ".join(map(str, row.values()))
    for private in (PHONE, "示例·张某", "199001011234"):
        assert private not in said
    async with bureau.work() as session:
        assert "exported" not in [one.action for one in await audit.list_entries(session)]


async def test_unmasked_it_leaves_an_audit_row_and_still_seals_the_confidential(bureau: Bureau, tmp_path: Path) -> None:
    await bureau.file()
    await bureau.file(confidential=True, text="我是张某")
    open_one, sealed = await rows(bureau, tmp_path / "a.xlsx", unmasked=True)
    assert (open_one["诉求人"], open_one["联系电话"]) == ("示例·张某", PHONE)
    assert not sealed["诉求人"]
    assert not sealed["联系电话"]
    assert "张某" not in str(sealed["诉求内容"])
    async with bureau.work() as session:
        entry = next(one for one in await audit.list_entries(session) if one.action == "exported")
        assert (entry.reason, entry.data) == ("核对", {"rows": 2, "unmasked": True})


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =cmd|' /C calc'!A0", "\x0b坏\x00字符"])
async def test_no_cell_is_a_formula_or_breaks_the_file(bureau: Bureau, tmp_path: Path, words: str) -> None:
    await bureau.file(text=words, person=Person(words), facts={"employer": words, "since": {"a": 1}}, village=words)
    row = (await rows(bureau, tmp_path / "a.xlsx", unmasked=True))[0]
    for column in ("诉求内容", "诉求人", "涉及单位", "村(社区)"):
        assert not str(row[column] or "").lstrip().startswith(("=", "+", "-", "@")), column


async def test_many_rows_are_numbered_through(bureau: Bureau, tmp_path: Path) -> None:
    for _ in range(3):
        await bureau.file()
    assert [row["序号"] for row in await rows(bureau, tmp_path / "a.xlsx")] == [1, 2, 3]
