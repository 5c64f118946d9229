"""Quiet hours: when news, reminders and campaigns wait. Answers, alerts and crises never do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from bot.clock import LOCAL


@dataclass(frozen=True)
class QuietHours:
    begin: time | None
    end: time | None

    @classmethod
    def read(cls, text: str) -> QuietHours:
        """`21:00-08:00`, as the settings have checked it; empty = never quiet."""
        if not text:
            return cls(None, None)
        begin, _, end = text.partition("-")
        return cls(time.fromisoformat(begin), time.fromisoformat(end))

    def end_after(self, now: datetime) -> datetime | None:
        """When the quiet ends in which `now` lies; None if it is not quiet."""
        if self.begin is None or self.end is None or self.begin == self.end:
            return None
        local = now.astimezone(LOCAL)
        at = local.time()
        over_midnight = self.begin > self.end
        quiet = (at >= self.begin or at < self.end) if over_midnight else self.begin <= at < self.end
        if not quiet:
            return None
        end = local.replace(hour=self.end.hour, minute=self.end.minute, second=0, microsecond=0)
        return end if end > local else end + timedelta(days=1)
