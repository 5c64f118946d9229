"""Of several processes one polls a bot's updates: it holds a row of the table `lease`, the others stand by.

Not needed to be right (events are deduplicated), but Telegram ends the older of two polls with 409.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from bot.clock import Clock
from bot.database import Database
from bot.models import Lease

SECONDS = 15.0
"""How long a lease lasts without being renewed; a holder lost with its machine is missed after that."""


class PollingLease:
    def __init__(self, database: Database, clock: Clock, *, name: str, seconds: float = SECONDS) -> None:
        self._database, self._clock = database, clock
        self._name, self.seconds = name, seconds
        pid = os.getpid()
        self._holder = f"{_machine()}:{pid}:{_started(pid)}:{secrets.token_hex(4)}"

    async def take(self) -> bool:
        """True if it is ours now: it was ours, or free, or ran out, or its holder is dead."""
        try:
            async with self._database.transaction() as session:
                now = self._clock.wall()
                row = await session.get(Lease, self._name, with_for_update=True)
                if row is None:
                    session.add(Lease(name=self._name, holder=self._holder, until=now + self.seconds, data={}))
                    return True
                if row.holder != self._holder and row.until > now and not _is_dead(row.holder):
                    return False
                row.holder, row.until = self._holder, now + self.seconds
                return True
        except IntegrityError:
            return False  # another process made the row in the same moment

    async def give_back(self) -> None:
        """Let another process take over at once."""
        async with self._database.transaction() as session:
            await session.execute(delete(Lease).where(Lease.name == self._name, Lease.holder == self._holder))


def _machine() -> str:
    return socket.gethostname().replace(":", "-")[:24]


def _started(pid: int) -> str:
    """When that process began, in ticks since boot; empty if there is none. Tells it from a later one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError, UnicodeDecodeError):
        return ""


def _is_dead(holder: str) -> bool:
    """True for a process of this machine that runs no more: after a crash nobody has to wait."""
    machine, pid, started, _ = [*holder.split(":"), "", "", ""][:4]
    if machine != _machine() or not (started and pid.isdigit()):
        return False
    return _started(int(pid)) != started
