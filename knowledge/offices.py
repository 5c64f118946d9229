"""The bureaus people are handed over to (offices.yaml)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

from knowledge.regions import Regions


@dataclass(frozen=True)
class Hotline:
    number: str
    name: str


@dataclass(frozen=True)
class Office:
    """A bureau; None means nobody has entered it yet, and the person is told so."""

    name: str
    phone: str | None = None
    address: str | None = None
    hours: str | None = None


@dataclass(frozen=True)
class Offices:
    by_region: Mapping[str, Office]
    fallback: tuple[Hotline, ...]

    def serving(self, code: str | None, regions: Regions) -> Office | None:
        """The nearest bureau at or above a place."""
        above = regions.ancestors(code) if code else ()
        return next((self.by_region[area] for area in above if area in self.by_region), None)


def load_offices() -> Offices:
    data = yaml.safe_load((files("knowledge") / "offices.yaml").read_text("utf-8"))
    return Offices(
        {str(code): Office(**office) for code, office in data["offices"].items()},
        tuple(Hotline(**line) for line in data["fallback"]),
    )
