"""Ledgers as offices fill them: every trap of such files, each with what comes of it."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from handlers.people.ledger.columns import load_columns
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.tables import Unread
from tests.handlers.people.ledger.make import (
    HEAD,
    ID,
    OTHER,
    OTHER_ID,
    ROW,
    cell_xml,
    number,
    read,
    rewrite,
    sheet,
    text,
)

BOTH = [ID, OTHER_ID]


def code_of(content: bytes) -> str:
    with pytest.raises(BadTable) as caught:
        read(content)
    return caught.value.code


# -- rows that are no person --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        ["合计", None, "2人"],
        ["合\u3000计", "", ""],
        ["小计：", "1"],
        [None, "总计", "3"],
        ["螺山镇小计", "", ""],
        ["填表人：示例某", "", "审核人：某"],
        ["注：本表一式三份。"],
        ["备注：身份证号须为文本格式，请认真核对后上报，谢谢配合。"],
    ],
)
def test_sums_and_remarks_are_no_persons(row: list[Any]) -> None:
    found = read(sheet(HEAD, ROW, row))
    assert found.ids == [ID]
    assert found.faults == []
    assert len(found.skipped) == 1


def test_a_sample_row_is_no_person() -> None:
    assert read(sheet(["序号", *HEAD], ["示例", *ROW], ["1", *OTHER])).ids == [OTHER_ID]


def test_blank_lines_between_rows_end_nothing() -> None:
    found = read(sheet(HEAD, ROW, [], [" ", "\u00a0"], OTHER))
    assert found.ids == BOTH
    assert found.records[1].row == 5


def test_lines_that_were_numbered_beforehand_and_hold_nobody_are_skipped() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("F2:F5")  # type: ignore[union-attr]

    rows = [[1, *ROW], [2, *OTHER[:4], None], [3], [4]]
    found = read(sheet(["序号", *HEAD], *rows, change=merge))
    assert (found.ids, found.faults) == (BOTH, [])
    assert found.skipped == ["blank", "blank"]


def test_a_hint_for_the_spreadsheet_in_the_first_line_is_no_header() -> None:
    assert read(b"sep=;\r\n" + text(HEAD, ROW, separator=";")).ids == [ID]


def test_a_table_that_begins_further_right_is_read() -> None:
    assert read(sheet([], [None, None, *HEAD], [None, None, *ROW])).ids == [ID]


def test_cells_and_rows_without_addresses_are_counted() -> None:
    bare = rewrite(
        sheet(HEAD, ROW, OTHER), "xl/worksheets/sheet1.xml", lambda body: re.sub(r' r="[A-Z]*[0-9]+"', "", body)
    )
    found = read(bare)
    assert (found.ids, [record.row for record in found.records]) == (BOTH, [2, 3])


def test_parts_whose_names_have_other_capitals_are_found() -> None:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(sheet(HEAD, ROW))) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename.replace("sharedStrings", "SharedStrings"), old.read(info))
    assert read(made.getvalue()).ids == [ID]


def test_a_number_that_was_masked_asks_for_the_sheet_itself() -> None:
    masked = f"{ID[:6]}********{ID[14:]}"
    assert read(sheet(HEAD, ["示例张三", masked, "", "", ""])).codes == ["id_masked"]


def test_swapped_columns_are_told_for_each_row_and_nothing_is_guessed() -> None:
    found = read(sheet(HEAD, ["示例张三", "13800001234", ID, "", ""]))
    assert found.records == []
    assert sorted(found.codes) == ["id_length", "phone_bad"]


# -- sheets, merged and hidden ------------------------------------------------------------------------------


def test_the_sheet_that_holds_the_ledger_is_found_and_the_others_are_told() -> None:
    def more(book: Workbook) -> None:
        book.create_sheet("说明", 0).append(["填表说明"])
        book.create_sheet("空")
        old = book.create_sheet("旧", 0)
        old.sheet_state = "hidden"
        old.append(HEAD)
        old.append(["示例旧人", number(order=777)])

    found = read(sheet(HEAD, ROW, change=more))
    assert found.ids == [ID]
    assert found.table.other_sheets == {"旧": Unread.HIDDEN, "说明": Unread.NO_LEDGER}


def test_what_is_merged_over_rows_holds_for_each_and_nothing_else_does() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("E2:E3")  # type: ignore[union-attr]

    third = ["示例王五", number(order=321), "", "", None]
    found = read(sheet(HEAD, ROW, [*OTHER[:4], None], third, change=merge))
    assert [record.fields.get("village") for record in found.records] == ["示例村", "示例村", None]


def test_rows_that_a_filter_hides_are_read_and_marked() -> None:
    def hide(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True  # type: ignore[union-attr]
        book.active.auto_filter.ref = "A1:E3"  # type: ignore[union-attr]
        book.active["A2"].font = Font(strike=True)  # type: ignore[index,union-attr]

    found = read(sheet(HEAD, ROW, OTHER, change=hide))
    assert [record.hidden for record in found.records] == [False, True]


# -- cells --------------------------------------------------------------------------------------------------


def test_of_a_formula_the_value_counts_and_without_one_the_row_is_refused() -> None:
    made = sheet(HEAD, ROW, OTHER)
    calculated = cell_xml(made, "B2", f'<c r="B2" t="str"><f>B9</f><v>{ID}</v></c>')
    assert read(calculated).ids == BOTH
    bare = read(cell_xml(made, "B2", '<c r="B2"><f>B9</f></c>'))
    assert (bare.ids, bare.codes) == ([OTHER_ID], ["no_value"])
    error = read(cell_xml(made, "B2", '<c r="B2" t="e"><v>#N/A</v></c>'))
    assert error.codes == ["no_value"]


@pytest.mark.parametrize(
    "value", ["4.21083196801031E+17", "4.2108319680103E17", "421083196801031000", "421083196801031000.0"]
)
def test_a_number_that_lost_its_digits_is_refused(value: str) -> None:
    found = read(cell_xml(sheet(HEAD, ROW, OTHER), "B2", f'<c r="B2"><v>{value}</v></c>'))
    assert found.ids == [OTHER_ID]
    assert [(fault.row, fault.column, fault.code) for fault in found.faults] == [(2, "身份证号", "id_mangled")]
    assert read(text(HEAD, ["示例张三", value, "", "", ""])).codes == ["id_mangled"]


def test_a_number_written_whole_by_a_program_is_taken() -> None:
    found = read(cell_xml(sheet(HEAD, ROW), "B2", f'<c r="B2"><v>{ID}</v></c>'))
    assert found.ids == ([] if ID.endswith("X") else [ID])


def test_dates_count_from_1904_where_the_workbook_says_so() -> None:
    def mac(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904
        book.active["C2"] = date(2019, 12, 31)  # type: ignore[index]

    found = read(sheet(["姓名", "身份证号", "退捕日期"], ["示例张三", ID, None], change=mac))
    assert found.records[0].fields["retired_on"] == "2019-12-31"


def test_a_date_cell_is_a_date_in_chinese_formats_too() -> None:
    def style(book: Workbook) -> None:
        book.active["C2"].number_format = 'yyyy"年"m"月"'  # type: ignore[index,union-attr]

    found = read(sheet(["姓名", "身份证号", "退捕日期"], ["示例张三", ID, date(2019, 12, 1)], change=style))
    assert found.records[0].fields["retired_on"] == "2019-12-01"


def test_a_cell_of_a_hundred_thousand_characters_is_cut_and_told() -> None:
    found = read(text([*HEAD, "备注"], [*ROW, "长" * 100_000]))
    assert found.ids == [ID]
    assert [(fault.code, fault.refused) for fault in found.faults] == [("too_long", False)]
    assert len(found.records[0].fields["note"]) == 500


def test_what_cannot_be_seen_is_no_part_of_a_cell() -> None:
    row = ["示例\u200b张三\u00a0", f"\u202d{ID}\u202c", "\ufeff138 0000\u00a01234", "新堤街道", "\u3000示例村\t"]
    fields = read(sheet(HEAD, row)).records[0].fields
    assert (fields["name"], fields["phone"], fields["village"]) == ("示例张三", ["13800001234"], "示例村")


def test_a_formula_in_the_place_of_a_name_is_refused() -> None:
    found = read(text(HEAD, ["=cmd|'/c calc'!A0", ID, "", "", ""], OTHER))
    assert (found.ids, found.codes) == ([OTHER_ID], ["name_bad"])


def test_every_label_and_alias_leads_to_its_own_field() -> None:
    columns = load_columns()
    for template, fields in columns.fields.items():
        for name, one in fields.items():
            assert columns.field_of(template, one.label) == name, (template, one.label)


@pytest.mark.parametrize("title", ["螺山镇退捕渔民一人一档", "附件1"])
def test_a_title_in_one_cell_is_no_part_of_the_names_of_the_columns(title: str) -> None:
    for made in (sheet([title], HEAD, ROW), text([title], HEAD, ROW)):
        found = read(made)
        assert found.ids == [ID]
        assert [column.header for column in found.heading.columns] == list(HEAD)
