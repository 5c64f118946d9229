"""Appends lines to the audit of a database, each in a transaction of its own: `audit_child.py URL COUNT`."""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime

from bot.database import Database
from bot.staff.audit import Actor, ActorKind, AuditAction, Subject, append


async def main(url: str, count: int) -> None:
    database = Database(url)
    for n in range(count):
        async with database.transaction() as session:
            await append(
                session,
                AuditAction.UNMASKED,
                actor=Actor(ActorKind.COMMAND, os.getpid()),
                subject=Subject("ticket", str(n)),
                at=datetime.now(UTC),
            )
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
