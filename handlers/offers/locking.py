"""The lock of an offer's row, for use cases that may wait and for timers that must not."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import NotNow
from bot.database import is_held
from handlers.offers.errors import NoSuchOffer
from handlers.offers.models import Offer


async def lock_by_code(session: AsyncSession, code: str) -> Offer:
    """Raises NoSuchOffer."""
    if (found := await _lock(session, Offer.code == code)) is None:
        raise NoSuchOffer(number=code)
    return found


async def lock_by_id(session: AsyncSession, offer_id: int) -> Offer:
    """Raises NoSuchOffer."""
    if (found := await _lock(session, Offer.id == offer_id)) is None:
        raise NoSuchOffer(number=str(offer_id))
    return found


async def lock_now(session: AsyncSession, offer_id: int) -> Offer | None:
    """For a timer's handler, which holds its timer and must not wait. Raises NotNow."""
    try:
        return await _lock(session, Offer.id == offer_id, nowait=True)
    except DBAPIError as error:
        if is_held(error):
            raise NotNow from None
        raise


async def _lock(session: AsyncSession, which: ColumnElement[bool], *, nowait: bool = False) -> Offer | None:
    # What the session holds of it may be older than the lock.
    wanted = select(Offer).where(which).with_for_update(nowait=nowait).execution_options(populate_existing=True)
    return await session.scalar(wanted)
