"""The number of a ticket: YYMMDD-NNNNC, made and read back as people write, paste and speak it. Pure.

C is a check digit over all others (ISO/IEC 7064, MOD 11,10): a digit heard wrong is noticed, so that nobody is told
of another person's ticket.
"""

from __future__ import annotations

from datetime import date

from bot.errors import UserFacingError
from handlers.tickets.digits import Chain, chains_in

DAY = 6
SEQUENCE = 4
"""Digits of the sequence, at least; the 10,000th ticket of a day has five, and its number is one digit longer."""
LONGEST = 14
CENTURY = 2000
FIRST_YEAR = 2020
"""Earlier years would read as mobile numbers (13… to 19…), and there was no ticket then."""


class NumberMisread(UserFacingError):
    """Looks like a ticket number, but a digit is wrong. Data: number, as it was read."""

    code = "ticket_number_misread"


def make_number(day: date, sequence: int) -> str:
    """The number of the day's `sequence`-th ticket, counted from 1."""
    if sequence < 1:
        raise ValueError(f"sequence {sequence} is not counted from 1")
    if not FIRST_YEAR <= day.year < CENTURY + 100:
        raise ValueError(f"{day.year} cannot be written in two digits")
    body = f"{day:%y%m%d}{sequence:0{SEQUENCE}d}"
    return _written(body + check_digit(body))


def read_number(text: str) -> str | None:
    """The ticket number in a text, as `make_number` writes it; None if there is none. Raises NumberMisread."""
    misread = None
    for chain in (*chains_in(text), *chains_in(text, pauses=True)):
        for digits, certain in _candidates(chain):
            if not _is_shaped(digits):
                continue
            if check_digit(digits[:-1]) == digits[-1]:
                return _written(digits)
            if certain:
                misread = misread or _written(digits)
    if misread:
        raise NumberMisread(number=misread)
    return None


def check_digit(digits: str) -> str:
    """ISO/IEC 7064, MOD 11,10."""
    product = 10
    for digit in digits:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _candidates(chain: Chain) -> list[tuple[str, bool]]:
    """Digits that may be a number, and whether they can hardly be anything else.

    A part of a chain counts only where it begins and ends with a group: a piece of an identity number is none.
    """
    found: list[tuple[str, bool]] = []
    whole = "".join(group.digits for group in chain)
    if len(whole) <= LONGEST:
        found.append((whole, True))
    for at, group in enumerate(chain):
        found.append((group.digits, len(group.digits) == DAY + SEQUENCE + 1))
        if len(group.digits) == DAY and at + 1 < len(chain):
            rest = chain[at + 1].digits
            # 261124-375: the zeros of the sequence are often left out.
            found.append((group.digits + rest.zfill(SEQUENCE + 1), len(chain) == 2))
    return found


def _is_shaped(digits: str) -> bool:
    if not DAY + SEQUENCE + 1 <= len(digits) <= LONGEST or (len(digits) > DAY + SEQUENCE + 1 and digits[DAY] == "0"):
        return False
    year = CENTURY + int(digits[:2])
    if year < FIRST_YEAR or int(digits[DAY:-1]) == 0:
        return False
    try:
        date(year, int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    return True


def _written(digits: str) -> str:
    return f"{digits[:DAY]}-{digits[DAY:]}"
