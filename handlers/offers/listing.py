"""The offers of a region as staff look through them: filters, counts, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.roles import Scope
from handlers.offers.models import Offer
from handlers.offers.offer import COMING, Kind, State
from handlers.offers.publishing import in_scope

PAGE = 50
MOST_WORDS = 40


@dataclass(frozen=True)
class Wanted:
    """What is asked for, as the address says it."""

    kind: str = ""
    state: str = ""
    """A state; `coming` for all that lies ahead, `all` for all."""
    region: str = ""
    words: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Wanted:
        kind, state, page = query.get("kind", ""), query.get("state", ""), query.get("page", "")
        return cls(
            kind if kind in set(Kind) else "",
            state if state in {*State, "all"} else "",
            query.get("region", "")[:9],
            query.get("q", "").strip()[:MOST_WORDS],
            max(1, int(page)) if page.isdecimal() and len(page) < 6 else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """For the address; what is not set is left out."""
        pairs = {"kind": self.kind, "state": self.state, "region": self.region, "q": self.words}
        return {name: value for name, value in pairs.items() if value}


async def list_offers(
    session: AsyncSession, scope: Scope, seen: ColumnElement[bool], wanted: Wanted
) -> tuple[Sequence[Offer], int, Mapping[str, int]]:
    """`seen`: what they may look at. -> a page, how many in all, how many of each kind"""
    conditions = [seen, *_conditions(scope, wanted)]
    counted = await session.execute(select(Offer.kind, func.count()).where(*conditions).group_by(Offer.kind))
    kinds = {row[0]: row[1] for row in counted}
    if wanted.kind:
        conditions.append(Offer.kind == wanted.kind)
    found = await session.scalars(
        select(Offer)
        .where(*conditions)
        .order_by(Offer.starts.is_(None), Offer.starts, Offer.id.desc())
        .limit(PAGE)
        .offset((wanted.page - 1) * PAGE)
    )
    return found.all(), kinds.get(wanted.kind, 0) if wanted.kind else sum(kinds.values()), kinds


def _conditions(scope: Scope, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state == "":
        conditions.append(Offer.state.in_([str(state) for state in COMING]))
    elif wanted.state != "all":
        conditions.append(Offer.state == wanted.state)
    if wanted.region and scope.covers(wanted.region):
        conditions.append(in_scope(Scope(wanted.region)))
    if wanted.words:
        conditions.append(
            or_(
                Offer.code == wanted.words,
                Offer.title.contains(wanted.words, autoescape=True),
                Offer.employer.contains(wanted.words, autoescape=True),
                Offer.place.contains(wanted.words, autoescape=True),
            )
        )
    return conditions
