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

from handlers.people.ledger.columns import Template, load_columns
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


# -- text files ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("separator", [",", "\t", ";", "，"])
def test_every_encoding_and_separator_is_read(encoding: str, separator: str) -> None:
    found = read(text(HEAD, ROW, OTHER, separator=separator, encoding=encoding))
    assert found.ids == BOTH
    assert found.records[0].fields["village"] == "示例村"
    assert found.faults == []


def test_rare_characters_of_older_encodings_stay_as_they_are() -> None:
    made = text(HEAD, ["示例?", ID, "", "", ""], encoding="gb18030").replace(b"?", b"\xfe\x59")
    assert read(made).records[0].fields["name"] == "示例" + b"\xfe\x59".decode("gb18030")


def test_a_utf16_file_with_the_other_byte_order_is_read() -> None:
    assert read(b"\xfe\xff" + text(HEAD, ROW, encoding="utf-16-be")).ids == [ID]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_may(end: str) -> None:
    assert read(text(HEAD, ROW, OTHER, end=end)).ids == BOTH


def test_quotes_line_breaks_and_separators_within_a_cell_belong_to_it() -> None:
    row = ["示例张三", ID, "13800001234", '"新堤街道"', '"示例村, ""东头""\n三组"']
    assert read(text(HEAD, row, OTHER)).records[0].fields["village"] == '示例村, "东头" 三组'


def test_a_quote_that_nobody_closed_swallows_no_rows_in_silence() -> None:
    rows = [["示例张三", number(order=order), "", "", "村"] for order in range(100, 140)]
    rows[3][4] = '"村'
    assert code_of(text(HEAD, *rows)) == "table_quote"


def test_a_file_in_no_known_encoding_is_said_so() -> None:
    assert code_of("姓名,身份证号\r\n".encode("gb18030") + b"\xff\xff\x80\r\n") == "table_encoding"


def test_numbers_forced_to_text_by_a_formula_are_taken() -> None:
    found = read(text(HEAD, ["示例张三", f'"=""{ID}"""', '"=""13800001234"""', "新堤街道", "村"]))
    assert found.ids == [ID]
    assert found.records[0].fields["phone"] == ["13800001234"]


def test_rows_that_are_too_long_or_too_short_are_read_as_far_as_they_go() -> None:
    found = read(text(HEAD, [*ROW, "多", "余", ""], [*ROW[:1], OTHER_ID]))
    assert found.ids == BOTH
    assert "village" not in found.records[1].fields


def test_commas_at_the_end_of_lines_are_no_columns() -> None:
    found = read(text([*HEAD, "", ""], [*ROW, "", ""]))
    assert found.ids == [ID]
    assert found.heading.unknown == []


# -- what the file really is --------------------------------------------------------------------------------


def test_a_text_file_named_xlsx_is_read_as_what_it_is() -> None:
    assert read(text(HEAD, ROW, encoding="gb18030")).ids == [ID]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b" \r\n\r\n", "table_empty"),
        (b"\xef\xbb\xbf", "table_empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "table_old_xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "table_encrypted"),
        (b"PK\x03\x04 no zip at all", "table_broken"),
        (b"%PDF-1.7", "table_not_a_table"),
        (b"<html><table><tr><td>", "table_html"),
        ("今天天气不错\r\n".encode(), "table_no_header"),
        (text(["姓名", "联系电话", "乡镇"], ["示例张三", "13800001234", "新堤街道"]), "table_columns_missing"),
    ],
)
def test_what_is_no_ledger_is_called_by_its_name(content: bytes, code: str) -> None:
    assert code_of(content) == code


def test_another_office_file_is_no_ledger() -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("word/document.xml", "<w/>")
    assert code_of(made.getvalue()) == "table_not_a_table"


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = rewrite(sheet(HEAD, ROW), "xl/worksheets/sheet1.xml", lambda body: body + " " * 60_000_000)
    assert len(bomb) < 200_000
    assert code_of(bomb) == "table_too_big"


def test_declared_entities_are_refused() -> None:
    lol = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    head = "<?xml version='1.0'?>"
    assert (
        code_of(rewrite(sheet(HEAD, ROW), "xl/worksheets/sheet1.xml", lambda body: head + lol + body)) == "table_broken"
    )


def test_half_a_file_is_broken() -> None:
    whole = sheet(HEAD, ROW)
    assert code_of(whole[: len(whole) // 2]) == "table_broken"


def test_a_header_alone_has_no_rows_and_no_faults() -> None:
    found = read(sheet(HEAD))
    assert (found.records, found.faults) == ([], [])


def test_a_workbook_with_macros_is_read_without_them() -> None:
    made = rewrite(
        sheet(HEAD, ROW),
        "[Content_Types].xml",
        lambda body: body.replace("spreadsheetml.sheet.main+xml", "ms-excel.sheet.macroEnabled.main+xml"),
    )
    assert read(made).ids == [ID]


# -- headers ------------------------------------------------------------------------------------------------


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
