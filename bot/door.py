"""What comes in is made safe here, once for all channels: control characters, length, and numbers not to be kept."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.messages import Address, Incoming

MAX_TEXT = 2000
"""Characters that are read; a person's longest story fits."""
MAX_KEY = 128

# Kept: line breaks, tabs and U+200D, which joins emoji.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_DIGIT_RUN = re.compile(r"(?<![0-9A-Za-z])\d(?:[ \u3000-]?\d)*(?:[ \u3000-]?[xX](?![0-9A-Za-z]))?")
_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")
_CARD_START = re.compile(r"62|4|5[1-5]|60|9[0-9]|3[0-9]")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Marks:
    """The words that stand where a number was dropped; from templates, given by the composition root."""

    id_number: str
    bank_card: str


@dataclass(frozen=True)
class Cleaned:
    incoming: Incoming
    dropped: frozenset[str] = frozenset()
    """`id_number`, `bank_card`: what was taken out of the text, to be told to the person."""
    was_cut: bool = False
    stored_text: str = ""
    """What the transcript keeps: mobile numbers half hidden, which only the dialogues of this turn may read."""


def clean(incoming: Incoming, marks: Marks) -> Cleaned:
    """The same message without what must not come in."""
    text = drop_unwanted(incoming.text)
    was_cut = len(text) > MAX_TEXT
    text, dropped = drop_private(text[:MAX_TEXT], marks)
    incoming = replace(
        incoming,
        address=replace(incoming.address, key=safe_key(incoming.address.key), bot=safe_key(incoming.address.bot)),
        event_id=safe_key(incoming.event_id),
        text=text,
        value=None if incoming.value is None else drop_unwanted(incoming.value)[:MAX_KEY],
        region_hint=None if incoming.region_hint is None else drop_unwanted(incoming.region_hint)[:40] or None,
        attachments=tuple(
            replace(item, name=drop_unwanted(item.name)[:200], media_type=drop_unwanted(item.media_type)[:100])
            for item in incoming.attachments
        ),
    )
    return Cleaned(incoming, dropped, was_cut, hide_mobiles(text))


def hide_mobiles(text: str) -> str:
    """Mobile numbers half hidden, as they are kept in what was said."""
    return _MOBILE.sub(r"\1****\3", text)


def clean_address(address: Address) -> Address:
    """The address under which `clean` files a message."""
    return replace(address, key=safe_key(address.key), bot=safe_key(address.bot))


def drop_unwanted(text: str) -> str:
    """Without control characters, direction marks, halves of characters; with plain line breaks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return _UNWANTED.sub("", text).strip()


def safe_key(key: str) -> str:
    """A key of a channel as it is, or its digest if it is too long or holds what a database refuses."""
    if len(key) <= MAX_KEY and not _UNWANTED.search(key) and "\n" not in key:
        return key
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def drop_private(text: str, marks: Marks) -> tuple[str, frozenset[str]]:
    """Replace ID numbers and bank cards by a mark. -> (text, what was dropped)"""
    # Full-width digits become plain ones of the same length, so that places in the text stay the same.
    plain = "".join(unicodedata.normalize("NFKC", c) if "０" <= c <= "ｚ" else c for c in text)
    found: list[tuple[int, int, str]] = []
    for run in _DIGIT_RUN.finditer(plain):
        found += _numbers_in(run.group(), run.start())
    for start, end, what in reversed(found):
        text = text[:start] + (marks.id_number if what == "id_number" else marks.bank_card) + text[end:]
    return text, frozenset(what for _, _, what in found)


def _numbers_in(run: str, offset: int) -> Iterator[tuple[int, int, str]]:
    """Numbers made of whole groups of a run of digits, such as `6222 0212 3456 7890`."""
    groups = [(m.start(), m.end()) for m in re.finditer(r"[0-9]+[xX]?|[xX]", run)]
    first = 0
    while first < len(groups):
        for last in range(len(groups) - 1, first - 1, -1):
            begin, end = groups[first][0], groups[last][1]
            digits = re.sub(r"[^0-9xX]", "", run[begin:end]).upper()
            if what := _what_is(digits):
                yield offset + begin, offset + end, what
                first = last
                break
        first += 1


def _what_is(digits: str) -> str | None:
    if is_id_number(digits) or is_id_shaped(digits):
        return "id_number"
    if 16 <= len(digits) <= 19 and digits.isdigit() and _CARD_START.match(digits) and _passes_luhn(digits):
        return "bank_card"
    return None


def is_id_shaped(digits: str) -> bool:
    """Eighteen places with a real birthday: an identity number, if need be with a digit mistyped or misheard."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", digits) or not 1900 <= int(digits[6:10]) <= 2099:
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    return True


def is_id_number(digits: str) -> bool:
    """An 18-digit resident identity number with a real birthday and the right check digit."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", digits):
        return False
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == digits[17]


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def has_words(text: str) -> bool:
    """False for nothing, signs or emoji alone."""
    return any(character.isalnum() for character in text)
