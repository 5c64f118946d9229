"""The only place that asks for the time: aware, in UTC; shown to people in Asia/Shanghai."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
"""The zone in which people read times; offices, deadlines and quiet hours count in it."""


class Clock(Protocol):
    """What every part is given instead of calling `datetime.now` itself."""

    @property
    def simulated(self) -> bool:
        """True when `now()` may stand still or jump while the world goes on."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC: for everything that people and deadlines see."""

    def wall(self) -> float:
        """Seconds that really pass (since 1970): for pacing the wire, which a standing clock must not stop."""


class SystemClock:
    simulated = False

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wall(self) -> float:
        return time.time()


class FileClock:
    """Reads the time from a file with one ISO time and zone at every ask (setting CLOCK_FILE)."""

    simulated = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = _parse(path.read_text(encoding="utf-8"))

    def now(self) -> datetime:
        # Whoever moves the clock may be half-way through writing the file: then the last time still holds.
        try:
            self._last = _parse(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._last
        return self._last

    def wall(self) -> float:
        return time.time()


class FixedClock:
    """Stands still until moved; for tests."""

    simulated = True

    def __init__(self, at: datetime | str = "2026-03-02T09:00:00+08:00") -> None:
        self._at = datetime.fromisoformat(at) if isinstance(at, str) else at
        self._ahead = 0.0

    def now(self) -> datetime:
        return self._at.astimezone(UTC)

    def wall(self) -> float:
        """Real seconds go on, and what was moved forward comes on top."""
        return time.time() + self._ahead

    def advance(self, **by: float) -> None:
        """Move forward: `clock.advance(hours=2)`."""
        self._at += timedelta(**by)
        self._ahead += timedelta(**by).total_seconds()

    def set(self, at: datetime | str) -> None:
        self._at = datetime.fromisoformat(at) if isinstance(at, str) else at


def after_quiet(at: datetime, quiet: tuple[clock_time, clock_time] | None) -> datetime:
    """The same moment, or the end of the quiet hours it falls into (local times; they may span midnight)."""
    if quiet is None:
        return at
    (begin, end), local = quiet, at.astimezone(LOCAL)
    now = local.time()
    is_quiet = begin <= now < end if begin <= end else now >= begin or now < end
    if not is_quiet:
        return at
    day = local.date() + timedelta(days=1) if begin > end and now >= begin else local.date()
    return datetime.combine(day, end, LOCAL).astimezone(UTC)


def _parse(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is None:
        raise ValueError("the clock file needs a time with a zone, such as 2026-03-02T09:00:00+08:00")
    return at.astimezone(UTC)
