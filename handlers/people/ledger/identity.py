"""公民身份号码: shape, date and check digit, and what the number says of its holder. Pure.

GB 11643-1999: six digits of the division, eight of the birth date, three of the order (odd: male), one check digit
(ISO 7064 MOD 11-2). Numbers of 15 digits (before 1999) have a year of two digits and no check digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91))
    for code in range(first, last + 1)
)
"""First two digits of GB/T 2260; 81 to 83 residents from Hong Kong, Macau, Taiwan; 91 foreigners with residence."""
OLDEST = 1900
OLDEST_OF_15 = 100
"""Years: 421083200105123 is nobody born in 1920, but a number of 18 digits that lost its last three."""


class BadIdentity(ValueError):
    """No identity number. `code`: id_length, id_place, id_date or id_check."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class Identity:
    """A number that holds."""

    number: str
    """18 characters; one of 15 digits is written out as it was replaced."""

    @property
    def born(self) -> date:
        return date(int(self.number[6:10]), int(self.number[10:12]), int(self.number[12:14]))

    @property
    def gender(self) -> str:
        """`male` or `female`."""
        return "male" if int(self.number[16]) % 2 else "female"


def read_identity(text: str, *, today: date) -> Identity:
    """`text`: digits and at most one X, without spaces. Raises BadIdentity."""
    if re.fullmatch(r"[0-9]{15}", text):
        if int("19" + text[6:8]) < today.year - OLDEST_OF_15:
            raise BadIdentity("id_length")
        text = text[:6] + "19" + text[6:]
        text += check_digit(text)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        raise BadIdentity("id_length")
    if text[:2] not in _PROVINCES:
        raise BadIdentity("id_place")
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise BadIdentity("id_date") from None
    if born.year < OLDEST or born > today:
        raise BadIdentity("id_date")
    if check_digit(text) != text[17]:
        raise BadIdentity("id_check")
    return Identity(text)


def check_digit(number: str) -> str:
    """Of the first 17 digits."""
    return _CHECKS[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]
