"""What a person told of a matter, as it was read; later words correct and complete earlier ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from handlers.tickets.ticket import Category, Kind


@dataclass(frozen=True)
class Facts:
    about: str = ""
    """What it is about in a few words, without names and numbers of persons."""
    kind: Kind | None = None
    category: Category | None = None
    region: str | None = None
    """Division code, down to the township where one was named."""
    village: str = ""
    employer: str = ""
    """用人单位, as they called it: 做粽子的帮扶车间."""
    amount: Decimal | None = None
    """Yuan."""
    amount_words: str = ""
    people: int | None = None
    """How many are concerned, at least."""
    people_words: str = ""
    since: str = ""
    """Since when, or for which months, in their words."""
    wish: str = ""
    phone: str = ""
    """Eleven digits."""
    name: str = ""
    for_whom: str = ""
    """代办: the relation of whoever it is filed for, such as 父亲."""
    reachable: str = ""
    """When they can be reached, in their words."""
    confidential: bool = False
    anonymous: bool = False
    joint: bool = False
    """联名: several complain together."""
    doubtful: bool = False
    """The category is a guess: one tap decides."""

    def merge(self, later: Facts) -> Facts:
        """What was said later counts; what it does not speak of stays."""
        changes = {
            item.name: getattr(later, item.name)
            for item in fields(later)
            if getattr(later, item.name) not in (None, "", False)
        }
        # What a matter is about is what was told first; more words tell more of the same.
        if self.about:
            changes.pop("about", None)
        if self.category is not None and (later.doubtful or not self.doubtful):
            changes.pop("category", None)
            changes.pop("doubtful", None)
        elif later.category is not None:
            changes["doubtful"] = later.doubtful
        if self.kind in (Kind.COMPLAINT, Kind.REPORT) and later.kind not in (Kind.COMPLAINT, Kind.REPORT):
            changes.pop("kind", None)
        # A larger place named after a smaller one within it says nothing new.
        if self.region and later.region and self.region[:6] == later.region[:6] and len(self.region) > len(later.region):
            changes.pop("region", None)
        return replace(self, **changes)

    def for_ticket(self) -> dict[str, Any]:
        """What the ticket's row keeps as plain JSON: nothing that tells who."""
        kept = {
            "employer": self.employer,
            "amount": self.amount_words,
            "amount_yuan": float(self.amount) if self.amount is not None else None,
            "people": self.people,
            "since": self.since,
            "wish": self.wish,
            "reachable": self.reachable,
            "for_whom": self.for_whom,
        }
        return {name: value for name, value in kept.items() if value not in (None, "")}

    def to_json(self) -> dict[str, Any]:
        found = {item.name: getattr(self, item.name) for item in fields(self)}
        if self.amount is not None:
            found["amount"] = str(self.amount)
        return {
            name: str(value) if name in ("kind", "category") else value
            for name, value in found.items()
            if value not in (None, "", False)
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Facts:
        values = dict(data)
        if "amount" in values:
            values["amount"] = Decimal(values["amount"])
        if "kind" in values:
            values["kind"] = Kind(values["kind"])
        if "category" in values:
            values["category"] = Category(values["category"])
        return cls(**values)
