"""An offer as people and staff read it: names instead of codes, how far it is, what it states and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.clock import LOCAL
from handlers.offers.fitting import demands_of
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import DETAILS
from handlers.people.trades import load_trades
from knowledge.answers import PolicyBook
from knowledge.regions import short_name


@dataclass(frozen=True)
class OfferView:
    """What templates may say of it. Times are aware; who words them shows them as the clock on the wall does."""

    code: str
    kind: str
    state: str
    title: str
    region: str
    """The place whose people it is for, by name."""
    place: str
    """Where: as it was written, with the division before it where the words do not name it."""
    near: str
    """How far: town, county, prefecture, province, away; empty where their place is not known."""
    site: str
    """The division of where, by name."""
    starts: datetime | None
    ends: datetime | None
    closes: datetime | None
    timed: bool
    seats: int | None
    left: int | None
    """Seats that are free; None where they are not counted."""
    waiting: int
    trade: str
    """By name; empty without one."""
    employer: str
    pay_from: int | None
    pay_to: int | None
    details: dict[str, str]
    demands: tuple[str, ...]
    """What it asks that shuts people out, in few words: 58岁以下."""
    allowance: str
    """The clause of the allowance: title, number, section; empty without one."""
    allowance_ended: bool
    """The document's period has passed."""

    @classmethod
    def sample(cls) -> OfferView:
        at = datetime.fromisoformat("2026-12-05T09:00:00+08:00")
        return cls(
            code="4831",
            kind="course",
            state="open",
            title="电焊工培训班",
            region="洪湖市",
            place="螺山镇文化站",
            near="town",
            site="洪湖市螺山镇",
            starts=at,
            ends=at.replace(hour=16),
            closes=None,
            timed=True,
            seats=30,
            left=12,
            waiting=0,
            trade="电焊工",
            employer="",
            pay_from=None,
            pay_to=None,
            details={"needs": "会写字就行", "meals": "中午管一顿"},
            demands=("58岁以下",),
            allowance="《洪湖市2023年退捕渔民就业安置和养老保险工作方案》洪人社办〔2023〕7号 二、（二）",
            allowance_ended=True,
        )


@dataclass(frozen=True)
class Mine:
    """A registration as its person reads it."""

    id: int
    state: str
    people: int
    relation: str
    code: str
    """For the door."""
    line: int
    """Place on the waiting list; 0 for who is in."""

    @classmethod
    def sample(cls) -> Mine:
        return cls(7, "in", 1, "", "6044", 0)

    @classmethod
    def of(cls, one: Registration, line: int = 0) -> Mine:
        return cls(one.id, one.state, one.people, one.relation, one.code, line)


def _local(at: datetime | None) -> datetime | None:
    """As the clock on the wall shows it."""
    return at.astimezone(LOCAL) if at else None


def nearness(site: str, home: str | None) -> str:
    """How far a division is from somebody's own."""
    if not home:
        return ""
    if len(home) == 9 and site == home:
        return "town"
    for name, length in (("county", 6), ("prefecture", 4), ("province", 2)):
        if len(home) >= length and site[:length] == home[:length] and _reaches(site, length):
            return name
    return "away" if site.strip("0") else ""


def _reaches(site: str, length: int) -> bool:
    """Whether a code names a division of this level or below it: 420000 is no county."""
    return length == 2 or bool(site[length - 2 : length].strip("0"))


class Viewer:
    def __init__(self, book: PolicyBook, now: Callable[[], datetime]) -> None:
        self._book = book
        self._now = now

    def place_name(self, code: str) -> str:
        return self._book.regions.whole_name(code) if code.strip("0") else ""

    def of(self, offer: Offer, home: str | None = None) -> OfferView:
        allowance, ended = self._allowance(offer)
        return OfferView(
            code=offer.code,
            kind=offer.kind,
            state=offer.state,
            title=offer.title,
            region=self.place_name(offer.region),
            place=self._place(offer),
            near=nearness(offer.site, home),
            site=self.place_name(offer.site),
            starts=_local(offer.starts),
            ends=_local(offer.ends),
            closes=_local(offer.closes),
            timed=offer.timed,
            seats=offer.seats,
            left=None if offer.seats is None else max(0, offer.seats - offer.taken),
            waiting=offer.waiting,
            trade=load_trades().name(offer.trade),
            employer=offer.employer,
            pay_from=offer.pay_from,
            pay_to=offer.pay_to,
            details={name: str(offer.details[name]) for name in DETAILS if offer.details.get(name)},
            demands=demands_of(offer.details),
            allowance=allowance,
            allowance_ended=ended,
        )

    def _place(self, offer: Offer) -> str:
        """With its town or county before it, where the words do not name them."""
        name, county = self._book.regions.name(offer.site), self._book.regions.name(offer.site[:6])
        named = any(short_name(one) in offer.place for one in (name, county) if one)
        return offer.place if named else f"{self.place_name(offer.site)}{offer.place}"

    def _allowance(self, offer: Offer) -> tuple[str, bool]:
        policy = next((shelf.policy for shelf in self._book.shelves if shelf.policy.id == offer.policy), None)
        provision = policy.by_id.get(offer.provision) if policy is not None else None
        if policy is None or provision is None:
            return "", False
        document = policy.document
        ended = document.state(self._now().date()) == "ended"
        return f"《{document.title}》{document.number or ''} {provision.section}", ended

    def serves(self, policy: str, provision: str, region: str) -> bool:
        """Whether that clause exists and holds in a place."""
        found = next((shelf.policy for shelf in self._book.shelves if shelf.policy.id == policy), None)
        return (
            found is not None
            and provision in found.by_id
            and self._book.regions.is_within(region, found.document.region)
        )
