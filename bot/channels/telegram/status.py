"""How the channel is, for `/readyz`, the log and the outbox."""

from __future__ import annotations


class Status:
    """Starts as not yet connected; says why it does not work, in words for the person who runs the bot."""

    def __init__(self) -> None:
        self.fault: str | None = "not connected yet"
        """None while all is well."""
        self.stopped = False
        """The token is refused: nothing will work before a restart with another one."""

    def works(self) -> None:
        if not self.stopped:
            self.fault = None

    def stands_by(self) -> None:
        """Another process of ours receives; sending works here all the same."""
        self.works()

    def fails(self, reason: str, *, for_good: bool = False) -> None:
        if not self.stopped:
            self.fault, self.stopped = reason, for_good
