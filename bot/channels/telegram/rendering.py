"""A stored message as Telegram shows it: escaped text in parts, buttons in rows."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.messages import Choice

log = structlog.get_logger(__name__)

TEXT_LIMIT = 4096
VALUE_LIMIT = 64
"""Bytes of callback_data."""
SHORT_LABEL = 6
"""Two labels of this length stand side by side on a small phone with large letters."""
BORDERS = ("\n\n", "\n", "。！？；!?;", "，、, ")
"""Where a long text may be cut, best first."""


def count_units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 units, after entities are read."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def split_text(text: str, limit: int = TEXT_LIMIT) -> list[str]:
    """Parts of at most `limit` units, cut between paragraphs or sentences where it can; none is blank."""
    rest = text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8").strip()
    parts = []
    while count_units(rest) > limit:
        longest = _fitting(rest, limit)
        cut = _find_border(rest[:longest]) or longest
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    parts.append(rest)
    return [part for part in parts if part]


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text are at most `limit` units."""
    used = 0
    for place, letter in enumerate(text):
        used += 2 if letter > "\uffff" else 1
        if used > limit:
            return place
    return len(text)


def _find_border(text: str) -> int:
    for border in BORDERS:
        marks = (border,) if "\n" in border else tuple(border)
        cut = max(text.rfind(mark) + len(mark) if mark in text else 0 for mark in marks)
        # A border near the beginning would leave a crumb and a part as long as before.
        if cut > len(text) // 3:
            return cut
    return 0


def as_html(text: str) -> str:
    return html.escape(text, quote=False)


class Keyboard(InlineKeyboardMarkup):
    """Says itself what it holds: the library looks it up attribute by attribute, a seventh of what a message costs."""

    __slots__ = ()

    def to_dict(self, recursive: bool = True) -> dict[str, Any]:  # noqa: ARG002  # its signature is the library's
        rows = [[{"text": one.text, "callback_data": one.callback_data} for one in row] for row in self.inline_keyboard]
        return {"inline_keyboard": rows}


def make_keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Buttons that send back our short values; short labels in pairs, longer ones each in its own row."""
    rows: list[list[Choice]] = []
    for choice in choices:
        if not choice.label.strip() or not 1 <= len(choice.value.encode()) <= VALUE_LIMIT:
            log.error("telegram_button_left_out", action=choice.action, value=choice.value[:VALUE_LIMIT])
            continue
        pair = rows and len(rows[-1]) == 1 and all(len(one.label) <= SHORT_LABEL for one in (*rows[-1], choice))
        if pair:
            rows[-1].append(choice)
        else:
            rows.append([choice])
    if not rows:
        return None
    return Keyboard([[InlineKeyboardButton(one.label, callback_data=one.value) for one in row] for row in rows])
