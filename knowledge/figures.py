"""The one figure of a fact that a card or a leaflet draws large."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.policy import Fact

LONGEST_WORD = 8
"""Characters of a decisive word (先缴后补); a longer one is no figure."""


@dataclass(frozen=True)
class Figure:
    number: str
    unit: str
    bound: str
    """exactly, most or least."""


def figure_of(fact: Fact) -> Figure | None:
    """1000 元/人, 20 万元, 15 %, 8月底前, 先缴后补; None where nothing of it can stand large."""
    value = fact.value
    if value is None:
        return None
    per = f"/{value.per}" if value.per else ""
    if value.money is not None:
        if value.money >= 10_000 and value.money % 1_000 == 0:
            return Figure(f"{value.money / 10_000:g}", f"万元{per}", value.bound)
        return Figure(f"{value.money:.10g}", f"元{per}", value.bound)
    if value.percent is not None:
        return Figure(f"{value.percent:g}", "%", value.bound)
    if value.duration is not None:
        return Figure(f"{value.duration:g}", value.unit or "", value.bound)
    if value.count is not None:
        return Figure(f"{value.count:g}", (value.of or "") + per, value.bound)
    words = value.date or value.words
    return Figure(words, "", "exactly") if words and len(words) <= LONGEST_WORD else None
