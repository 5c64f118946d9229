"""How the channel is: one short code for `/readyz`, None while all is well."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    NOT_CONNECTED = "telegram_not_connected"
    """Just started; Telegram has not answered yet."""
    UNREACHABLE = "telegram_unreachable"
    TOKEN_REFUSED = "telegram_token_refused"  # noqa: S105  # a code, not a secret
    """Nothing works before Telegram knows the token again, or a restart with another one; tried again slowly."""
    CONFLICT = "telegram_conflict"
    """Another program receives this bot's updates."""
    NOT_COMMITTED = "telegram_not_committed"
    """Messages wait at Telegram because our database does not take them."""


class Status:
    """Receiving and sending fail apart; a refused token stops both until a call works."""

    def __init__(self) -> None:
        self._receiving: Fault | None = Fault.NOT_CONNECTED
        self._sending: Fault | None = None

    @property
    def fault(self) -> Fault | None:
        if Fault.TOKEN_REFUSED in (self._receiving, self._sending):
            return Fault.TOKEN_REFUSED
        return self._receiving or self._sending

    def receives(self, fault: Fault | None = None) -> None:
        """Receiving works, or why it does not."""
        self._receiving = fault

    def polls(self) -> None:
        """A poll was answered: receiving works, and the token is good."""
        self._receiving = None
        if self._sending is Fault.TOKEN_REFUSED:
            self._sending = None

    def sends(self, fault: Fault | None = None) -> None:
        """Sending works, or why it does not."""
        self._sending = fault
