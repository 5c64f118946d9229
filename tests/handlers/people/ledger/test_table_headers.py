"""Where a ledger begins and what its columns are."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl import Workbook

from handlers.people.ledger.columns import Template
from tests.handlers.people.ledger.make import (
    HEAD,
    ID,
    OTHER,
    ROW,
    read,
    sheet,
    text,
)
from tests.handlers.people.ledger.test_tables import BOTH


def test_headers_stand_in_any_order_under_titles_and_blank_lines() -> None:
    found = read(sheet(["洪湖市退捕渔民一人一档台账"], [], ["填报单位：示例站", None, "2026年"], HEAD[::-1], ROW[::-1]))
    assert found.ids == [ID]
    assert found.records[0].row == 5


@pytest.mark.parametrize(
    "header",
    [
        "身份证号",
        "证件号码",
        "公民身份号码",
        "身份证号码",
        "身 份 证\n号\u3000码",
        "身份证号（必填）",
        "*身份证号*",
        "AAC002",
        "ｓｆｚｈ",
        "ID Card",
        "渔民身份证号",
        "申请人身份证号码",
        "身份证号码：",
        "居民身份证号[18位]",
    ],
)
def test_the_number_is_found_under_all_its_names(header: str) -> None:
    assert read(sheet(["姓名", header], ["示例张三", ID])).ids == [ID]


def test_two_lines_of_header_are_read_together() -> None:
    def merge(book: Workbook) -> None:
        for cells in ("A1:A2", "B1:B2", "C1:D1", "E1:E2"):
            book.active.merge_cells(cells)  # type: ignore[union-attr]

    rows = (["姓名", "身份证号", "就业情况", None, "备注"], [None, None, "单位", "地点", None])
    found = read(sheet(*rows, ["示例张三", ID, "示例水产公司", "象山", "好"], change=merge))
    assert found.ids == [ID]
    fields = found.records[0].fields
    assert (fields["employer"], fields["work_place"], fields["note"]) == ("示例水产公司", "象山", "好")
    plain = read(
        text(
            *[["" if cell is None else str(cell) for cell in row] for row in rows], ["示例张三", ID, "厂", "象山", "好"]
        )
    )
    assert plain.records[0].fields["work_place"] == "象山"


def test_the_national_list_is_known_by_its_headers() -> None:
    head = [
        "序号",
        "数据日期",
        "县",
        "乡",
        "行政村",
        "自然村",
        "户编号",
        "人编号",
        "姓名",
        "证件号码",
        "人数",
        "与户主关系",
        "民族",
        "文化程度",
        "在校生状况",
        "健康状况",
        "劳动技能",
    ]
    head += [
        "务工时间(月)",
        "是否参加大病保险",
        "致贫原因1",
        "危房户",
        "是否解决安全饮用水",
        "人均纯收入",
        "户联系电话",
        "人联系电话",
        "首次识别时间",
    ]
    head += ["人员识别时间", "户类型", "易返贫致贫户(监测对象)类型", "风险是否消除", "风险识别时间", "风险消除时间"]
    row: list[Any] = ["" for _ in head]
    for name, value in (
        ("姓名", "示例张三"),
        ("证件号码", ID),
        ("人联系电话", "13800001234"),
        ("户类型", "脱贫户"),
        ("乡", "螺山镇"),
    ):
        row[head.index(name)] = value
    found = read(sheet(head, row))
    assert found.heading.template is Template.T2
    assert found.heading.unknown == []
    assert found.records[0].fields["household_type"] == "脱贫户"
    assert found.records[0].fields["phone"] == ["13800001234"]


def test_columns_that_are_not_known_are_told() -> None:
    found = read(sheet(["姓名", "身份证号", "血型", "星座"], ["示例张三", ID, "A", ""]))
    assert found.heading.unknown == ["血型", "星座"]


@pytest.mark.parametrize(
    ("head", "template"),
    [
        (["姓名", "身份证号", "险种", "缴费年度", "缴费金额", "应补", "状态"], Template.T3),
        (["姓名", "身份证号码", "服务类型", "服务日期", "服务方式", "服务内容"], Template.T4),
        (["姓名", "性别", "身份证号", "渔民类型", "就业状态", "备注"], Template.T2),
    ],
)
def test_which_ledger_it_is_shows_in_its_columns(head: list[str], template: Template) -> None:
    assert read(sheet(head)).heading.template is template


def test_year_and_insurance_may_stand_in_the_title() -> None:
    found = read(
        sheet(
            ["洪湖市2025年城乡居民养老保险退捕渔民缴费补贴表"],
            ["姓名", "身份证号", "缴费金额", "应补金额"],
            ["示例张三", ID, "1,200元", 600],
        )
    )
    fields = found.records[0].fields
    assert (fields["year"], fields["insurance"], str(fields["paid"]), str(fields["due"])) == (
        2025,
        "resident",
        "1200.00",
        "600.00",
    )


def test_the_header_again_on_each_printed_page_is_no_person() -> None:
    found = read(sheet(HEAD, ROW, HEAD, OTHER))
    assert (found.ids, found.skipped, found.faults) == (BOTH, ["header"], [])


def test_columns_that_are_numbered_below_the_header_are_no_person() -> None:
    assert read(sheet(HEAD, [1, 2, 3, 4, 5], ROW)).skipped == ["numbering"]
