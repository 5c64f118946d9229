"""A leaflet as PDF: A4, large type, in the Chinese face that every reader of PDF brings along (STSong-Light).

Nothing is embedded, so no font has to be installed where the bot runs. Sizes in points, lengths in millimetres
from the upper left corner.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from io import BytesIO

from reportlab.lib.colors import HexColor, black
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfgen.canvas import Canvas

from handlers.notices.leaflet_code import Code, squares
from handlers.notices.leaflet_words import LineWords, SheetWords

SONG, DIGITS, BOLD_DIGITS = "STSong-Light", "Helvetica", "Helvetica-Bold"
LAKE, GREY = HexColor("#07404D"), HexColor("#333333")
LEFT, RIGHT, TOP, BOTTOM = 13.0, 197.0, 12.0, 285.0
COLUMN = 64.0
"""Where the words of a line begin."""
CODE_SIZE = 30.0
CODE_STEP = CODE_SIZE + 6.0
"""From one code to the next."""
_RUNS = re.compile(r"[\x20-\x7e·]+|[^\x20-\x7e·]+")
"""Turns of Latin and Chinese; the middle dot is no Chinese letter of this face."""
_CLOSING = frozenset("，。、；：”’）》〕？")
"""Stand at no beginning of a row."""
_OPENING = frozenset("“‘（《〔")
"""Stand at no end of one."""


def draw_leaflet(sheets: Sequence[SheetWords], codes: Sequence[Code]) -> bytes:
    """One page a sheet, the codes below."""
    registerFont(UnicodeCIDFont(SONG))
    buffer = BytesIO()
    paper = _Paper(Canvas(buffer, pagesize=A4))
    paper.canvas.setTitle(sheets[0].title if sheets else "")
    for sheet in sheets:
        paper.draw(sheet, codes)
    paper.canvas.save()
    return buffer.getvalue()


class _Paper:
    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def draw(self, sheet: SheetWords, codes: Sequence[Code]) -> None:
        at = self._head(sheet)
        at = self._box(sheet, at)
        foot = BOTTOM - _foot_height(sheet, len(codes))
        for line in sheet.lines:
            if at + _line_height(line) > foot:  # a line of uncommon length goes on over the page, never off it
                self.canvas.showPage()
                foot, at = BOTTOM - _foot_height(sheet, len(codes)), TOP
            at = self._line(line, at)
        self._foot(sheet, codes, foot)
        self.canvas.showPage()

    def _head(self, sheet: SheetWords) -> float:
        self._text(LEFT, TOP + 10, sheet.title, 30, bold=True, colour=LAKE)
        self._text(LEFT, TOP + 18, sheet.under, 14)
        self._rule(TOP + 22, 1.0, LAKE)
        return TOP + 26.0

    def _box(self, sheet: SheetWords, at: float) -> float:
        """Where it comes from and whether it holds: above the figures, so that no copy loses it."""
        rows = list(_rows(sheet.first + sheet.warning, 14, RIGHT - LEFT - 8))
        height = 7.0 * len(rows) + 4
        self.canvas.setStrokeColor(black)
        self.canvas.setLineWidth(1.4)
        self.canvas.rect(LEFT * mm, A4[1] - (at + height) * mm, (RIGHT - LEFT) * mm, height * mm)
        for number, row in enumerate(rows):
            y = at + 6.5 + 7.0 * number
            if number == 0 and sheet.first:
                self._text(LEFT + 4, y, sheet.first, 14, bold=True)
                row = row.removeprefix(sheet.first)
                self._text(LEFT + 4 + _width(sheet.first, 14), y, row, 14)
            else:
                self._text(LEFT + 4, y, row, 14)
        return at + height + 3

    def _line(self, line: LineWords, at: float) -> float:
        y = at + 9.5
        for row in _figure_rows(line):
            self._text(LEFT, y, row, 27, bold=True, colour=LAKE)
            y += 10.5
        if line.below:
            self._text(LEFT, y - 3, line.below, 13, bold=True)
        y = at + 6.5
        section = _width(line.section, 11)
        for number, row in enumerate(_name_rows(line)):
            self._text(COLUMN, y, row, 17, bold=True)
            if number == 0:
                self._text(RIGHT - section, y, line.section, 11, colour=GREY)
            y += 8.0
        for row in _rows(line.text, 15, RIGHT - COLUMN):
            self._text(COLUMN, y, row, 15)
            y += 7.4
        bottom = at + _line_height(line)
        self._rule(bottom - 1.5, 0.5, black)
        return bottom

    def _foot(self, sheet: SheetWords, codes: Sequence[Code], at: float) -> None:
        width = _foot_width(len(codes))
        y = at + 7
        for words in _office_rows(sheet, width):
            self._text(LEFT, y, words, 14)
            y += 7
        x = LEFT
        self._text(x, y + 2, sheet.ask, 14)
        x += _width(sheet.ask, 14) + 3
        for _, number in sheet.hotlines:
            self._text(x, y + 2, number, 21, bold=True)
            x += _width(number, 21) + 7
        self._text(LEFT, y + 10, sheet.beside, 14)
        y += 15.5
        for row in _rows(sheet.basis, 10, width):
            self._text(LEFT, y, row, 10, colour=GREY)
            y += 4.6
        self._text(LEFT, y, sheet.printed, 10, colour=GREY)
        x = RIGHT - CODE_SIZE - CODE_STEP * (len(codes) - 1)
        for code in codes:
            self._code(code.address, x, at + 3)
            self._text(x + (CODE_SIZE - _width(code.words, 11)) / 2, at + CODE_SIZE + 7, code.words, 11)
            x += CODE_STEP

    def _code(self, address: str, x: float, y: float) -> None:
        rows = squares(address)
        side = CODE_SIZE / len(rows)
        self.canvas.setFillColor(black)
        for down, row in enumerate(rows):
            for across, dark in enumerate(row):
                if dark:
                    top = A4[1] - (y + (down + 1) * side) * mm
                    self.canvas.rect((x + across * side) * mm, top, side * mm, side * mm, stroke=0, fill=1)

    def _text(self, x: float, y: float, words: str, size: float, *, bold: bool = False, colour: object = black) -> None:
        """Baseline at `y`. The Chinese face has one weight: bold is the same with its outline drawn."""
        text = self.canvas.beginText(x * mm, A4[1] - y * mm)
        text.setFillColor(colour)
        text.setStrokeColor(colour)
        self.canvas.setLineWidth(size / 45)
        for run in _RUNS.findall(words):
            plain = _is_plain(run)
            text.setFont((BOLD_DIGITS if bold else DIGITS) if plain else SONG, size)
            text.setTextRenderMode(2 if bold and not plain else 0)
            text.textOut(run)
        text.setTextRenderMode(0)
        self.canvas.drawText(text)

    def _rule(self, y: float, weight: float, colour: object) -> None:
        self.canvas.setStrokeColor(colour)
        self.canvas.setLineWidth(weight)
        self.canvas.line(LEFT * mm, A4[1] - y * mm, RIGHT * mm, A4[1] - y * mm)


# -- measuring ----------------------------------------------------------------------------------------------


def _width(words: str, size: float) -> float:
    """In millimetres."""
    runs = _RUNS.findall(words)
    return float(sum(stringWidth(run, BOLD_DIGITS if _is_plain(run) else SONG, size) for run in runs) / mm)


def _is_plain(run: str) -> bool:
    return run[0].isascii() or run[0] == "·"


def _rows(words: str, size: float, width: float) -> Iterator[str]:
    """Broken anywhere but within a figure, before a closing mark and after an opening one; one mark may hang over."""
    row: list[str] = []
    for piece in re.findall(r"[\x21-\x7e]+ ?|.", words):
        room = width + (_width(piece, size) if piece in _CLOSING and row and row[-1] not in _CLOSING else 0.0)
        if row and _width("".join(row) + piece.rstrip(), size) > room:
            keep = len(row) - 1 if piece in _CLOSING else len(row)
            while keep > 1 and (row[keep - 1] in _OPENING or (keep < len(row) and row[keep] in _CLOSING)):
                keep -= 1
            yield "".join(row[:keep])
            row = row[keep:]
        if row or piece.strip():
            row.append(piece)
    if row:
        yield "".join(row)


def _figure_rows(line: LineWords) -> list[str]:
    whole = f"{line.figure} {line.unit}".strip()
    return list(_rows(whole, 27, COLUMN - LEFT - 3))


def _name_rows(line: LineWords) -> list[str]:
    return list(_rows(line.name, 17, RIGHT - COLUMN - _width(line.section, 11) - 4))


def _line_height(line: LineWords) -> float:
    words = 8.0 * len(_name_rows(line)) + 7.4 * len(list(_rows(line.text, 15, RIGHT - COLUMN)))
    figure = 10.5 * len(_figure_rows(line)) + (6.5 if line.below else 0)
    return max(words, figure) + 4.5


def _foot_width(codes: int) -> float:
    """What the codes leave to the words beside them; the same with none, so that no sheet grows by having no code."""
    return RIGHT - LEFT - CODE_SIZE - 8 - CODE_STEP * max(0, codes - 1)


def _office_rows(sheet: SheetWords, width: float) -> list[str]:
    return [row for words in sheet.office for row in _rows(words, 14, width)]


def _foot_height(sheet: SheetWords, codes: int) -> float:
    width = _foot_width(codes)
    basis = len(list(_rows(sheet.basis, 10, width)))
    return max(7.0 * len(_office_rows(sheet, width)) + 25 + 4.6 * basis, CODE_SIZE + 9)
