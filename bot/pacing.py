"""Send clocks as rows (GCRA), shared by all processes: one for each bot, one for each chat.

A statement takes the bot's clock first, then those of chats in their order, so that no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Case, case, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.database import insert_all_or_ignore, insert_or_ignore
from bot.models import Rate


@dataclass(frozen=True)
class ChatPace:
    """How close together messages to one chat may leave."""

    gap: float = 1.0
    """Seconds from one to the next."""
    strict: bool = False
    """Every bubble keeps the gap; else a reply leaves at once with all its bubbles, and only what follows waits."""


async def reserve_slots(
    session: AsyncSession, clock: Clock, key: str, *, count: int, per_second: float, within: float, lead: float = 0.0
) -> float | None:
    """Reserve `count` evenly spaced sendings on a bot's clock, `lead` seconds from now at the earliest.

    -> seconds until the first, or None (and nothing reserved) if that is further away than `within`.
    """
    found = await _reserve(session, clock, [key], seconds=count / per_second, within=within, lead=lead)
    return found.get(key)


async def reserve_chats(
    session: AsyncSession, clock: Clock, keys: Collection[str], *, gap: float, within: float
) -> dict[str, float]:
    """Reserve one sending to each of these chats. -> seconds until it, where that is not further than `within`"""
    return await _reserve(session, clock, sorted(keys), seconds=gap, within=within)


async def _reserve(
    session: AsyncSession, clock: Clock, keys: list[str], *, seconds: float, within: float, lead: float = 0.0
) -> dict[str, float]:
    wall = clock.wall()
    statement = (
        update(Rate)
        .where(Rate.key.in_(keys), Rate.next_at <= wall + within)
        .values(next_at=_not_before(wall + lead) + seconds)
        .returning(Rate.key, Rate.next_at)
        .execution_options(synchronize_session=False)
    )
    ends = {key: end for key, end in await session.execute(statement)}  # noqa: C416  # rows are no pairs to mypy
    if absent := [key for key in keys if key not in ends]:
        found = await session.execute(select(Rate.key, Rate.next_at).where(Rate.key.in_(absent)))
        known = {key: next_at for key, next_at in found}  # noqa: C416
        if fresh := [key for key in absent if key not in known]:
            await insert_all_or_ignore(session, Rate, [{"key": key, "next_at": 0.0} for key in fresh])
        # One that another process made meanwhile may still have room.
        if open_still := [key for key in absent if known.get(key, 0.0) <= wall + within]:
            again = statement.where(Rate.key.in_(open_still))
            ends |= {key: end for key, end in await session.execute(again)}  # noqa: C416
    return {key: max(0.0, end - seconds - wall) for key, end in ends.items()}


async def hold(session: AsyncSession, clock: Clock, key: str, seconds: float) -> None:
    """The platform said "later": no process sends for this bot before that."""
    until = clock.wall() + seconds
    await insert_or_ignore(session, Rate, {"key": key, "next_at": until})
    await session.execute(
        update(Rate)
        .where(Rate.key == key, Rate.next_at < until)
        .values(next_at=until)
        .execution_options(synchronize_session=False)
    )


async def forget_clocks(session: AsyncSession, clock: Clock, *, seconds: float) -> None:
    """Clocks that nobody has used for so long say nothing any more; they are made anew when needed."""
    await session.execute(
        delete(Rate).where(Rate.next_at < clock.wall() - seconds).execution_options(synchronize_session=False)
    )


def _not_before(wall: float) -> Case[Any]:
    return case((Rate.next_at < wall, wall), else_=Rate.next_at)
