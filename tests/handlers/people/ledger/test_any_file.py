"""Whatever is uploaded: it is read, or refused with a code; nothing else happens."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from io import BytesIO

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.labels import words_of
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, ROW, cell_xml, read, sheet, text

XLSX = sheet(HEAD, ROW, OTHER)
CELLS = st.text(max_size=30) | st.sampled_from([ID, "13800001234", "2019.12", "1,200元", "=1+1", "'x", "合计", "#N/A"])
NAMES = ["姓名", "身份证号", "电话", "乡镇", "村", "出生日期", "性别", "年度", "险种", "缴费金额", "类型", "日期", "x"]
HEADS = st.lists(st.sampled_from(NAMES))
PARTS = ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"]


def read_or_refuse(content: bytes) -> None:
    with suppress(BadTable):
        codes = {fault.code for fault in read(content).faults}
        assert codes <= set(words_of("fault"))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"):
        read_or_refuse(start + content)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(XLSX) - 1), st.binary(min_size=1, max_size=8))
def test_a_workbook_with_some_bytes_changed(place: int, other: bytes) -> None:
    read_or_refuse(XLSX[:place] + other + XLSX[place + len(other) :])


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"]), st.data()
)
def test_a_workbook_with_a_part_cut_or_gone(part: str, data: st.DataObject) -> None:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(XLSX)) as old, zipfile.ZipFile(made, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename != part:
                new.writestr(info.filename, body)
            elif data.draw(st.booleans()):
                new.writestr(info.filename, body[: data.draw(st.integers(0, len(body)))])
    read_or_refuse(made.getvalue())


@settings(max_examples=150, deadline=None)
@given(HEADS, st.lists(st.lists(CELLS, max_size=8), max_size=6), st.sampled_from([",", "\t", ";"]))
def test_any_rows_below_any_header(head: list[str], rows: list[list[str]], separator: str) -> None:
    read_or_refuse(text(head, *rows, separator=separator, encoding="utf-8", end="\n"))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["n", "s", "str", "b", "e", "d", "x"]),
    st.text(st.sampled_from("0123456789.eE+-TZ:是"), max_size=12),
    st.sampled_from(["A2", "B2", "C2", "E3"]),
)
def test_any_value_of_any_type_in_a_cell(kind: str, value: str, at: str) -> None:
    read_or_refuse(cell_xml(XLSX, at, f'<c r="{at}" t="{kind}"><v>{value}</v></c>'))
