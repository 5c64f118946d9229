"""Whom a campaign is for: a rule of conditions, joined by all, any and not. Pure.

`rule_reading` reads a rule from JSON, `choosing` asks the database for whom it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar


@dataclass(frozen=True)
class Leaf:
    """One condition on a person."""

    key: ClassVar[str]


@dataclass(frozen=True)
class Region(Leaf):
    """Lives in one of these, or below."""

    key: ClassVar[str] = "region"
    codes: tuple[str, ...]


@dataclass(frozen=True)
class InGroup(Leaf):
    """Belongs to one of these groups."""

    key: ClassVar[str] = "group"
    names: tuple[str, ...]


@dataclass(frozen=True)
class Age(Leaf):
    """Whole years, both ends included; None is open."""

    key: ClassVar[str] = "age"
    least: int | None
    most: int | None


@dataclass(frozen=True)
class Employed(Leaf):
    """In one of these states of work."""

    key: ClassVar[str] = "employment"
    states: tuple[str, ...]


@dataclass(frozen=True)
class Wishes(Leaf):
    """Looks for work or a course, of one of these trades where some are named."""

    key: ClassVar[str] = "wish"
    kind: str
    """work, training; empty for either."""
    trades: tuple[str, ...]


@dataclass(frozen=True)
class Registered(Leaf):
    """Registered for an offer; for any that lies ahead where the code is empty."""

    key: ClassVar[str] = "registered"
    code: str


@dataclass(frozen=True)
class Lacks(Leaf):
    """Has not been given a service of this year as often as their place owes it."""

    key: ClassVar[str] = "lacks"
    service: str


@dataclass(frozen=True)
class Asked(Leaf):
    """Asked about a matter (a provision, or jobs, training) in the last days."""

    key: ClassVar[str] = "asked"
    about: str
    days: int


@dataclass(frozen=True)
class Qualifies(Leaf):
    """Likely qualifies for a provision, by the same conditions as the interview."""

    key: ClassVar[str] = "qualifies"
    policy: str
    provision: str


@dataclass(frozen=True)
class WasTold(Leaf):
    """Was given an answer from this provision that does not hold any more."""

    key: ClassVar[str] = "told"
    policy: str
    provision: str
    fact: str
    """Empty: any fact of it."""
    before: str
    """An ISO time: told before it. Empty: told in other words than the document has now."""


@dataclass(frozen=True)
class All:
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Any_:  # noqa: N801  # `Any` is taken
    parts: tuple[Rule, ...]


@dataclass(frozen=True)
class Not:
    part: Rule


Rule = Leaf | All | Any_ | Not


def write_rule(rule: Rule) -> dict[str, Any]:
    """Back to JSON, with ids for names; `read_rule` gives the same rule."""
    match rule:
        case All(parts):
            return {"all": [write_rule(part) for part in parts]}
        case Any_(parts):
            return {"any": [write_rule(part) for part in parts]}
        case Not(part):
            return {"not": write_rule(part)}
        case Region(codes):
            return {"region": list(codes)}
        case InGroup(names):
            return {"group": list(names)}
        case Age(least, most):
            return {"age": {"from": least, "to": most}}
        case Employed(states):
            return {"employment": list(states)}
        case Wishes(kind, trades):
            return {"wish": {"kind": kind, "trade": list(trades)}}
        case Registered(code):
            return {"registered": code or True}
        case Lacks(service):
            return {"lacks": service}
        case _:
            assert isinstance(rule, Leaf)
            return {rule.key: asdict(rule)}


def leaves(rule: Rule) -> Iterator[Leaf]:
    match rule:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part):
            yield from leaves(part)
        case Leaf():
            yield rule


def wanted_leaves(rule: Rule) -> Iterator[Leaf]:
    """Those that speak for a person: what stands under a `not` says nothing of them."""
    match rule:
        case All(parts) | Any_(parts):
            for part in parts:
                yield from wanted_leaves(part)
        case Leaf():
            yield rule


def years_of(age: Age, today: date) -> tuple[int | None, int | None]:
    """(earliest, latest) year of birth of whoever has that age, counted as the year of today less theirs."""
    earliest = None if age.most is None else today.year - age.most
    return earliest, None if age.least is None else today.year - age.least
