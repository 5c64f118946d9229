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


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    CALENDAR_DAYS = "calendar days"


@dataclass(frozen=True)
class Limit:
    """So much of a unit."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        """As it stands in the file."""
        return f"{self.count} {self.unit}"

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
    """Every limit by its name: `accept`, `urgent.accept`, `answer.consult`, `difficult.petition`, `silence`, …"""

    by_name: Mapping[str, Limit]

    def limits(self, kind: Kind, category: Category, priority: Priority) -> Limits:
        urgent = "urgent." if priority is Priority.URGENT else ""
        answer = self.by_name.get(f"difficult.{category}") or self.by_name[f"answer.{kind}"]
        return Limits(self.by_name[f"{urgent}accept"], self.by_name[f"{urgent}contact"], answer)

    @property
    def return_within(self) -> Limit:
        return self.by_name["return_within"]

    @property
    def silence(self) -> Limit:
        return self.by_name["silence"]

    @property
    def supplement(self) -> Limit:
        return self.by_name["supplement"]

    @property
    def task(self) -> Limit:
        return self.by_name["task"]

    @property
    def unread(self) -> Limit:
        return self.by_name["unread"]

    def changed(self, changes: Mapping[str, Limit | None]) -> Deadlines:
        """The same with some limits set otherwise; None: no longer set apart, for what need not be."""
        kept = {name: limit for name, limit in self.by_name.items() if changes.get(name, limit) is not None}
        return Deadlines({**kept, **{name: limit for name, limit in changes.items() if limit is not None}})


PLAIN = ("accept", "contact", "return_within", "silence", "supplement", "task", "unread")
NEEDED = (*PLAIN, "urgent.accept", "urgent.contact", *(f"answer.{kind}" for kind in Kind))
OPTIONAL = tuple(f"difficult.{category}" for category in Category)
"""Categories that take longer, whatever the kind."""


def read_limit(words: str) -> Limit | None:
    """`4 hours`, `5 days`, `15 calendar days`; None for anything else."""
    found = re.fullmatch(r"(\d{1,4}) (hours|days|calendar days)", words, re.ASCII)
    return Limit(int(found[1]), Unit(found[2])) if found and int(found[1]) else None


def load_deadlines(data_dir: Path | None = None) -> Deadlines:
    """The data folder's table where there is one, else ours. Raises StartupError naming every fault with its line."""
    data, faults = read_data(NAME, data_dir)
    faults.allow(data, {*PLAIN, "answer", "urgent", "difficult"})
    data = {"supplement": data.get("silence"), **data}  # a table that was copied before this line was added
    urgent, answer = faults.table(data, "urgent"), faults.table(data, "answer")
    faults.allow(urgent, {"accept", "contact"})
    faults.allow(answer, {str(kind) for kind in Kind})
    found = {name: _limit(faults, name, data.get(name)) for name in PLAIN}
    found |= {f"urgent.{name}": _limit(faults, "urgent", urgent.get(name)) for name in ("accept", "contact")}
    found |= {f"answer.{kind}": _limit(faults, str(kind), answer.get(str(kind))) for kind in Kind}
    for name, words in faults.table(data, "difficult").items():
        if _is_category(faults, name):
            found[f"difficult.{name}"] = _limit(faults, name, words)
    faults.stop_if_any()
    return Deadlines(found)


def _limit(faults: Faults, name: str, words: Any) -> Limit:
    found = read_limit(str(words or ""))
    if found is None:
        faults.add(name, "a limit such as `4 hours`, `5 days` or `15 calendar days`")
    return found or Limit(1, Unit.DAYS)


def _is_category(faults: Faults, name: Any) -> bool:
    known = str(name) in {str(category) for category in Category}
    if not known:
        faults.add(str(name), f"one of {', '.join(Category)}")
    return known
