"""Reads the rule of an audience from JSON, with every fault by its path. Pure.

`{"all": [rule, …]}`, `{"any": [rule, …]}`, `{"not": rule}` or one condition, such as `{"region": "洪湖市"}`; several
keys in one object must all hold, and a bare list means all of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from bot.errors import UserFacingError
from handlers.notices.audience import (
    Age,
    All,
    Any_,
    Asked,
    Employed,
    InGroup,
    Lacks,
    Not,
    Qualifies,
    Region,
    Registered,
    Rule,
    WasTold,
    Wishes,
    leaves,
)

MOST_LEAVES = 40
MOST_DEPTH = 6
MOST_AGE = 120
MOST_DAYS = 3650
DAYS = 30
"""For `asked` where no number of days is given."""


class AudienceUnfit(UserFacingError):
    """Data: faults, path (`all.0.region`) -> empty, unknown, shape, number, deep, many."""

    code = "audience_unfit"


class Names(Protocol):
    """What names in a rule may mean; each gives the id, or None for what is not known."""

    def region(self, name: str) -> str | None: ...
    def group(self, name: str) -> str | None: ...
    def employment(self, name: str) -> str | None: ...
    def trade(self, name: str) -> str | None: ...
    def wish(self, name: str) -> str | None: ...
    def service(self, name: str) -> str | None: ...
    def provision(self, policy: str, name: str) -> bool: ...
    def topic(self, name: str) -> str | None: ...


def read_rule(data: Any, names: Names) -> Rule:
    """A rule from its JSON. Raises AudienceUnfit with every fault by its path."""
    reader = _Reader(names)
    rule = reader.rule(data, (), 0)
    if rule is not None and len(list(leaves(rule))) > MOST_LEAVES:
        reader.faults[""] = "many"
    if reader.faults or rule is None:
        raise AudienceUnfit(faults=reader.faults)
    return rule


class _Reader:
    def __init__(self, names: Names) -> None:
        self._names = names
        self.faults: dict[str, str] = {}

    def fault(self, path: tuple[str, ...], code: str) -> Rule | None:
        """Write a fault down; what is faulty reads as nothing."""
        self.faults[".".join(path)] = code
        return None

    def rule(self, data: Any, path: tuple[str, ...], depth: int) -> Rule | None:
        if depth > MOST_DEPTH:
            return self.fault(path, "deep")
        if isinstance(data, list):
            return self._many(data, All, path, depth)
        if not isinstance(data, Mapping):
            return self.fault(path, "shape")
        if not data:
            return self.fault(path, "empty")
        parts = [self._one(str(key), value, (*path, str(key)), depth) for key, value in data.items()]
        found = tuple(part for part in parts if part is not None)
        return found[0] if len(found) == 1 else All(found) if found else None

    def _one(self, key: str, value: Any, path: tuple[str, ...], depth: int) -> Rule | None:
        match key:
            case "all":
                return self._many(value, All, path, depth)
            case "any":
                return self._many(value, Any_, path, depth)
            case "not":
                part = self.rule(value, path, depth + 1)
                return None if part is None else Not(part)
        reader = _LEAVES.get(_PLURALS.get(key, key))
        return self.fault(path, "unknown") if reader is None else reader(self, value, path)

    def _many(self, data: Any, kind: type[All] | type[Any_], path: tuple[str, ...], depth: int) -> Rule | None:
        if not isinstance(data, list):
            return self.fault(path, "shape")
        if not data:
            return self.fault(path, "empty")
        parts = [self.rule(part, (*path, str(place)), depth + 1) for place, part in enumerate(data)]
        found = tuple(part for part in parts if part is not None)
        return kind(found) if found else None

    def _ids(self, value: Any, find: Callable[[str], str | None], path: tuple[str, ...]) -> tuple[str, ...]:
        """Ids of a name or a list of names."""
        given = value if isinstance(value, list) else [value]
        if not given or not all(isinstance(one, str) and one.strip() for one in given):
            self.fault(path, "empty" if not given or given == [""] else "shape")
            return ()
        found = [find(one.strip()) for one in given]
        if None in found:
            self.fault(path, "unknown")
            return ()
        return tuple(dict.fromkeys(one for one in found if one is not None))

    def region(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        codes = self._ids(value, self._names.region, path)
        return Region(codes) if codes else None

    def group(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        names = self._ids(value, self._names.group, path)
        return InGroup(names) if names else None

    def employment(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        states = self._ids(value, self._names.employment, path)
        return Employed(states) if states else None

    def age(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        if isinstance(value, str) and (found := re.fullmatch(r"\s*(\d{0,3})\s*[-~–—至到]\s*(\d{0,3})\s*", value)):
            value = {"from": int(found[1]) if found[1] else None, "to": int(found[2]) if found[2] else None}
        if not isinstance(value, Mapping) or not set(value) <= {"from", "to"}:
            return self.fault(path, "shape")
        least, most = value.get("from"), value.get("to")
        numbers = [one for one in (least, most) if one is not None]
        if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= MOST_AGE for one in numbers):
            return self.fault(path, "number")
        if not numbers or (least is not None and most is not None and least > most):
            return self.fault(path, "number" if numbers else "empty")
        return Age(least, most)

    def wish(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        if value is True:
            return Wishes("", ())
        if isinstance(value, str):
            value = {"kind": value} if self._names.wish(value) else {"trade": value}
        if not isinstance(value, Mapping) or not set(value) <= {"kind", "trade"}:
            return self.fault(path, "shape")
        before = len(self.faults)
        kind = self._ids(value["kind"], self._names.wish, (*path, "kind"))[:1] if value.get("kind") else ()
        trades = self._ids(value["trade"], self._names.trade, (*path, "trade")) if value.get("trade") else ()
        return None if len(self.faults) > before else Wishes(kind[0] if kind else "", trades)

    def registered(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        if value is True:
            return Registered("")
        if value is False:
            return Not(Registered(""))
        code = str(value) if isinstance(value, str | int) else ""
        return Registered(code.strip()) if code.strip() else self.fault(path, "shape")

    def lacks(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        found = self._ids(value, self._names.service, path)
        parts = tuple(Lacks(service) for service in found)
        return Any_(parts) if len(parts) > 1 else parts[0] if parts else None

    def asked(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        if isinstance(value, str):
            value = {"about": value}
        if not isinstance(value, Mapping) or not set(value) <= {"about", "days"}:
            return self.fault(path, "shape")
        days = value.get("days", DAYS)
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= MOST_DAYS:
            return self.fault((*path, "days"), "number")
        about = self._ids(value.get("about", ""), self._names.topic, (*path, "about"))
        parts = tuple(Asked(one, days) for one in about)
        return Any_(parts) if len(parts) > 1 else parts[0] if parts else None

    def qualifies(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        found = self._provision(value, path, {"policy", "provision"})
        return Qualifies(*found) if found else None

    def told(self, value: Any, path: tuple[str, ...]) -> Rule | None:
        # What was told may be taken out of the record since: that is when it is to be corrected.
        found = self._provision(value, path, {"policy", "provision", "fact", "before"}, gone=True)
        if found is None:
            return None
        fact, before = str(value.get("fact") or ""), str(value.get("before") or "")
        if before and not _is_moment(before):
            return self.fault((*path, "before"), "shape")
        return WasTold(*found, fact, before)

    def _provision(
        self, value: Any, path: tuple[str, ...], keys: set[str], *, gone: bool = False
    ) -> tuple[str, str] | None:
        if not isinstance(value, Mapping) or not {"policy", "provision"} <= set(value) <= keys:
            self.fault(path, "shape")
            return None
        policy, provision = str(value["policy"]), str(value["provision"])
        if not gone and not self._names.provision(policy, provision):
            self.fault(path, "unknown")
            return None
        return policy, provision


def _is_moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


_LEAVES: dict[str, Callable[[_Reader, Any, tuple[str, ...]], Rule | None]] = {
    "region": _Reader.region,
    "group": _Reader.group,
    "age": _Reader.age,
    "employment": _Reader.employment,
    "wish": _Reader.wish,
    "registered": _Reader.registered,
    "lacks": _Reader.lacks,
    "asked": _Reader.asked,
    "qualifies": _Reader.qualifies,
    "told": _Reader.told,
}
_PLURALS = {"regions": "region", "groups": "group", "wishes": "wish"}
"""As people write a list."""
CONDITIONS = tuple(_LEAVES)
"""Keys of all conditions, in the order of a page."""
