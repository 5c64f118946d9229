"""Workbooks of several sheets, and several ledgers on one sheet: all that fit are read, why others are not is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from openpyxl import Workbook

from handlers.people.ledger import importing
from handlers.people.ledger.columns import Template
from handlers.people.ledger.imports import RunState
from handlers.people.ledger.tables import Unread
from tests.handlers.people.ledger.desk import HONGHU, Desk
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, OTHER_ID, ROW, number, read, sheet

NAMED = ["姓名", "身份证号"]


def book(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """In this order."""

    def fill(made: Workbook) -> None:
        del made["Sheet"]
        for name, rows in sheets.items():
            page = made.create_sheet(name)
            for row in rows:
                page.append(list(row))

    return sheet(change=fill)


def villages() -> bytes:
    return book(
        填表说明=[["填表说明"], ["一、姓名须与身份证一致"]],
        中原村=[["中原村花名册"], NAMED, ["示例张三", ID]],
        河岭村=[NAMED, ["示例李四", OTHER_ID], ["示例王五", "4.21E+17"]],
        汇总=[["村", "人数"], ["中原村", 1]],
    )


def test_all_sheets_that_fit_are_read_and_a_sheet_named_after_a_village_is_its() -> None:
    found = read(villages())
    assert found.ids == [ID, OTHER_ID]
    assert [record.fields["village"] for record in found.records] == ["中原村", "河岭村"]
    assert [(fault.sheet, fault.row, fault.code) for fault in found.faults] == [("河岭村", 3, "id_mangled")]
    assert found.table.other_sheets == {"填表说明": Unread.NO_LEDGER, "汇总": Unread.NO_LEDGER}


def test_a_column_of_villages_stands_over_the_name_of_the_sheet() -> None:
    (record,) = read(book(河岭村=[HEAD, ROW])).records
    assert record.fields["village"] == ROW[4]


@pytest.mark.parametrize(
    "name",
    [
        "全村",
        "各村",
        "行政村",
        "贫困村",
        "脱贫村",
        "重点村",
        "示范村",
        "本村",
        "非贫困村",
        "易地搬迁社区",
        "各行政村",
        "本社区",
    ],
)
def test_a_sheet_that_says_which_or_what_kind_of_villages_names_none(name: str) -> None:
    (record,) = read(book(**{name: [NAMED, ["示例张三", ID]]})).records
    assert "village" not in record.fields


@pytest.mark.parametrize("name", ["中原村", "新河社区", "大沙渔场", "全胜村", "本源村", "重阳村"])
def test_a_name_that_begins_like_such_a_word_is_a_village(name: str) -> None:
    (record,) = read(book(**{name: [NAMED, ["示例张三", ID]]})).records
    assert record.fields["village"] == name


def test_why_a_sheet_is_not_read_is_told() -> None:
    paid = [["姓名", "身份证号", "险种", "缴费年度", "缴费金额"], ["示例张三", ID, "居民", "2025", "300"]]
    found = read(book(花名册=[HEAD, ROW, OTHER], 缴费=paid, 缺号=[["姓名", "联系电话", "乡镇"], ["某", "1", "2"]]))
    assert found.table.other_sheets == {"缴费": Unread.OTHER_LEDGER, "缺号": Unread.COLUMNS_MISSING}


def test_the_ledger_that_is_wanted_is_read_of_several_kinds_in_one_file() -> None:
    paid = [["姓名", "身份证号", "险种", "缴费年度", "缴费金额"], ["示例张三", ID, "居民", "2025", "300"]]
    content = book(花名册=[HEAD, ROW, OTHER], 缴费=paid)
    for wanted, name in ((Template.T2, "花名册"), (Template.T3, "缴费")):
        assert [one.name for one in read(content, wanted).table.sheets] == [name]
    assert read(book(缴费=paid), Template.T2).ids == [ID]


async def test_the_preview_and_the_import_read_the_same_sheets(desk: Desk) -> None:
    paid = [["姓名", "身份证号", "险种", "缴费年度", "缴费金额"], ["示例张三", ID, "居民", "2025", "300"]]
    run = await desk.bring_in(book(花名册=[HEAD, ROW, OTHER], 缴费=paid))
    assert run.counts == {"added": 2, "changed": 0, "same": 0, "refused": 0}


def test_two_rosters_side_by_side_are_two() -> None:
    head = ["姓名", "身份证号", "电话"]
    found = read(
        sheet(
            [*head, None, *head],
            ["示例张三", ID, "13800001234", None, "示例李四", OTHER_ID, "13900005678"],
            ["示例王五", number(order=7), "", None, None, None, None],
        )
    )
    assert {record.identity.number: record.fields.get("phone") for record in found.records} == {
        ID: ["13800001234"],
        OTHER_ID: ["13900005678"],
        number(order=7): None,
    }
    assert found.faults == []


async def test_what_was_read_is_counted_for_each_sheet(desk: Desk) -> None:
    run = await desk.bring_in(villages())
    assert run.counts == {"added": 2, "changed": 0, "same": 0, "refused": 1}
    assert [(one["name"], one["rows"], one["added"], one["refused"]) for one in run.findings["sheets"]] == [
        ("中原村", 1, 1, 0),
        ("河岭村", 2, 1, 1),
    ]
    assert run.findings["sheets"][0]["titles"] == {"village": "中原村"}
    again = await desk.bring_in(villages())
    assert again.counts == {"added": 0, "changed": 0, "same": 2, "refused": 1}


async def test_persons_of_the_same_line_on_two_sheets_are_two(desk: Desk) -> None:
    content = book(甲=[HEAD, ROW], 乙=[HEAD, OTHER])
    assert (await desk.bring_in(content)).counts == {"added": 2, "changed": 0, "same": 0, "refused": 0}
    assert [desk.said(await desk.person(number))["name"] for number in (ID, OTHER_ID)] == [ROW[0], OTHER[0]]
    assert (await desk.bring_in(content)).counts == {"added": 0, "changed": 0, "same": 2, "refused": 0}


async def test_a_sheet_that_sums_up_the_others_is_no_fault(desk: Desk) -> None:
    other_phone = [*ROW[:2], "13800009999", *ROW[3:]]
    run = await desk.take_in(book(总表=[HEAD, ROW, OTHER], 甲村=[HEAD, ROW], 乙村=[HEAD, OTHER, other_phone]))
    assert run.findings["skipped"] == {"again": 2}
    (fault,) = run.findings["faults"]
    assert (fault["sheet"], fault["row"], fault["code"], fault["value_masked"]) == ("乙村", 3, "twice", "总表 2")


async def test_killed_within_the_second_sheet_it_goes_on_there(
    desk_on_each: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 3)
    rows = [["示例某人", number(order=order), "", "", ""] for order in range(1, 21)]
    run = await desk_on_each.take_in(book(一=[HEAD, *rows[:8]], 二=[HEAD, *rows[8:]]))
    await desk_on_each.confirm(run)
    await desk_on_each.die_at(5, run)
    await desk_on_each.let_go(run)
    assert await desk_on_each.ledgers.runner.take_due() == run.id
    ended = await desk_on_each.run(run.id)
    assert (ended.state, ended.region) == (str(RunState.DONE), HONGHU)
    assert ended.counts == {"added": 20, "changed": 0, "same": 0, "refused": 0}
