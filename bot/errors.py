"""Errors a person should hear of: a code and data here, the wording in `templates/replies/errors/<code>.txt`."""

from __future__ import annotations

from typing import Any


class UserFacingError(Exception):
    """Rolls the turn back and is worded for the person.

    Subclasses set `code`; keyword data goes to the template of that code.
    """

    code: str = "internal"

    def __init__(self, code: str | None = None, **data: Any) -> None:
        self.code = code or type(self).code
        self.data = data
        super().__init__(self.code)


class StartupError(Exception):
    """The process must not start; `exit_code` as in the README (2 settings or policies, 3 database, 4 port)."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(message)


class DatabaseAway(Exception):
    """It cannot be reached or written now (gone, locked, full, read-only): nothing was done, and later it may be."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)
