"""How an offer stands to each thing that was wished for: by what it states, never by what it leaves out. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

from handlers.offers.wanting import Sought
from handlers.people.trades import load_trades
from knowledge.faults import read_yaml
from knowledge.language import plain

CLAUSE = re.compile(r"[，,。；;！!？?、\n（）()]+")
MOST_SAID = 14
"""Characters of an offer's own words in a line."""
OWN = {"meals": "meals", "housing": "housing", "transport": "transport", "free": "fee", "fee": "fee"}
"""Features that have a detail of their own."""


@dataclass(frozen=True)
class Stated:
    """The shapes of fitting.yaml."""

    states: Mapping[str, re.Pattern[str]]
    against: Mapping[str, re.Pattern[str]]
    gives: re.Pattern[str]
    no_fee: re.Pattern[str]
    oldest: re.Pattern[str]
    youngest: re.Pattern[str]
    demands: re.Pattern[str]
    certificate: re.Pattern[str]


@cache
def load_stated() -> Stated:
    data: dict[str, Any] = read_yaml((files("handlers.offers") / "fitting.yaml").read_text("utf-8"))
    states, against = _shapes(data.pop("states")), _shapes(data.pop("against"))
    return Stated(states, against, **_shapes(data))


def _shapes(table: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {name: re.compile(shape) for name, shape in table.items()}


class Degree(StrEnum):
    MET = "met"
    OPEN = "open"  # it says nothing of it, or may meet it
    UNMET = "unmet"


@dataclass(frozen=True)
class Fit:
    """One thing that was wished for, beside one offer."""

    name: str
    """trade, place, pay, age, or a name of `features`."""
    degree: str
    """`Degree`."""
    said: str
    """What the offer says to it, in its own words or by name; empty where it says nothing."""

    @classmethod
    def sample(cls) -> Fit:
        return cls("housing", "met", "包住，有夫妻房")


class Offered(Protocol):
    """What an offer states."""

    @property
    def title(self) -> str: ...
    @property
    def trade(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def pay_from(self) -> int | None: ...
    @property
    def pay_to(self) -> int | None: ...
    @property
    def details(self) -> Mapping[str, object]: ...


def fits_of(offer: Offered, sought: Sought, is_within: Callable[[str, str], bool]) -> tuple[Fit, ...]:
    """`is_within`: whether a division lies in another. What was not wished for is not in it."""
    texts = {name: str(words) for name, words in offer.details.items() if words}
    return tuple(
        one
        for one in (
            _trade(offer, sought),
            _place(offer, sought, is_within),
            _pay(offer, sought),
            _age(texts, sought),
            *(feature_of(name, texts, offer.title) for name in sought.features),
        )
        if one is not None
    )


def feature_of(name: str, texts: Mapping[str, str], title: str) -> Fit:
    """`texts`: the details of an offer, by name."""
    own = texts.get(OWN.get(name, ""), "")
    if own:
        return Fit(name, _of_detail(name, plain(own)), _short(own))
    shapes = load_stated()
    for clause in clauses((title, *texts.values())):
        said = plain(clause)
        # 不上夜班 holds 夜班, and 不收残疾人 holds 残疾.
        for shape, degree in _order(name, shapes.states.get(name), shapes.against.get(name)):
            if shape is not None and shape.search(said):
                return Fit(name, degree, _short(clause))
    return Fit(name, Degree.OPEN, "")


def _order(
    name: str, states: re.Pattern[str] | None, against: re.Pattern[str] | None
) -> Iterator[tuple[re.Pattern[str] | None, Degree]]:
    """Where the one holds the other, the longer one is read first."""
    pairs = [(against, Degree.UNMET), (states, Degree.MET)]
    yield from reversed(pairs) if name == "day" else pairs


def _of_detail(name: str, own: str) -> Degree:
    shapes = load_stated()
    if name == "fee":
        return Degree.MET
    if name == "free":
        return Degree.MET if shapes.no_fee.search(own) else Degree.UNMET
    if shapes.against[name].search(own):
        return Degree.UNMET
    return Degree.MET if shapes.gives.search(own) else Degree.OPEN  # 附近可以租房 is no lodging


def _trade(offer: Offered, sought: Sought) -> Fit | None:
    """None as well for one that is only near to what was named."""
    named = offer.trade in sought.trades
    return Fit("trade", Degree.MET, load_trades().name(offer.trade)) if named and offer.trade else None


def _place(offer: Offered, sought: Sought, is_within: Callable[[str, str], bool]) -> Fit | None:
    if not sought.place:
        return None
    return Fit("place", Degree.MET if is_within(offer.site, sought.place) else Degree.UNMET, "")


def _pay(offer: Offered, sought: Sought) -> Fit | None:
    """A range that only reaches what was asked is no promise of it."""
    least = sought.pay_from
    if not least or not (offer.pay_from or offer.pay_to):
        return None
    if (offer.pay_from or 0) >= least:
        return Fit("pay", Degree.MET, str(offer.pay_from))
    return Fit("pay", Degree.OPEN if (offer.pay_to or 0) >= least else Degree.UNMET, "")


def _age(texts: Mapping[str, str], sought: Sought) -> Fit | None:
    """None where no age was said, or none is asked for. Of two limits (men's and women's) the wider one counts."""
    if not sought.age:
        return None
    shapes = load_stated()
    for clause in (one for text in texts.values() for one in re.split(r"[；;。\n]+", text)):
        said = plain(clause)
        most = [_number(found) for found in shapes.oldest.finditer(said)]
        least = [_number(found) for found in shapes.youngest.finditer(said)]
        if most and sought.age > max(most):
            return Fit("age", Degree.UNMET, _short(clause.strip()))
        if least and sought.age < min(least):
            return Fit("age", Degree.UNMET, _short(clause.strip()))
    return None


def _number(found: re.Match[str]) -> int:
    return int(next(value for value in found.groups() if value))


def demands_of(details: Mapping[str, object]) -> tuple[str, ...]:
    """What an offer asks that shuts people out: 58岁以下, 有操作证."""
    shape = load_stated().demands
    asked = CLAUSE.split(str(details.get("needs") or ""))
    return tuple(_short(clause.strip()) for clause in asked if clause.strip() and shape.search(plain(clause)))[:3]


def asks_certificate(details: Mapping[str, object]) -> bool:
    return bool(load_stated().certificate.search(str(details.get("needs") or "")))


def clauses(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (part.strip() for part in CLAUSE.split(text) if part.strip())


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= MOST_SAID else words[: MOST_SAID - 1] + "…"
