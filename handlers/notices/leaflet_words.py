"""A leaflet's sheets in words (`templates/print/leaflet.yaml`), as the page and the PDF both draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from handlers.notices.leaflets import Line, Sheet
from knowledge.offices import Hotline, Office
from knowledge.policy import Document, Kind, PeriodState


@dataclass(frozen=True)
class LineWords:
    figure: str
    """1000, 文件没写, 岗位."""
    unit: str
    below: str
    """最多 · 是贷款; empty if nothing is to be said."""
    name: str
    section: str
    text: str


@dataclass(frozen=True)
class SheetWords:
    """One A4 page."""

    title: str
    under: str
    first: str
    """先看这句：; empty where the document is in force."""
    warning: str
    """Where it comes from and whether it still holds."""
    lines: tuple[LineWords, ...]
    office: tuple[str, ...]
    """Rows: name and phone; address and hours. What nobody has entered is left out."""
    ask: str
    hotlines: tuple[tuple[str, str], ...]
    """(name, number)."""
    beside: str
    basis: str
    printed: str


@dataclass(frozen=True)
class Foot:
    """What stands under every sheet."""

    office: Office | None
    hotlines: Sequence[Hotline]
    today: date


def word_sheet(sheet: Sheet, reader: str, place: str, foot: Foot) -> SheetWords:
    """`place` is the reader's own; the figures are those of the sheet's document, which is named above them."""
    words, document = leaflet_words(), sheet.policy.document
    state = document.state(foot.today)
    office = foot.office
    named = ((office.name, office.phone), (office.address, office.hours)) if office else ()
    period = document.period.words if document.period else ""
    return SheetWords(
        title=words["title_for"].get(reader, words["title"]),
        under=words["under"].format(place=place, topic=words["topic"][str(sheet.topic or "all")]),
        first="" if state is PeriodState.IN_FORCE else words["first"],
        warning=words[str(state)].format(source=_source(document, place), period=period),
        lines=tuple(map(_word_line, sheet.lines)),
        office=tuple("　".join(part for part in row if part) for row in named if any(row)),
        ask=words["ask"],
        hotlines=tuple((line.name, line.number) for line in foot.hotlines),
        beside=words["beside"],
        basis=words["basis"].format(issuer=document.issuer, title=document.title, number=document.number or "").strip(),
        printed=words["printed"].format(day=f"{foot.today.year}年{foot.today.month}月{foot.today.day}日"),
    )


@lru_cache(maxsize=1)
def leaflet_words() -> Mapping[str, Any]:
    found: dict[str, Any] = yaml.safe_load((files("templates") / "print" / "leaflet.yaml").read_text("utf-8"))
    return found


def _word_line(line: Line) -> LineWords:
    words = leaflet_words()
    figure, unit = words["unstated"] if line.unstated else (words["word"][str(line.kind)], "")
    below = []
    if line.figure is not None:
        figure, unit = line.figure.number, line.figure.unit
        below += [words["below"][line.figure.bound]] if line.figure.bound != "exactly" else []
        below += [words["below"]["once"]] if line.once and line.figure.unit else []
        below += [words["below"]["loan"]] if line.kind is Kind.LOAN else []
    if line.to is not None:
        below.append(words["below"][str(line.to)])
    section = words["section"].format(section=line.section)
    return LineWords(figure, unit, "，".join(below), line.name, section, line.text)


def _source(document: Document, place: str) -> str:
    """By its number, else by its title; a document from above is named with the place it is made for."""
    own = "" if document.place == place else document.place
    return own + (document.number or f"《{document.title}》")
