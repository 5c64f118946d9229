"""xlsx as it stands in the file, row by row: openpyxl's reader loses what a ledger must not lose.

That is: the digits of numbers as they were written, formulas nobody has calculated, merged cells, hidden rows. The
parts are XML in a zip (ECMA-376 part 1, chapter 18); each is read as a stream, so memory does not grow with the rows.
"""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, BinaryIO
from xml.parsers import expat

from handlers.people.ledger.cells import Line
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.sheet_xml import Merges, SheetReader, Strings, column_of

PIECE = 256 * 1024
MOST_UNPACKED = 400_000_000
"""Bytes of one part."""
MOST_RATIO = 250
"""Unpacked bytes for each packed one; real sheets have 5 to 30."""
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError),
    *(IndexError, RuntimeError),  # a password, or a version that we do not know
)
"""What a damaged archive makes `zipfile` raise."""
_WEB = re.compile(rb"\s*(?:<(?:!doctype|!--|html|table|\?xml|meta|head|body|div|style)|mime-version:)", re.IGNORECASE)
_MAIN = "xl/workbook.xml"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True)
class SheetInfo:
    name: str
    part: str
    """Its file in the zip."""
    hidden: bool


def check_container(file: BinaryIO) -> bool:
    """Whether it is a zip. Raises BadTable for what is neither that nor text: table_encrypted, table_old_xls, …"""
    file.seek(0)
    head = file.read(512)
    if head.startswith(OLE):
        file.seek(0)
        raise BadTable("table_encrypted" if _ENCRYPTED in file.read(4_000_000) else "table_old_xls")
    if head.startswith(b"PK"):
        return True
    if head.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise BadTable("table_not_a_table")
    # In any encoding: a mark before, zeros between.
    if _WEB.match(re.sub(rb"^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)|\x00", b"", head)):
        raise BadTable("table_html")
    return False


