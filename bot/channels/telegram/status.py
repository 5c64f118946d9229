"""How the channel is: one short code for `/readyz`, None while all is well."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    NOT_CONNECTED = "telegram_not_connected"
    """Just started; Telegram has not answered yet."""
    UNREACHABLE = "telegram_unreachable"
    TOKEN_REFUSED = "telegram_token_refused"  # noqa: S105  # a code, not a secret
    """Nothing will work before a restart with another token."""
    CONFLICT = "telegram_conflict"
    """Another program receives this bot's updates."""
    NOT_COMMITTED = "telegram_not_committed"
    """Messages wait at Telegram because our database does not take them."""


class Status:
    def __init__(self) -> None:
        self.fault: Fault | None = Fault.NOT_CONNECTED

    def works(self) -> None:
        if self.fault is not Fault.TOKEN_REFUSED:
            self.fault = None

    def fails(self, fault: Fault) -> None:
        if self.fault is not Fault.TOKEN_REFUSED:
            self.fault = fault
