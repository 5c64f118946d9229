"""Places as staff name them in forms (`bot.staff.ports.PlaceNames`): a name or an id in, the id out, and back."""

from __future__ import annotations

from bot.staff.roles import EVERYWHERE, is_region_id
from knowledge.regions import Regions


class PlaceBook:
    def __init__(self, regions: Regions) -> None:
        self._regions = regions

    def whole(self, code: str) -> str:
        """洪湖市螺山镇; a zone without a code of its own is named after what it lies in."""
        return self._regions.whole_name(code.partition("-")[0])

    def find(self, words: str) -> str | None:
        """A name in which every word is a place, or an id."""
        if is_region_id(words):
            return words if words == EVERYWHERE or self._regions.name(words.partition("-")[0]) else None
        return self._regions.resolve_whole(words)
