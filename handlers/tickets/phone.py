"""The mobile number in free words, however it is written or spoken; never a piece of a longer number. Pure."""

from __future__ import annotations

import re

from handlers.tickets.digits import Chain, Group, chains_in

LENGTH = 11
_MOBILE = re.compile(r"1[3-9]\d{9}")
_COUNTRY = ("0086", "86")
LONG = range(16, 20)
"""Digits of identity numbers and bank cards, which may be written in groups."""


def find_phone(text: str) -> str:
    """Eleven digits, or empty. Of several the last: a corrected number follows the wrong one."""
    for pauses in (False, True):
        found = ""
        for chain in chains_in(text, pauses=pauses):
            if _touches_letter(text, chain):
                continue
            found = _phone_of(chain) or found
        if found:
            return found
    return ""


def _phone_of(chain: Chain) -> str:
    whole = "".join(group.digits for group in chain)
    if phone := _bare(whole):
        return phone
    segments = _segments(chain)
    if segments:
        return next((phone for digits in reversed(segments) if (phone := _bare(digits))), "")
    # An unbroken mobile number beside other figures: 欠4800 13871234567; not within what may be a card.
    around = sum(len(group.digits) for group in chain if not _bare(group.digits))
    if around + LENGTH in LONG:
        return ""
    return next((phone for group in reversed(chain) if (phone := _bare(group.digits))), "")


def _segments(chain: Chain) -> list[str]:
    """The chain cut into mobile numbers and ticket numbers, if it can be cut so without a rest; else nothing."""
    parts: list[str] = []
    part = ""
    for group in chain:
        part += group.digits
        if _bare(part) or (len(part) == LENGTH and part.startswith("2")):
            parts.append(part)
            part = ""
        elif len(part) >= LENGTH + 4:
            return []
    return [] if part else parts


def _bare(digits: str) -> str:
    for country in _COUNTRY:
        if digits.startswith(country) and len(digits) == LENGTH + len(country):
            digits = digits.removeprefix(country)
    return digits if _MOBILE.fullmatch(digits) else ""


def _touches_letter(text: str, chain: Chain) -> bool:
    """Whether letters go on where the digits end: 42108319650712451X, AB138…."""
    first: Group = chain[0]
    last: Group = chain[-1]
    after = text[last.end : last.end + 1]
    before = text[max(0, first.start - 1) : first.start]
    return (after.isascii() and after.isalpha()) or (before.isascii() and before.isalpha() and before.isupper())


def without_numbers(text: str) -> str:
    """The text with every long number taken out, so that no digit of it counts as money or people."""
    long = [(c[0].start, c[-1].end) for c in chains_in(text) if sum(len(group.digits) for group in c) >= LENGTH]
    # Over a comma only what is one mobile number: 欠4800，13871234567 keeps its sum.
    long += [
        (c[0].start, c[-1].end)
        for c in chains_in(text, pauses=True)
        if len(c) > 1 and _bare("".join(group.digits for group in c))
    ]
    kept, at = [], 0
    for start, end in sorted(long):
        kept.append(text[at:start])
        at = max(at, end)
    return "，".join([*kept, text[at:]])
