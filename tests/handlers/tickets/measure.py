"""Compares what is read from complaints.yaml with what is expected there, field by field."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from handlers.tickets.facts import Count, Facts, Money
from handlers.tickets.reading import read_facts
from knowledge.loader import load_policies
from knowledge.regions import Regions, load_regions

TODAY = date(2026, 11, 24)
FREE = {"about", "not_about", "kind", "category", "wish", "from", "until", "months"}
"""Counted only where they are listed."""
STRICT = (
    "region", "village", "unit", "money", "people", "phone", "name", "confidential", "anonymous", "for", "joint",
    "visits", "reach",
)  # fmt: skip
EMPTY: dict[str, object] = {"confidential": False, "anonymous": False, "joint": False}

Wrong = tuple[str, str, object, object]


def load(part: str) -> list[dict[str, Any]]:
    data = yaml.safe_load((Path(__file__).parent / "complaints.yaml").read_text("utf-8"))
    return list(data[part])


def regions_served() -> Regions:
    return load_regions(frozenset(policy.document.region for policy in load_policies()))


REGIONS = regions_served()


def read(text: str, home: str | None = None) -> Facts:
    return read_facts(text, home=home, today=TODAY, regions=REGIONS)


def measure(complaints: list[dict[str, Any]]) -> tuple[Counter[str], Counter[str], list[Wrong]]:
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong: list[Wrong] = []
    for item in complaints:
        facts = read(item["text"], item.get("home"))
        for field in (*STRICT, *(FREE & set(item))):
            want = item.get(field, EMPTY.get(field))
            got, fits = compare(field, want, facts)
            label = field if field in item or field in FREE else f"{field} (none)"
            total[label] += 1
            right[label] += fits
            if not fits:
                wrong.append((item["text"][:60], field, want, got))
    return right, total, wrong


def compare(field: str, want: Any, facts: Facts) -> tuple[object, bool]:
    since = facts.since
    simple: dict[str, object] = {
        "kind": facts.kind, "category": facts.category, "village": facts.village or None, "unit": facts.unit or None,
        "phone": facts.phone or None, "name": facts.name or None, "confidential": facts.confidential,
        "anonymous": facts.anonymous, "for": facts.acting_for or None, "joint": facts.joint, "visits": facts.visits,
        "region": facts.region, "from": since and since.start, "until": since and since.end,
        "months": since and since.months, "money": shown_money(facts.amount), "people": shown_count(facts.people),
    }  # fmt: skip
    if field in simple:
        got = simple[field]
        return got, (str(got) if got is not None and not isinstance(got, bool) else got) == (
            str(want) if want is not None and not isinstance(want, bool) else want
        )
    text = {"about": facts.about, "not_about": facts.about, "wish": facts.wish, "reach": facts.reachable}[field]
    if want is None:
        return text, not text
    wanted = want if isinstance(want, list) else [want]
    if field == "not_about":
        return text, not any(word in text for word in wanted)
    return text, all(word in text for word in wanted)


def shown_money(money: Money | None) -> str | None:
    if money is None:
        return None
    return f"{money.yuan.quantize(Decimal(1))}{'+' if money.rough else ''}{'/人' if money.each else ''}"


def shown_count(count: Count | None) -> str | None:
    return None if count is None else f"{count.number}{'+' if count.at_least else ''}"
