"""How many services somebody is to be given in a year, and what is still lacking. Pure; targets in `services.yaml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import yaml

from bot.staff.roles import Scope
from handlers.people.person import Group


class ServiceKind(StrEnum):
    """类型 (T4)."""

    BRIEFING = "briefing"  # 政策宣讲
    GUIDANCE = "guidance"  # 就业指导
    TRAINING = "training"  # 职业培训
    INTRODUCTION = "introduction"  # 职业介绍


class ServiceHow(StrEnum):
    """方式 (T4)."""

    VISIT = "visit"  # 入户
    PHONE = "phone"  # 电话
    WECHAT = "wechat"  # 微信
    ONSITE = "onsite"  # 现场


@dataclass(frozen=True)
class Target:
    """What a place owes each member of some groups in a year."""

    region: str
    name: str
    """What it is called there: 1113."""
    first_year: int
    last_year: int | None
    groups: frozenset[str]
    least: Mapping[ServiceKind, int]
    source: str
    """Document and clause; empty where none was read."""

    def holds(self, region: str | None, year: int) -> bool:
        within = self.first_year <= year and (self.last_year is None or year <= self.last_year)
        return within and Scope(self.region).covers(region)

    def lacking(self, given: Mapping[str, int]) -> dict[ServiceKind, int]:
        """What is still to be given, by kind; empty when all is."""
        return {kind: most - given.get(kind, 0) for kind, most in self.least.items() if given.get(kind, 0) < most}


@cache
def load_targets() -> tuple[Target, ...]:
    """The nearest places first."""
    data = yaml.safe_load((files("handlers.people.ledger") / "services.yaml").read_text("utf-8"))
    found = [
        Target(
            one["region"],
            str(one["name"]),
            one["years"][0],
            one["years"][1] if len(one["years"]) > 1 else None,
            frozenset(str(Group(name)) for name in one["groups"]),
            {ServiceKind(kind): count for kind, count in one["least"].items()},
            one["source"],
        )
        for one in data["targets"]
    ]
    return tuple(sorted(found, key=lambda target: -len(Scope(target.region).prefix or "")))


def target_of(region: str | None, year: int, targets: Sequence[Target] | None = None) -> Target | None:
    """What holds at a place in a year; None where nothing is set."""
    every = load_targets() if targets is None else targets
    return next((target for target in every if target.holds(region, year)), None)


def say_done(given: Mapping[str, int]) -> str:
    """1/0/1/3: briefing, guidance, training, introduction, as the ledgers write it."""
    return "/".join(str(given.get(kind, 0)) for kind in ServiceKind)
