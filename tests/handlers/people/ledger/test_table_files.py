"""Files that a ledger comes in: text of every encoding, workbooks, and what only looks like one."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from tests.handlers.people.ledger.make import (
    HEAD,
    ID,
    OTHER,
    OTHER_ID,
    ROW,
    number,
    read,
    rewrite,
    sheet,
    text,
)
from tests.handlers.people.ledger.test_tables import BOTH, code_of

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
