"""Which limits hold where and since when: those of the file, and over them what the console has set, place by place.

A place's own go before those of what lies above it; each holds from `HOLDS_AFTER` its saving on, for tickets whose
clock begins then, so that every process knows a limit before the first ticket runs under it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.audit import Actor
from bot.staff.bureau import POLL_SECONDS, BureauSettings
from bot.staff.roles import EVERYWHERE
from handlers.tickets.calendar import areas_above
from handlers.tickets.deadlines import NEEDED, OPTIONAL, Deadlines, Limit, read_limit

PREFIX = "deadlines/"
HOLDS_AFTER = timedelta(seconds=5 * POLL_SECONDS)
MOST_VERSIONS = 40
"""Of one place; tickets run for months, limits change a few times a year."""
Changes = Mapping[str, Limit | None]
"""What a place sets otherwise; None: not set apart here."""


class BureauTimetable:
    def __init__(self, base: Deadlines, settings: BureauSettings) -> None:
        self._base = base
        self._settings = settings
        self._edition = -1
        self._versions: dict[str, list[tuple[datetime, Changes]]] = {}
        self._made: dict[tuple[tuple[str, int], ...], Deadlines] = {}

    def at(self, region: str | None, moment: datetime) -> Deadlines:
        """What holds in a place for a ticket whose clock begins at this moment."""
        return self._combine(_chain(region), moment)

    def above(self, region: str, moment: datetime) -> Deadlines:
        """What would hold there without its own."""
        return self._combine([area for area in _chain(region) if area != region], moment)

    def own(self, region: str) -> tuple[datetime, Changes] | None:
        """What the place sets itself, and since when; also what is saved and does not hold yet."""
        versions = self._versions_of(region)
        return versions[-1] if versions else None

    async def save(
        self,
        session: AsyncSession,
        region: str,
        changes: Changes,
        *,
        seen: str,
        actor: Actor,
        now: datetime,
    ) -> bool:
        """A further version of what a place sets. -> whether anything is different. Raises SettingMoved."""
        current = self.own(region)
        before = dict(current[1]) if current else {}
        different = sorted(
            name for name in before.keys() | changes.keys() if _word(before, name) != _word(changes, name)
        )
        if not different:
            return False
        version = {
            "from": (now + HOLDS_AFTER).isoformat(),
            "changes": {name: None if limit is None else str(limit) for name, limit in changes.items()},
        }

        def add(value: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"versions": [*value.get("versions", ()), version][-MOST_VERSIONS:]}

        data = {"changed": {name: [_word(before, name), _word(changes, name)] for name in different}}
        await self._settings.change(session, PREFIX + region, add, seen=seen, actor=actor, now=now, data=data)
        return True

    def _combine(self, chain: Sequence[str], moment: datetime) -> Deadlines:
        self._refresh()
        used = tuple(
            (area, place)
            for area in reversed(chain)
            if (place := _holding(self._versions.get(area, ()), moment)) is not None
        )
        if used not in self._made:
            made = self._base
            for area, place in used:
                made = made.changed(self._versions[area][place][1])
            self._made[used] = made
        return self._made[used]

    def _versions_of(self, region: str) -> list[tuple[datetime, Changes]]:
        self._refresh()
        return self._versions.get(region, [])

    def _refresh(self) -> None:
        if self._edition != self._settings.edition:
            self._edition = self._settings.edition
            kept = self._settings.under(PREFIX)
            self._versions = {area: [_read(one) for one in value.get("versions", ())] for area, value in kept.items()}
            self._made = {}


def _chain(region: str | None) -> list[str]:
    """The place and all above it, nearest first."""
    return list(dict.fromkeys([*(areas_above(region) if region else ()), EVERYWHERE]))


def _holding(versions: Sequence[tuple[datetime, Changes]], moment: datetime) -> int | None:
    return next((place for place in range(len(versions) - 1, -1, -1) if versions[place][0] <= moment), None)


def _read(version: Mapping[str, Any]) -> tuple[datetime, Changes]:
    """Names that another version of the program knows are passed over."""
    changes: dict[str, Limit | None] = {}
    for name, words in version["changes"].items():
        limit = read_limit(words) if words is not None else None
        if (name in OPTIONAL and words is None) or (name in (*NEEDED, *OPTIONAL) and limit is not None):
            changes[name] = limit
    return datetime.fromisoformat(version["from"]), changes


def _word(changes: Changes, name: str) -> str | None:
    """As the audit has it: the limit, `none` for what is not set apart, nothing for what is as above."""
    if name not in changes:
        return None
    return str(changes[name] or "none")
