"""本局设置: what the console changes (limits, offices), held in memory by every process and read anew when it moved.

`serve` runs `BureauSettings.run`; whoever builds the program reads once at the start. A change is in memory of its own
process as soon as it is committed, and in that of all others within `POLL_SECONDS`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database, after_commit, insert_or_ignore
from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.audit import Actor, AuditAction, Subject
from bot.staff.models import BureauSetting

POLL_SECONDS = 2.0
Edit = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class SettingMoved(UserFacingError):
    """Somebody changed it since the form was drawn."""

    code = "setting_moved"


@dataclass(frozen=True)
class Kept:
    value: Mapping[str, Any]
    changed_at: datetime


class BureauSettings:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: dict[str, Kept] = {}
        self.edition = 0
        """Goes up with every change, for those who keep what they made of it."""

    def get(self, key: str) -> Mapping[str, Any]:
        """Empty where nothing was entered."""
        return self._kept[key].value if key in self._kept else {}

    def under(self, prefix: str) -> dict[str, Mapping[str, Any]]:
        """All whose keys begin so, by the rest of the key."""
        return {key.removeprefix(prefix): kept.value for key, kept in self._kept.items() if key.startswith(prefix)}

    def mark(self, key: str) -> str:
        """For a form: tells whether it has moved since."""
        return self._kept[key].changed_at.isoformat() if key in self._kept else ""

    # -- following ----------------------------------------------------------------------------------------

    async def read(self) -> bool:
        """Read what has moved. -> whether anything had"""
        async with self._database.reading() as session:
            rows = await session.execute(select(BureauSetting.key, BureauSetting.changed_at))
            moments = {key: changed_at for key, changed_at in rows}  # noqa: C416  # rows are no tuples for dict()
            moved = [key for key, at in moments.items() if key not in self._kept or self._kept[key].changed_at != at]
            gone = self._kept.keys() - moments.keys()
            fresh = (await session.scalars(select(BureauSetting).where(BureauSetting.key.in_(moved)))).all()
        if not fresh and not gone:
            return False
        for key in gone:
            del self._kept[key]
        self._kept |= {row.key: Kept(row.value, row.changed_at) for row in fresh}
        self.edition += 1
        return True

    async def run(self) -> None:
        """For ever."""
        while True:
            await self.read()
            await asyncio.sleep(POLL_SECONDS)

    # -- changing -----------------------------------------------------------------------------------------

    async def change(
        self,
        session: AsyncSession,
        key: str,
        edit: Edit,
        *,
        seen: str,
        actor: Actor,
        now: datetime,
        data: Mapping[str, Any],
    ) -> None:
        """Replace a value by what `edit` makes of it, with a line in the audit. `seen` is the mark of the form.

        Raises SettingMoved.
        """
        await insert_or_ignore(session, BureauSetting, {"key": key, "value": {}, "changed_at": now})
        row = await session.get_one(BureauSetting, key, with_for_update=True, populate_existing=True)
        if row.value and seen != row.changed_at.isoformat():
            raise SettingMoved
        row.value = dict(edit(row.value))
        # Two changes within one tick of the clock are two all the same.
        row.changed_at = max(now, row.changed_at + timedelta(microseconds=1))
        await session.flush()
        await audit.append(
            session, AuditAction.SETTING_CHANGED, actor=actor, subject=Subject("setting", key), at=now, data=data
        )
        kept = Kept(row.value, row.changed_at)
        after_commit(session, lambda: self._take(key, kept))

    def _take(self, key: str, kept: Kept) -> None:
        self._kept[key] = kept
        self.edition += 1
