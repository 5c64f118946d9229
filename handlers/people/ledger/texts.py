"""Tables as text: csv and txt in the encodings and with the separators that offices use. Streams; never the whole."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from handlers.people.ledger.cells import LONGEST, Cell, Line
from handlers.people.ledger.faults import BadTable

SEPARATORS = (",", "\t", ";", "，", "|", "；")
PIECE = 64 * 1024
MOST_BREAKS = 30
"""Line breaks in one cell; more is a quotation mark that nobody closed."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_STRANGE = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NUMBER = re.compile(r"[0-9]{15}|[0-9]{6}\*{4}|[0-9]\.[0-9]+[eE]\+1[0-9]")
"""A person's number, also one that was masked or rounded."""
_FORMULA_TEXT = re.compile(r'="([^"]*)"')


def read_text(file: BinaryIO) -> Iterator[Line]:
    """Raises BadTable: table_encoding, table_empty, table_quote."""
    encoding = find_encoding(file)
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        head = text.read(PIECE)
        if not head.strip("\ufeff \t\r\n\x00"):
            raise BadTable("table_empty")
        separator = find_separator(head)
        text.seek(0)
        yield from _rows(text, separator)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, separator: str) -> Iterator[Line]:
    csv.field_size_limit(2_000_000)
    # Lines may end as they like, by a carriage return alone too: the stream parts them at each.
    reader = csv.reader(text, delimiter=separator)
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if _is_torn(row, separator):
                raise BadTable("table_quote", row=number)
            yield Line(number, [_cell(cell) for cell in row])
    except csv.Error:
        raise BadTable("table_quote", row=number + 1) from None


def _is_torn(row: Sequence[str], separator: str) -> bool:
    """Whether a quotation mark that nobody closed has taken the next lines in: a cell holds a line of the table."""
    for place, cell in enumerate(row):
        if "\n" not in cell and "\r" not in cell:
            continue
        below = re.split(r"\r\n|\r|\n", cell)[1:]
        if len(below) > MOST_BREAKS or any(separator in line and _NUMBER.search(line) for line in below):
            return True
        # Where every cell is quoted, the next line's first mark closes the one left open.
        if cell.count('"') % 2 and any(_NUMBER.search(after) for after in row[place + 1 :]):
            return True
    return False


def _cell(text: str) -> Cell:
    """`="13800001234"` is how programs force text into a spreadsheet."""
    if found := _FORMULA_TEXT.fullmatch(text):
        return found[1]
    return text[: LONGEST + 1]


def find_encoding(file: BinaryIO) -> str:
    """By the mark at the start, else the first in which all of it can be read. Raises BadTable: table_encoding."""
    file.seek(0)
    head = file.read(PIECE)
    marked = [name for mark, name in _BOMS if head.startswith(mark)]
    for name in (*marked, *_wide(head), "utf-8", "gb18030"):
        if _can_be(file, name):
            return name
    raise BadTable("table_encoding")


def _wide(head: bytes) -> tuple[str, ...]:
    """UTF-16 without a mark: digits, separators and line ends have a zero on one side."""
    if b"\x00" not in head:
        return ()
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return ("utf-16-le",) if odd > even else ("utf-16-be",)


def _can_be(file: BinaryIO, encoding: str) -> bool:
    """Whether all of it can be read so, and is text: no zeros and the like."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        while piece := file.read(PIECE):
            if _STRANGE.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def find_separator(head: str) -> str:
    """The one that parts most lines into equally many cells."""
    lines = [line for line in re.split(r"\r\n|\r|\n", _without_quoted(head))[:40] if line.strip()]

    def weight(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines]
        usual = max(counts, key=counts.count, default=0) if counts else 0
        most = max(counts, default=0)
        same = counts.count(usual) if usual else sum(count > 0 for count in counts)
        return (same if most else 0, most)

    return max(SEPARATORS, key=weight)


def _without_quoted(text: str) -> str:
    return re.sub(r'"(?:[^"]|"")*"', '""', text)
