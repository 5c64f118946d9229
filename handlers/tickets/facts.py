"""What a complaint holds so far: the facts read from free words, message by message. Pure."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal

from handlers.tickets.ticket import Category, Kind

COUNTY = 6
"""Digits of a county's code; a township's has more."""


@dataclass(frozen=True)
class Money:
    """A sum in question."""

    yuan: Decimal
    rough: bool = False
    """两千多, 差不多三千."""
    each: bool = False
    """For each of several people: 每人八千."""


@dataclass(frozen=True)
class Count:
    """How many people."""

    number: int
    at_least: bool = False
    """十几个 is 10 at least."""


@dataclass(frozen=True)
class Period:
    """When it was, in the person's words; days only where they are certain."""

    words: str
    start: date | None = None
    end: date | None = None
    """The last day, included."""
    months: int | None = None
    """How long, where only that was said: 三个月."""


@dataclass(frozen=True)
class Facts:
    """All that was told. What was not is empty; nothing is guessed."""

    about: str = ""
    """What it is about, in few words, without names and numbers: the card's headline."""
    kind: Kind | None = None
    category: Category | None = None
    category_sure: float = 0.0
    """0 to 1: how sure the category is; below `categories.SURE` one asks."""
    region: str | None = None
    """Division code, to the township where it was named."""
    region_named: bool = False
    """Said in these words, not only known from before."""
    village: str = ""
    unit: str = ""
    """用人单位; of a foreman only 包工头 or 老板, never the name."""
    amount: Money | None = None
    people: Count | None = None
    since: Period | None = None
    wish: str = ""
    phone: str = ""
    """Eleven digits."""
    name: str = ""
    """As it was given: 张水生, or 符 alone."""
    confidential: bool = False
    """The party complained of must not learn who complained."""
    anonymous: bool = False
    """No name is to be kept."""
    acting_for: str = ""
    """爸, 邻居: whose matter it is, if not one's own."""
    joint: bool = False
    """Several people complain together (联名)."""
    visits: int | None = None
    """How often they went or called about it."""
    reachable: str = ""
    """When they can be reached, in their words."""

    def merge(self, later: Facts) -> Facts:
        """With what was said later: it corrects and completes. What it is about stays, unless told more surely."""
        changed = {
            field.name: value
            for field in fields(self)
            if (value := getattr(later, field.name)) and field.name not in _TOGETHER
        }
        if self.region_named and (not later.region_named or self._is_nearer(later)):
            changed.pop("region", None)
        if later.category is not None and (self.category is None or later.category_sure > self.category_sure):
            changed |= {"category": later.category, "category_sure": later.category_sure}
            if later.about:
                changed["about"] = later.about
        if not self.about and later.about:
            changed["about"] = later.about
        if self.kind in _GRIEVED or (self.kind is not None and not later.about):
            changed.pop("kind", None)  # a sentence that only adds a figure says nothing about what is wanted
        if later.unit in _VAGUE_UNITS and self.unit and self.unit not in _VAGUE_UNITS:
            changed.pop("unit", None)
        if later.name and self.name.startswith(later.name):
            changed.pop("name", None)  # 姓张 after 张水生
        return replace(self, **changed)

    def _is_nearer(self, later: Facts) -> bool:
        """A township is told; a county that is named beside something else, 老板是武汉的, is not where it was."""
        return len(self.region or "") > COUNTY >= len(later.region or "")

    def told(self) -> frozenset[str]:
        """Names of the fields that hold something a person said."""
        held = {field.name for field in fields(self) if getattr(self, field.name)} - {"category_sure", "region_named"}
        return frozenset(held if self.region_named else held - {"region"})


_GRIEVED = frozenset({Kind.COMPLAINT, Kind.REPORT})
"""What was told as a complaint stays one, whatever is wished later."""
_TOGETHER = frozenset({"about", "category", "category_sure"})
_VAGUE_UNITS = frozenset({"老板", "包工头", "工地", "公司", "厂", "车间", "单位"})
