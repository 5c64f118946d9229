"""Which place a row of a ledger belongs to, within the place of whoever imports it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.staff.roles import EVERYWHERE, Scope
from knowledge.regions import Regions


@dataclass(frozen=True)
class Placed:
    """The place of a row. `fault`: outside_region (refused), unknown_town (told)."""

    region: str | None
    fault: str = ""
    field: str = ""
    stated: bool = False
    """Whether the row itself names it; else it is the place of the import."""


class Placing:
    def __init__(self, regions: Regions, scope: Scope) -> None:
        self._regions = regions
        self._scope = scope
        self._cache: dict[tuple[str, ...], Placed] = {}
        self._towns: dict[str, dict[str, list[str]]] = {}
        self._home = None if scope.region == EVERYWHERE else scope.region

    def place(self, fields: Mapping[str, Any]) -> Placed:
        names = tuple(str(fields.get(name, "")) for name in ("province", "city", "county", "town", "village"))
        if (found := self._cache.get(names)) is None:
            found = self._cache[names] = self._find(*names)
        return found

    def _find(self, province: str, city: str, county: str, town: str, village: str) -> Placed:
        for name, words in (("county", county), ("city", city), ("province", province)):
            area = self._resolve(words) if words else None
            if area is not None and not self._touches(area):
                return Placed(None, "outside_region", name)
        county_code = self._resolve(county) if county else None
        near = county_code if county_code and len(county_code) == 6 else self._home
        if not town:
            area = county_code if county_code and self._scope.covers(county_code) else self._home
            return Placed(area, stated=area == county_code and area is not None)
        code = self._town(town, near)
        if code is None:
            # A village's name may hold what the column of towns lacks: 螺山镇某村.
            code = self._town(village, near) if village else None
        if code is None:
            return Placed(near if near and self._scope.covers(near) else self._home, "unknown_town", "town")
        if not self._scope.covers(code):
            return Placed(None, "outside_region", "town")
        return Placed(code, stated=True)

    def _town(self, words: str, near: str | None) -> str | None:
        """The township of a name; one of the place that is known goes before one elsewhere."""
        words = words.replace(" ", "")
        if near is not None and len(near) == 6:
            for ending in ("", "镇", "街道", "乡", "办事处"):
                for code in self._towns_of(near).get(words.removesuffix("办事处").removesuffix("办") + ending, ()):
                    return code
        found = [mention.code for mention in self._regions.find(words, bare=True, near=near)]
        return max(found, key=len) if found else None

    def _towns_of(self, county: str) -> Mapping[str, list[str]]:
        if county not in self._towns:
            names: dict[str, list[str]] = {}
            for code, name in self._regions.names.items():
                if len(code) == 9 and code.startswith(county):
                    names.setdefault(name, []).append(code)
            self._towns[county] = names
        return self._towns[county]

    def _resolve(self, words: str) -> str | None:
        return self._regions.resolve_whole(words)

    def _touches(self, area: str) -> bool:
        """Whether it lies within the scope or holds it."""
        return self._scope.covers(area) or Scope(area).covers(self._scope.region)
