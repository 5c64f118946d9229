"""Passwords: what is good enough, one-time ones, and argon2, which runs beside the event loop and outside transactions.

Hashing takes a core for some fifty milliseconds and 64 MB. So nothing here wants a session: a `NewPassword` is made
first and then given to the use case, and SQLite's one writer is never held while a password is chewed.
"""

from __future__ import annotations

import asyncio
import secrets
import string
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import UserFacingError

T = TypeVar("T")

LEAST = 8
MOST = 128
"""Longer ones are refused before they are hashed."""
CLASSES = 3
_CLEAR = "".join(c for c in string.ascii_letters + string.digits if c not in "0OoIl1")
"""For passwords that are read aloud or copied from paper."""


class PasswordTooWeak(UserFacingError):
    """Data: least (characters), classes (of four)."""

    code = "password_too_weak"


class PasswordNotNew(UserFacingError):
    code = "password_not_new"


@dataclass(frozen=True)
class NewPassword:
    """A password that was made or given, ready to be kept."""

    plain: str = field(repr=False)
    hash: str = field(repr=False)
    must_change: bool
    """At the next login."""


async def make_one_time(*, must_change: bool = True) -> NewPassword:
    """For a new or a forgetful account; `plain` is shown once and kept nowhere."""
    while True:
        groups = ["".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(4)]
        plain = "-".join(groups)
        if _count_classes(plain) == 4:
            return await take_given(plain, must_change=must_change)


async def take_given(plain: str, *, must_change: bool) -> NewPassword:
    """One that somebody thought of. Raises PasswordTooWeak."""
    check_strength(plain)
    return NewPassword(plain, await _beside(lambda: _hasher().hash(_to_bytes(plain))), must_change)


def check_strength(plain: str) -> None:
    """At least eight characters of at least three of: small, capital, digit, other. Raises PasswordTooWeak."""
    if not LEAST <= len(plain) <= MOST or _count_classes(plain) < CLASSES:
        raise PasswordTooWeak(least=LEAST, classes=CLASSES)


async def matches(kept: str | None, plain: str) -> bool:
    """Whether it is the password; without an account it takes just as long and is False."""
    if len(plain) > MOST:
        return False
    return await _beside(lambda: _matches(kept or _nobody(), plain)) and kept is not None


def _matches(kept: str, plain: str) -> bool:
    try:
        return _hasher().verify(kept, _to_bytes(plain))
    except (VerificationError, InvalidHashError):
        return False


def _count_classes(plain: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit, lambda c: not (c.islower() or c.isupper() or c.isdigit()))
    return sum(any(kind(character) for character in plain) for kind in kinds)


def _to_bytes(plain: str) -> bytes:
    # A Chinese keyboard may have typed full-width letters; they are the same password.
    return unicodedata.normalize("NFKC", plain).encode("utf-8", "surrogatepass")


async def _beside(act: Callable[[], T]) -> T:
    # Threads of their own: in those of `asyncio.to_thread` the database commits, which must not queue behind logins.
    return await asyncio.get_running_loop().run_in_executor(_threads(), act)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, "passwords")


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no password fits, to compare with where there is no account."""
    return _hasher().hash(secrets.token_bytes(32))
