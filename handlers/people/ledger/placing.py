"""Which place a row of a ledger belongs to, within the place of whoever imports it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.staff.roles import EVERYWHERE, Scope
from knowledge.regions import Mention, Regions

_TOWN_ENDS = ("街道", "镇", "乡", "办事处", "管理区", "农场", "渔场")
_SHORT = re.compile(r"(?:街道|镇|乡)?(?:办事处|办)?$")


@dataclass(frozen=True)
class Placed:
    """The place of a row. `fault`: outside_region, place_contradicts (refused), unknown_town (told)."""

    region: str | None
    fault: str = ""
    field: str = ""
    stated: bool = False
    """Whether the row itself names it; else it is the place of the import."""
    village: str = ""
    """Where a cell holds township and village together: the village alone."""


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
        address = str(fields.get("address", ""))
        if address and not found.fault and not fields.get("town") and len(found.region or "") <= 6:
            return self._by_address(address, found)
        return found

    def _find(self, province: str, city: str, county: str, town: str, village: str) -> Placed:
        for name, words in (("county", county), ("city", city), ("province", province)):
            area = self._regions.resolve_whole(words) if words else None
            if area is not None and not self._touches(area):
                return Placed(None, "outside_region", name)
        county_code = self._regions.resolve_whole(county) if county else None
        near = county_code if county_code and len(county_code) == 6 else self._home
        if not town:
            area = county_code if county_code and self._scope.covers(county_code) else self._home
            placed = Placed(area, stated=area == county_code and area is not None)
            return self._by_village(village, near, placed) if village else placed
        code, rest = self._town(town, near)
        if code is None:
            unknown = Placed(near if near and self._scope.covers(near) else self._home, "unknown_town", "town")
            # A village's name may hold what the column of towns lacks: 螺山镇某村.
            placed = self._by_village(village, near, unknown) if village else unknown
            return unknown if placed.fault else placed
        if not self._scope.covers(code):
            return Placed(None, "outside_region", "town")
        if near == county_code and near is not None and not (Scope(near).covers(code) or Scope(code).covers(near)):
            return Placed(None, "place_contradicts", "town")
        return Placed(code, stated=True, village="" if village else rest)

    def _by_village(self, words: str, near: str | None, placed: Placed) -> Placed:
        """螺山镇中原村 in the column of villages."""
        found = self._regions.find(words.replace(" ", ""), near=near)
        # By its whole name: 中原村 is not of 中原区.
        mentions = [one for one in found if self._regions.name(one.code) == one.text]
        if mentions and mentions[0].start == 0 and not self._touches(mentions[0].code):
            return Placed(None, "outside_region", "village")
        town = next((one for one in mentions if self._is_town(one)), None)
        if town is None:
            return placed
        return Placed(town.code, stated=True, village=words.replace(" ", "")[town.end :])

    def _by_address(self, words: str, placed: Placed) -> Placed:
        """An address may lie anywhere, as where somebody works; one that names a township of ours is taken."""
        town = next((one for one in self._regions.find(words, near=self._home) if self._is_town(one)), None)
        return placed if town is None else replace(placed, region=town.code, stated=True)

    def _is_town(self, mention: Mention) -> bool:
        """A township of this place, by its whole name: 新堤村 is not 新堤街道."""
        return len(mention.code) == 9 and mention.text.endswith(_TOWN_ENDS) and self._scope.covers(mention.code)

    def _town(self, words: str, near: str | None) -> tuple[str | None, str]:
        """The township of a name, and what stands behind it; one of the place that is known goes before another."""
        words = words.replace(" ", "")
        if near is not None and len(near) == 6:
            short = _SHORT.sub("", words)
            # Townships are raised to towns, towns to subdistricts, and ledgers go on with the old name.
            for name in (words, *(short + ending for ending in ("镇", "街道", "乡")), short):
                for code in self._towns_of(near).get(name, ()) if len(name) >= 2 else ():
                    return code, ""
        # What only sounds like a place elsewhere is a slip of the pen.
        found = [one for one in self._regions.find(words, bare=True, near=near) if self._regions.is_name(one.text)]
        if not found:
            return None, ""
        best = max(found, key=lambda mention: len(mention.code))
        return best.code, words[best.end :] if best.text.endswith(_TOWN_ENDS) else ""

    def _towns_of(self, county: str) -> Mapping[str, list[str]]:
        if county not in self._towns:
            names: dict[str, list[str]] = {}
            for code, name in self._regions.names.items():
                if len(code) == 9 and code.startswith(county):
                    names.setdefault(name, []).append(code)
            self._towns[county] = names
        return self._towns[county]

    def _touches(self, area: str) -> bool:
        """Whether it lies within the scope or holds it."""
        return self._scope.covers(area) or Scope(area).covers(self._scope.region)
