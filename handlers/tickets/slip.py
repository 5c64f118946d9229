"""登记单: what a member of staff wrote down for somebody -> a Draft, or what has to be put right. Pure.

What they left empty is read out of the told words as the chat does it; the page of `console.register_pages` shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import StrEnum
from typing import Any

from bot.door import Marks, drop_private, drop_unwanted
from bot.sealing import find_phone
from bot.staff.roles import EVERYWHERE, Scope
from handlers.tickets.cabinet import Person
from handlers.tickets.counts import find_people
from handlers.tickets.facts import Count, Facts, Money, Period
from handlers.tickets.filing import Draft
from handlers.tickets.form import Form
from handlers.tickets.labels import say_count, say_money
from handlers.tickets.money import find_money
from handlers.tickets.periods import find_period
from handlers.tickets.persons import without_names
from handlers.tickets.phone import without_numbers
from handlers.tickets.reading import read_facts
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.told import ABOUT, MASS, kept_facts, without_private
from handlers.tickets.words import load_words
from knowledge.language import clean
from knowledge.regions import Regions

MOST_TEXT = 5000
"""Characters of what they said."""
MOST = {"about": ABOUT, "place": 60, "village": 60, "employer": 60, "amount": 40, "people": 20, "since": 40} | {
    "wish": 200,
    "name": 40,
    "phone": 40,
    "relation": 20,
}
_LANDLINE = re.compile(r"(?:0\d{2,3}[- ]?)?[2-9]\d{6,7}(?:[- ]\d{1,5})?|12\d{3}|400[- ]?\d{3}[- ]?\d{4}")


class Source(StrEnum):
    """来源 of what did not come by chat."""

    WINDOW = "window"  # 窗口
    PHONE = "phone"  # 来电
    VISIT = "visit"  # 走访
    LETTER = "letter"  # 来信
    LINE = "12345"  # 12345 转来


@dataclass(frozen=True)
class Slip:
    """The form as it was typed."""

    source: str = ""
    kind: str = ""
    category: str = ""
    place: str = ""
    """In words, or a division code."""
    village: str = ""
    text: str = ""
    about: str = ""
    employer: str = ""
    amount: str = ""
    people: str = ""
    since: str = ""
    wish: str = ""
    name: str = ""
    phone: str = ""
    relation: str = ""
    """Of whoever came for somebody else (代办)."""
    confidential: bool = False
    anonymous: bool = False
    urgent: bool = False
    is_group: bool = False
    seen: bool = False
    """What was read out of the words was shown before: what is empty now is meant to be."""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Slip:
        flags = {one.name: form.get(one.name, "") not in ("", "0") for one in fields(cls) if one.type == "bool"}
        words = {one.name: drop_unwanted(form.get(one.name, "")) for one in fields(cls) if one.type == "str"}
        return cls(**words, **flags)  # type: ignore[arg-type]  # by their types


@dataclass(frozen=True)
class SlipReading:
    """What a slip says."""

    slip: Slip
    """As it is shown again: without private numbers, what was empty filled from the words."""
    draft: Draft
    """To be filed if there are no faults."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Field -> what is wrong with it: missing, long, unknown, outside, unread."""
    read: frozenset[str] = frozenset()
    """Fields that were filled from the words."""
    dropped: frozenset[str] = frozenset()
    """`id_number`, `bank_card`: taken out, to be told."""


def read_slip(slip: Slip, *, scope: Scope, today: date, regions: Regions, marks: Marks) -> SlipReading:
    """Everything the slip says; `scope` is where its writer may file."""
    faults = _find_long(slip)
    slip, dropped = _drop_numbers(slip, marks)
    home = None if scope.region == EVERYWHERE else scope.region
    told = read_facts(slip.text, home=home, today=today, regions=regions)
    base = _left_when_seen(told) if slip.seen else told
    typed, wrong = _typed_facts(slip, today)
    faults |= wrong
    region, village, fault = _place(slip, base, home=home, scope=scope, regions=regions)
    if fault:
        faults["place"] = fault
    facts = replace(base, **typed, region=region, village=village)
    if not slip.text:
        faults["text"] = "missing"
    if slip.source not in set(Source):
        faults["source"] = "unknown" if slip.source else "missing"
    chosen: dict[str, set[str]] = {"kind": set(Kind), "category": set(Category)}
    faults |= {name: "unknown" for name, known in chosen.items() if getattr(slip, name) not in known | {""}}
    draft = _draft(slip, facts, faults)
    filled = slip if faults.get("text") else _filled(slip, draft, facts, regions)
    read = frozenset(
        one.name for one in fields(Slip) if getattr(filled, one.name) != getattr(slip, one.name) and one.name != "seen"
    )
    return SlipReading(filled, draft, faults, read, dropped)


def _find_long(slip: Slip) -> dict[str, str]:
    limits = {"text": MOST_TEXT} | MOST
    return {name: "long" for name, most in limits.items() if len(getattr(slip, name)) > most}


def _drop_numbers(slip: Slip, marks: Marks) -> tuple[Slip, frozenset[str]]:
    """Without ID numbers and bank cards, wherever they were written."""
    found: frozenset[str] = frozenset()
    kept: dict[str, str] = {}
    for name in ("text", *MOST):
        kept[name], dropped = drop_private(getattr(slip, name), marks)
        found |= dropped
    return replace(slip, **kept), found  # type: ignore[arg-type]  # all of them texts