class Workbook:
    """An xlsx or xlsm that is open for reading; macros in it are not looked at."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BadTable: table_broken, table_not_a_table, table_too_big."""
        try:
            self._zip = zipfile.ZipFile(file)
            self._parts = {info.filename: info for info in self._zip.infolist()}
        except _UNREADABLE:
            raise BadTable("table_broken") from None
        if "[Content_Types].xml" in self._parts and "EncryptedPackage" in self._parts:
            raise BadTable("table_encrypted")
        if _MAIN not in self._parts:
            raise BadTable("table_not_a_table")
        for info in self._parts.values():
            _check_size(info)
        self._strings_part = self._find_part("xl/sharedStrings.xml")
        self._styles_part = self._find_part("xl/styles.xml")
        self._strings: Strings | None = None
        self._dates: list[bool] | None = None
        self.starts_1904 = False
        self.sheets = self._list_sheets()

    def _find_part(self, name: str) -> str:
        """Some programs write its name with other capitals; empty where it is not there."""
        return next((part for part in self._parts if part.casefold() == name.casefold()), "")

    def _list_sheets(self) -> list[SheetInfo]:
        targets: dict[str, str] = {}
        for name, attributes in self._elements("xl/_rels/workbook.xml.rels", {"Relationship"}):
            if name == "Relationship":
                target = attributes.get("Target", "")
                targets[attributes.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"
        found: list[SheetInfo] = []
        for name, attributes in self._elements(_MAIN, {"sheet", "workbookPr"}):
            if name == "workbookPr":
                self.starts_1904 = attributes.get("date1904", "0") in ("1", "true")
                continue
            relation = next((value for key, value in attributes.items() if key.endswith(":id") or key == "id"), "")
            part = targets.get(relation, "")
            if part in self._parts:  # a sheet of a chart or of macros has none
                hidden = attributes.get("state", "visible") != "visible"
                found.append(SheetInfo(attributes.get("name", ""), part, hidden))
        if not found:
            raise BadTable("table_empty")
        return found

    def lines(self, sheet: SheetInfo) -> Iterator[Line]:
        """Its rows in order; rows that are not in the file are not there."""
        if self._strings is None:
            self._strings, self._dates = self._read_strings(), self._read_date_styles()
        assert self._dates is not None
        merges = self._read_merges(sheet)
        reader = SheetReader(self._strings, self._dates, starts_1904=self.starts_1904)
        for line in self._parse(sheet.part, reader):
            yield merges.fill(line) if merges else line

    def _parse(self, part: str, reader: SheetReader) -> Iterator[Line]:
        parser = _parser()
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.data
        parser.buffer_text = True
        with self._open(part) as stream:
            while True:
                piece = _read(stream)
                _feed(parser, piece)
                yield from reader.take()
                if not piece:
                    return

    def _read_strings(self) -> Strings:
        strings = Strings()
        if not self._strings_part:
            return strings
        parser = _parser()
        parser.StartElementHandler = strings.start
        parser.EndElementHandler = strings.end
        parser.CharacterDataHandler = strings.data
        parser.buffer_text = True
        with self._open(self._strings_part) as stream:
            while True:
                piece = _read(stream)
                _feed(parser, piece)
                if not piece:
                    return strings

    def _read_date_styles(self) -> list[bool]:
        """Of each style of cells, whether it shows a number as a date."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        if not self._styles_part:
            return []
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        # 27 to 36 and 50 to 58 are dates in Chinese and Japanese spreadsheets, without a code of their own.
        codes |= dict.fromkeys((*range(27, 37), *range(50, 59)), "yyyy-mm-dd")
        dates: list[bool] = []
        within = False
        for name, attributes in self._elements(self._styles_part, {"numFmt", "cellXfs", "/cellXfs", "xf"}):
            if name == "numFmt":
                codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif name in ("cellXfs", "/cellXfs"):
                within = name == "cellXfs"
            elif within:
                code = codes.get(_number(attributes.get("numFmtId")), "")
                dates.append(bool(is_date_format(code)))
        return dates

    def _read_merges(self, sheet: SheetInfo) -> Merges:
        """They stand behind the rows they concern, so the sheet is gone through once before."""
        merges = Merges()
        tail = b""
        with self._open(sheet.part) as stream:
            while piece := _read(stream):
                text = tail + piece
                for found in re.finditer(rb'<(?:\w+:)?mergeCell\s+ref="([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)"', text):
                    left, top, right, bottom = (part.decode() for part in found.groups())
                    merges.add(column_of(left), int(top), column_of(right), int(bottom))
                tail = text[-80:] if b"mergeCell" not in text[-80:] else text[text.rindex(b"<") :]
        return merges

    def _elements(self, part: str, wanted: set[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Elements of a small part by their local names; `/name` for the end of one."""
        found: list[tuple[str, Mapping[str, str]]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if (local := name.rpartition(":")[2]) in wanted:
                found.append((local, attributes))

        def end(name: str) -> None:
            if (local := "/" + name.rpartition(":")[2]) in wanted:
                found.append((local, {}))

        if part not in self._parts:
            return
        parser = _parser()
        parser.StartElementHandler, parser.EndElementHandler = start, end
        with self._open(part) as stream:
            while True:
                piece = _read(stream)
                _feed(parser, piece)
                yield from found
                found.clear()
                if not piece:
                    return

    def _open(self, part: str) -> IO[bytes]:
        try:
            return self._zip.open(self._parts[part])
        except _UNREADABLE:
            raise BadTable("table_broken") from None


def _check_size(info: zipfile.ZipInfo) -> None:
    """Before anything is unpacked. (`zipfile` never gives more than the size it says here.)"""
    small = info.file_size < 10_000_000
    if info.file_size > MOST_UNPACKED or (not small and info.file_size > MOST_RATIO * max(1, info.compress_size)):
        raise BadTable("table_too_big")


def _parser() -> Any:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise BadTable("table_broken")  # no spreadsheet declares entities

    parser.EntityDeclHandler = refuse
    return parser


def _feed(parser: Any, piece: bytes) -> None:
    try:
        parser.Parse(piece, not piece)
    except (expat.ExpatError, ValueError, IndexError, OverflowError):
        raise BadTable("table_broken") from None


def _read(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(PIECE)
    except _UNREADABLE:
        raise BadTable("table_broken") from None


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0
