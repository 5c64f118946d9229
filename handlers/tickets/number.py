"""编号: `YYMMDD-NNNNC`: the day, the sequence of that day (four digits, more when a day needs more), a check digit.

The check digit is ISO/IEC 7064 MOD 11,10 over all other digits: it finds every single wrong digit and nearly every pair
that was swapped, so that a slip of the tongue is not somebody else's ticket.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bot.errors import UserFacingError

_SPOKEN = str.maketrans("〇零洞一幺二两三四五六七拐八九", "000112234567789")
_GAP = r"[\s\-‐-―－—_·.]{0,2}"
_RUN = re.compile(rf"(?<![0-9])[0-9](?:{_GAP}[0-9]){{10,13}}(?![0-9])")


class NumberMisread(UserFacingError):
    """It has the form of a number of ours, and its check digit is wrong: a digit was misheard. Data: number."""

    code = "number_misread"


def make_number(day: date, sequence: int) -> str:
    """`make_number(date(2026, 11, 24), 37)` -> 261124-00375."""
    if sequence < 1:
        raise ValueError("the first ticket of a day has the sequence 1")
    digits = f"{day:%y%m%d}{sequence:04d}"
    return f"{digits[:6]}-{digits[6:]}{check_digit(digits)}"


def read_number(text: str) -> str | None:
    """The number in what somebody wrote or said, in its own spelling; None if there is none.

    Raises NumberMisread where the form is right and the check digit is not.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SPOKEN)
    misread = ""
    for run in _RUN.finditer(plain):
        digits = re.sub(r"[^0-9]", "", run[0])
        if not _is_day(digits[:6]):
            continue
        shown = f"{digits[:6]}-{digits[6:]}"
        if check_digit(digits[:-1]) == digits[-1]:
            return shown
        misread = misread or shown
    if misread:
        raise NumberMisread(number=misread)
    return None


def check_digit(digits: str) -> str:
    """ISO/IEC 7064, pure system MOD 11,10."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def _is_day(digits: str) -> bool:
    try:
        date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    return True