def _left_when_seen(told: Facts) -> Facts:
    """Of what the words tell, that which the form has no field for, or which it cannot do without."""
    return Facts(
        about=told.about,
        kind=told.kind,
        category=told.category,
        category_sure=told.category_sure,
        region=told.region,
        region_named=told.region_named,
        visits=told.visits,
        reachable=told.reachable,
    )


def _typed_facts(slip: Slip, today: date) -> tuple[dict[str, Any], dict[str, str]]:
    """What stands in the fields; and what could not be read."""
    typed: dict[str, Any] = {}
    faults: dict[str, str] = {}
    readers = {"amount": read_amount, "people": _people, "phone": _phone}
    for name, read in readers.items():
        if words := getattr(slip, name):
            if (found := read(words)) is None:
                faults[name] = "unread"
            else:
                typed[name] = found
    if slip.since:
        typed["since"] = find_period(clean(slip.since), today) or Period(slip.since)
    named = {"unit": slip.employer, "wish": slip.wish, "name": slip.name, "acting_for": slip.relation}
    typed |= {name: words for name, words in named.items() if words}
    if slip.about:
        typed["about"] = without_names(without_numbers(slip.about), load_words()).strip("，") or slip.about
    return typed, faults


def read_amount(words: str) -> Money | None:
    """4800, 四千八, 每人8000元."""
    plain = clean(words)
    return find_money(f"欠{plain}" if re.search(r"[元块]", plain) else f"欠{plain}元", load_words().facts["owed"])


def _people(words: str) -> Count | None:
    plain = re.sub(r"[个名位人\s]+(?:以上)?$", "", clean(words))
    if plain.isdecimal():
        return Count(int(plain), at_least="以上" in words) if 0 < int(plain) < 1_000_000 else None
    return Count(1) if plain == "一" else find_people(f"我们{plain}个人")


def _phone(words: str) -> str | None:
    """A mobile number as eleven digits, or a line at home as it was written."""
    if mobile := find_phone(words):
        return mobile
    plain = clean(words)
    return plain if _LANDLINE.fullmatch(plain) else None


def _place(
    slip: Slip, facts: Facts, *, home: str | None, scope: Scope, regions: Regions
) -> tuple[str | None, str, str]:
    """(region, village, fault). A place that is only spoken of, outside of theirs, is left in the words."""
    village = slip.village or facts.village
    if not slip.place:
        own = facts.region if scope.covers(facts.region) else home
        return own, village, "" if own or scope.region == EVERYWHERE else "missing"
    region, rest = read_place(slip.place, near=home, regions=regions)
    if region is None:
        return None, village, "unknown"
    return region, slip.village or rest or facts.village, "" if scope.covers(region) else "outside"


def read_place(words: str, *, near: str | None, regions: Regions) -> tuple[str | None, str]:
    """洪湖市汊河镇示例村 -> its township's code and 示例村; a code is taken as it is."""
    plain = re.sub(r"\s", "", clean(words))
    if regions.name(plain):
        return plain, ""
    found = regions.find(plain, bare=True, near=near)
    if not found:
        return None, ""
    deepest = max(found, key=lambda mention: (len(regions.ancestors(mention.code)), mention.start))
    return deepest.code, plain[deepest.end :]


def _draft(slip: Slip, facts: Facts, faults: Mapping[str, str]) -> Draft:
    category = slip.category if "category" not in faults else ""
    form = Form(facts=facts, category=category)
    people = form.people
    anonymous = slip.anonymous or (facts.anonymous and not slip.seen)
    about = facts.about or without_names(without_numbers(slip.text), load_words()).strip("，\n ")
    return Draft(
        kind=Kind(slip.kind) if slip.kind and "kind" not in faults else form.kind(),
        category=form.matter(),
        about=about.replace("\n", "，")[:ABOUT],
        text=without_private(slip.text, facts),
        source=slip.source,
        region=facts.region,
        village=facts.village,
        facts=kept_facts(facts),
        person=Person(facts.name, facts.phone, facts.acting_for),
        urgent=slip.urgent or people >= MASS,
        is_group=slip.is_group or people >= MASS or facts.joint,
        confidential=slip.confidential or anonymous or (facts.confidential and not slip.seen),
        anonymous=anonymous,
    )


def _filled(slip: Slip, draft: Draft, facts: Facts, regions: Regions) -> Slip:
    """The slip with what was read where it was empty."""
    found = {
        "kind": str(draft.kind),
        "category": str(draft.category),
        "place": regions.whole_name(draft.region) if draft.region else "",
        "village": draft.village,
        "about": draft.about,
        "employer": facts.unit,
        "amount": say_money(facts.amount),
        "people": say_count(facts.people),
        "since": facts.since.words if facts.since else "",
        "wish": facts.wish,
        "name": facts.name,
        "phone": facts.phone,
        "relation": facts.acting_for,
    }
    empty = {name: words for name, words in found.items() if words and not getattr(slip, name)}
    flags = {"confidential": draft.confidential, "anonymous": draft.anonymous, "urgent": draft.urgent}
    return replace(slip, **empty, **flags, is_group=draft.is_group)  # type: ignore[arg-type]  # by their types
