"""Limits as data (`deadlines.yaml`): by kind, category and priority."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from handlers.tickets.datafile import Faults, read_data
from handlers.tickets.ticket import Category, Kind, Priority
from handlers.tickets.worktime import LOCAL, WorkTime

NAME = "deadlines.yaml"
PLAIN = ("accept", "contact", "return_within", "silence", "supplement", "task", "unread")
"""Limits that are the same for all tickets."""


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    CALENDAR_DAYS = "calendar days"


@dataclass(frozen=True)
class Limit:
    """So much of a unit."""

    count: int
    unit: Unit

    def minutes(self, hours: WorkTime, start: datetime) -> int:
        """In working minutes of a place; calendar days by what is worked within them."""
        if self.unit is Unit.HOURS:
            return self.count * 60
        if self.unit is Unit.DAYS:
            return self.count * hours.minutes_of(start.astimezone(LOCAL).date())
        return hours.worked(start, hours.calendar_due(start, self.count).at)


@dataclass(frozen=True)
class Limits:
    """What holds for one ticket."""

    accept: Limit
    contact: Limit
    answer: Limit

    @property
    def extension(self) -> Limit:
        """延期: once, at most as long as the limit itself."""
        return self.answer


@dataclass(frozen=True)
class Deadlines:
    accept: Limit
    contact: Limit
    urgent_accept: Limit
    urgent_contact: Limit
    answer: Mapping[Kind, Limit]
    difficult: Mapping[Category, Limit]
    return_within: Limit
    silence: Limit
    supplement: Limit
    task: Limit
    unread: Limit

    def limits(self, kind: Kind, category: Category, priority: Priority) -> Limits:
        urgent = priority is Priority.URGENT
        return Limits(
            self.urgent_accept if urgent else self.accept,
            self.urgent_contact if urgent else self.contact,
            self.difficult.get(category, self.answer[kind]),
        )


def load_deadlines(data_dir: Path | None = None) -> Deadlines:
    """The data folder's table where there is one, else ours. Raises StartupError naming every fault with its line."""
    data, faults = read_data(NAME, data_dir)
    faults.allow(data, {*PLAIN, "answer", "urgent", "difficult"})
    data = {"supplement": data.get("silence"), **data}  # a table that was copied before this line was added
    plain = {name: _limit(faults, name, data.get(name)) for name in PLAIN}
    urgent, answer = faults.table(data, "urgent"), faults.table(data, "answer")
    faults.allow(urgent, {"accept", "contact"})
    faults.allow(answer, {str(kind) for kind in Kind})
    deadlines = Deadlines(
        **plain,
        urgent_accept=_limit(faults, "urgent", urgent.get("accept")),
        urgent_contact=_limit(faults, "urgent", urgent.get("contact")),
        answer={kind: _limit(faults, str(kind), answer.get(str(kind))) for kind in Kind},
        difficult={
            Category(name): _limit(faults, name, words)
            for name, words in faults.table(data, "difficult").items()
            if _is_category(faults, name)
        },
    )
    faults.stop_if_any()
    return deadlines


def _limit(faults: Faults, name: str, words: Any) -> Limit:
    found = re.fullmatch(r"(\d{1,4}) (hours|days|calendar days)", str(words or ""))
    if found is None or int(found[1]) == 0:
        faults.add(name, "a limit such as `4 hours`, `5 days` or `15 calendar days`")
        return Limit(1, Unit.DAYS)
    return Limit(int(found[1]), Unit(found[2]))


def _is_category(faults: Faults, name: Any) -> bool:
    known = str(name) in {str(category) for category in Category}
    if not known:
        faults.add(str(name), f"one of {', '.join(Category)}")
    return known
