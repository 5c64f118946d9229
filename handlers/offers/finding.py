"""Looks for offers that fit: of their place and around it, of their trade, pay and days; what is nearest first.

One statement a search, ranked by the database. An offer is for the people of its region and all below it, and for
nobody else; a vacancy may lie elsewhere, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.staff.roles import Scope
from handlers.offers.fitting import Degree, Fit, asks_certificate, fits_of
from handlers.offers.models import Offer
from handlers.offers.moments import is_shown
from handlers.offers.offer import COMING, LONG_OPEN, Kind, State
from handlers.offers.wanting import FREE, Sought
from handlers.people.trades import load_trades
from knowledge.regions import Regions

MOST = 4
"""Offers in one reply."""
LOOKED_AT, LOOKED_AT_CLOSELY = 40, 120
"""The best of those that the database finds are sorted by what else was wished for; more where something was."""


@dataclass(frozen=True)
class Found:
    offers: tuple[Offer, ...]
    missed: tuple[str, ...] = ()
    """Wishes that none meets, in the order in which they were let go: place, pay, when, trade.

    `beyond`: the town that was named has no more, and these lie elsewhere in its county."""
    fits: tuple[tuple[Fit, ...], ...] = ()
    """How each stands to what was wished for."""
    more: bool = False

    def all_meet(self, name: str) -> bool:
        return all(_meets(fits, name) for fits in self.fits)

    def none_meets(self, name: str) -> bool:
        return not any(_meets(fits, name) for fits in self.fits)


class Finder:
    def __init__(self, regions: Regions) -> None:
        self._regions = regions

    async def find(
        self, session: AsyncSession, sought: Sought, *, home: str | None, now: datetime, skip: int = 0
    ) -> Found:
        """The next few that fit; where none does, without the wishes that people give up most easily.

        A town is widened to its county before any of them is given up.
        """
        home = sought.lives or home
        for missed, tried in _ways(sought):
            rows = await self._query(session, tried, home, now)
            if rows:
                return self._page(rows, sought, missed, skip)
        return Found(())

    async def any_of(self, session: AsyncSession, kinds: Iterable[Kind]) -> bool:
        """Whether anything of these kinds is entered at all."""
        states = [str(state) for state in COMING]
        wanted = exists().where(Offer.kind.in_([str(kind) for kind in kinds]), Offer.state.in_(states))
        return bool(await session.scalar(select(wanted)))

    async def earlier(
        self, session: AsyncSession, sought: Sought, words: str, *, home: str | None, now: datetime
    ) -> Offer | None:
        """The one that they speak of as known already, of any state: by place, trade or words of its title."""
        offers = await session.scalars(
            select(Offer)
            .where(self._audience(home, None), Offer.created_at > now - LONG_OPEN)
            .order_by(Offer.id.desc())
            .limit(500)
        )
        best, most = None, 0
        for offer in offers:
            points = 2 * (offer.trade in sought.trades and bool(offer.trade))
            points += 2 * bool(sought.place and self._regions.is_within(offer.site, sought.place))
            points += 2 * shares(words, f"{offer.title} {offer.place} {offer.employer}")
            points += points > 0 and Kind(offer.kind) in sought.kinds
            if points > most:
                best, most = offer, points
        return best

    async def _query(self, session: AsyncSession, sought: Sought, home: str | None, now: datetime) -> Sequence[Offer]:
        center = sought.place or home
        wanted = [
            is_shown(now),
            Offer.kind.in_([str(kind) for kind in sought.kinds]),
            self._audience(home, sought.place),
            or_(Offer.starts.is_not(None), Offer.created_at > now - LONG_OPEN),
        ]
        if sought.place:
            wanted.append(self._within(Offer.site, self._county(sought.place)))
        elif sought.near and home:
            wanted.append(self._within(Offer.site, self._county(home)))
        if sought.trades:
            wanted.append(Offer.trade.in_(load_trades().with_near(sought.trades)))
        if sought.other:
            wanted.append(Offer.title.contains(sought.other, autoescape=True))
        if sought.pay_from:
            wanted.append(func.coalesce(Offer.pay_to, Offer.pay_from) >= sought.pay_from)
        if sought.start and sought.end and Kind.VACANCY not in sought.kinds:
            ends = func.coalesce(Offer.ends, Offer.starts)
            wanted += [Offer.starts <= sought.end, ends >= max(sought.start, now)]
        order = [
            *((case((self._within(Offer.site, sought.place), 0), else_=1),) if sought.place else ()),
            Offer.state == str(State.FULL),
            self._distance(None if sought.away else center),
            *((Offer.pay_from.is_(None), Offer.pay_from.desc()) if Kind.VACANCY in sought.kinds else ()),
            Offer.starts.is_(None),
            Offer.starts,
            Offer.id.desc(),
        ]
        most = LOOKED_AT_CLOSELY if sought.features or sought.age else LOOKED_AT
        found = await session.scalars(select(Offer).where(and_(*wanted)).order_by(*order).limit(most))
        return found.all()

    def _page(self, rows: Sequence[Offer], sought: Sought, missed: tuple[str, ...], skip: int) -> Found:
        """The town that was named first, then the rest of its county."""
        fits = {offer.id: fits_of(offer, sought, self._regions.is_within) for offer in rows}
        there, beyond = (
            _best([offer for offer in rows if self._is_there(offer, sought.place) is inside], fits, sought)
            for inside in (True, False)
        )
        pool = there
        widened: tuple[str, ...] = ()
        if skip >= len(there) and beyond:
            pool, skip, widened = beyond, skip - len(there), ("beyond",) if there else ("place",)
        shown = pool[skip : skip + MOST]
        more = len(pool) > skip + MOST or (pool is there and bool(beyond))
        return Found(tuple(shown), (*widened, *missed), tuple(fits[offer.id] for offer in shown), more)

    def _is_there(self, offer: Offer, place: str | None) -> bool:
        """Whether it lies in the town that was named; a county or more was looked for as it is."""
        return place is None or len(place) <= 6 or self._regions.is_within(offer.site, place)

    # -- places -------------------------------------------------------------------------------------------

    def _audience(self, home: str | None, asked: str | None) -> ColumnElement[bool]:
        """Whose people they are: an offer of their county, or of what lies above it."""
        places = [place for place in (home, asked) if place]
        if not places:
            return true()
        above = {code for place in places for code in self._regions.ancestors(place)}
        below = [self._within(Offer.region, self._county(place)) for place in places]
        return or_(Offer.region.in_(sorted(above)), *below)

    def _county(self, place: str) -> str:
        return place[:6]

    def _within(self, column: InstrumentedAttribute[str], area: str) -> ColumnElement[bool]:
        """An area and all below it, by the beginning of its code."""
        return column.startswith(Scope(area).prefix or area)

    def _distance(self, center: str | None) -> ColumnElement[int]:
        """0 in the same township, 1 in the county, 2 in the prefecture, 3 in the province, 4 elsewhere."""
        if not center:
            return case((true(), 0))
        steps = [(Offer.site == center, 0)] if len(center) > 6 else []
        steps.append((Offer.site.startswith(center[:6]), 1))
        steps.append((Offer.site.startswith(center[:4]), 2))
        steps.append((Offer.site.startswith(center[:2]), 3))
        return case(*steps, else_=4)


def _ways(sought: Sought) -> list[tuple[tuple[str, ...], Sought]]:
    """All that was wished for; then without the pay, the days, both, and without the trade in the same way.

    Whoever wants to learn a trade is not shown another's course.
    """
    ways: list[tuple[tuple[str, ...], Sought]] = [((), sought)]
    for name, bare in (
        ("pay", {"pay_from": None}),
        ("when", {"start": None, "end": None}),
        ("trade", {"trades": ()}),
    ):
        if name == "trade" and Kind.COURSE in sought.kinds:
            continue
        if any(getattr(sought, field) for field in bare):
            ways += [((*missed, name), replace(tried, **bare)) for missed, tried in ways]
    return ways


def _meets(fits: Sequence[Fit], name: str) -> bool:
    return any(fit.name == name and fit.degree == Degree.MET for fit in fits)


def _best(offers: Sequence[Offer], fits: Mapping[int, Sequence[Fit]], sought: Sought) -> list[Offer]:
    """Sorted by what they state; where any is free and that was asked for, only those."""
    free = [offer for offer in offers if _meets(fits[offer.id], FREE)]
    return sorted(free or offers, key=lambda offer: _rank(offer, fits[offer.id], sought))


def _rank(offer: Offer, fits: Sequence[Fit], sought: Sought) -> tuple[int, ...]:
    """Whoever may not come comes last; then by what an offer states of what was wished for, then by sure pay.

    A job for which one needs a certificate goes behind others where only something light or short was asked.
    """
    degrees = {fit.name: fit.degree for fit in fits}
    features = [degrees.get(name) for name in sought.features]
    return (
        degrees.get("age") == Degree.UNMET,
        features.count(Degree.UNMET) - features.count(Degree.MET),
        degrees.get("pay", Degree.MET) != Degree.MET,
        bool(features or sought.age) and not sought.trades and asks_certificate(offer.details),
    )


def shares(words: str, text: str) -> bool:
    """Whether two characters side by side that tell something stand in both: 象山 in 浙江象山水产加工."""
    pairs = {words[at : at + 2] for at in range(len(words) - 1)}
    return any(pair in text for pair in pairs if not any(c in COMMON for c in pair))


COMMON = frozenset(
    "上次下的那个这岗位班课会活工作招聘培训还要人吗没有了么啥什几报名取消我你们您发说"
    "帮把给想学去在是不能可以名额。，？?! "
)
"""Characters that every offer and every question of one has."""
