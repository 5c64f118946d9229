"""Why somebody is among those who are told: a condition of the rule that holds for them, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.notices.audience import (
    Age,
    Asked,
    Employed,
    InGroup,
    Lacks,
    Leaf,
    Qualifies,
    Region,
    Registered,
    WasTold,
    Wishes,
)
from handlers.notices.labels import label
from handlers.people.trades import load_trades
from knowledge.regions import Regions

NameOf = Callable[[str], str]


@dataclass(frozen=True)
class Why:
    key: str
    """`Leaf.key`."""
    words: str


def say_why(leaf: Leaf, regions: Regions) -> Why:
    """是退捕渔民, 近30天问过找工作."""
    words, days = _words_of(leaf, regions), leaf.days if isinstance(leaf, Asked) else 0
    return Why(leaf.key, label("why", leaf.key).format(words=words, days=days))


def _words_of(leaf: Leaf, regions: Regions) -> str:
    match leaf:
        case Region(codes):
            return "、".join(regions.full_name(code) for code in codes)
        case InGroup(names):
            return "、".join(label("group", name) for name in names)
        case Age(least, most):
            return f"{least or 0}到{most}" if most is not None else f"{least}以上"
        case Employed(states):
            return "、".join(label("employment", state) for state in states)
        case Wishes(kind, trades):
            named = [load_trades().name(trade) or trade for trade in trades]
            return (label("wish", kind) if kind else label("wish", "either")) + "、".join(named)
        case Registered(code):
            return code
        case Lacks(service):
            return label("service", service)
        case Asked(about, _):
            return label("topic", about)
        case Qualifies(_, provision) | WasTold(_, provision):
            return provision
    raise TypeError(leaf)
