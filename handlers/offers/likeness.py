"""What a draft writes into a row, and whether an offer to come says the same: a form or a table that was sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.offers.models import Offer
from handlers.offers.offer import COMING, Draft


async def same_as(session: AsyncSession, draft: Draft) -> str:
    """The number of an offer to come that says the same in every column; empty: there is none."""
    said = dict(columns_of(draft))
    details = said.pop("details")  # JSON, which databases compare each in their own way
    wanted = select(Offer.code, Offer.details).where(Offer.state.in_([str(state) for state in COMING]))
    found = await session.execute(wanted.filter_by(**said).order_by(Offer.id))
    return next((row.code for row in found if row.details == details), "")


def columns_of(draft: Draft) -> Mapping[str, Any]:
    """The columns of a row that a draft fills."""
    return {
        "kind": str(draft.kind),
        "title": draft.title.strip(),
        "region": draft.region,
        "place": draft.place.strip(),
        "site": draft.site or draft.region,
        "starts": draft.starts,
        "ends": draft.ends,
        "closes": draft.closes,
        "timed": draft.timed,
        "seats": draft.seats,
        "trade": draft.trade,
        "employer": draft.employer.strip(),
        "pay_from": draft.pay_from,
        "pay_to": draft.pay_to,
        "policy": draft.policy,
        "provision": draft.provision,
        "details": dict(draft.details),
    }
