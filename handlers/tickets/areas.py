"""Places as the supervisor's page groups them: what lies directly below an area, and what lies in the area itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from bot.staff.roles import Scope
from knowledge.regions import Regions


@dataclass(frozen=True)
class Place:
    """A group of tickets by place."""

    code: str | None
    """None: those that name no place."""
    alone: bool = False
    """Only what names this very place, nothing below it."""

    def covers(self, code: str | None) -> bool:
        if code is None or self.code is None or self.alone:
            return code == self.code
        return Scope(self.code).covers(code)


class Area:
    """What a member of staff looks at, divided into what lies directly below it."""

    def __init__(self, code: str, regions: Regions) -> None:
        self.code = code
        self._scope = Scope(code)
        self._regions = regions
        self._folded: dict[str | None, Place] = {}

    @property
    def name(self) -> str:
        return self._regions.whole_name(self.code)

    def fold(self, code: str | None) -> Place:
        """The group that a ticket's place belongs to."""
        if code not in self._folded:
            self._folded[code] = self._fold(code)
        return self._folded[code]

    def _fold(self, code: str | None) -> Place:
        if code is None:
            return Place(None)
        if code != self.code:
            for above in _levels(code):
                if above != self.code and self._scope.covers(above) and above in self._regions.names:
                    return Place(above)
        return Place(code, alone=True)

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """Codes directly below it."""
        if self._scope.prefix is None:
            return ()
        below = (code for code in self._regions.names if code != self.code and self._scope.covers(code))
        return tuple(code for code in below if self.fold(code) == Place(code))


def _levels(code: str) -> tuple[str, ...]:
    """Province, prefecture, county, township: 421083102 -> 420000, 421000, 421083, 421083102."""
    plain = code.partition("-")[0]
    return (plain[:2] + "0000", plain[:4] + "00", plain[:6], *([plain[:9]] if len(plain) >= 9 else []))
