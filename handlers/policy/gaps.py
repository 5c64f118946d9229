"""Questions that had no answer: kept without names, listed grouped by likeness, so that the bureau can fill them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, process
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from handlers.policy.models import Gap
from handlers.policy.scrubber import scrub
from knowledge.language import bare

ALIKE = 72
"""Likeness (0 to 100) from which two questions are counted as one."""


_GAPS = Gap.metadata.tables["gap"]
# Made once: to build and to look up a statement takes longer than to run it.
_SAME = (
    select(_GAPS.c.id)
    .where(_GAPS.c.conversation_id == bindparam("conversation"), _GAPS.c.words == bindparam("words"))
    .limit(1)
)
_KEEP = insert(_GAPS).returning(_GAPS.c.id)


class NoSuchGap(UserFacingError):
    """No question without an answer has this id, or it is not the asker's."""

    code = "no_such_gap"


@dataclass(frozen=True)
class GapGroup:
    """Questions that ask about the same thing."""

    id: int
    """Of its oldest question; stands for all of them."""
    words: str
    """The most usual wording."""
    count: int
    waiting: int
    """How many want to be told."""
    regions: tuple[str, ...]
    reasons: tuple[str, ...]
    last_at: datetime


async def keep_gap(
    session: AsyncSession,
    conversation_id: int,
    *,
    question: str,
    region: str | None,
    reason: str,
    tell: bool,
    now: datetime,
) -> int | None:
    """Keep a question that had no answer. -> its id; None if the same person has just asked the same"""
    words = scrub(question)
    # Without autoflush: the conversation's row is written once, at the end of the turn.
    with session.no_autoflush:
        if await session.scalar(_SAME, {"conversation": conversation_id, "words": words}) is not None:
            return None
        row = {"at": now, "words": words, "region": region, "reason": reason, "tell": tell}
        kept: int | None = await session.scalar(_KEEP, row | {"conversation_id": conversation_id})
        return kept


async def tell_of_gaps(session: AsyncSession, conversation_id: int, *, tell: bool) -> None:
    """The person wants to hear (or not) when their questions have an answer."""
    await session.execute(
        update(Gap)
        .where(Gap.conversation_id == conversation_id)
        .values(tell=tell)
        .execution_options(synchronize_session=False)
    )


async def erase_gaps(session: AsyncSession, conversation_id: int) -> None:
    """The questions stay, with nothing that leads to the person."""
    await session.execute(
        update(Gap)
        .where(Gap.conversation_id == conversation_id)
        .values(conversation_id=None, tell=False)
        .execution_options(synchronize_session=False)
    )


async def list_gaps(session: AsyncSession) -> list[GapGroup]:
    """All gaps in groups, the most asked first."""
    rows = (await session.scalars(select(Gap).order_by(Gap.at))).all()
    return group_gaps(rows)


async def gaps_like(session: AsyncSession, gap_id: int) -> list[Gap]:
    """A gap and all that are counted as one with it, the oldest first. Raises NoSuchGap."""
    rows = (await session.scalars(select(Gap).order_by(Gap.at))).all()
    return group_with(rows, gap_id)


def group_with(gaps: Sequence[Gap], gap_id: int) -> list[Gap]:
    """The group that one of them is in. Raises NoSuchGap."""
    for group in alike(gaps):
        if any(gap.id == gap_id for gap in group):
            return group
    raise NoSuchGap(id=gap_id)


def group_gaps(gaps: Sequence[Gap]) -> list[GapGroup]:
    summed = [_sum_up(group) for group in alike(gaps)]
    return sorted(summed, key=lambda group: (-group.count, -group.last_at.timestamp()))


def alike(gaps: Sequence[Gap]) -> list[list[Gap]]:
    """Each question joins the first group whose leading question it resembles."""
    leaders: list[str] = []
    groups: list[list[Gap]] = []
    for gap in gaps:
        words = bare(gap.words)
        found = process.extractOne(words, leaders, scorer=_likeness, score_cutoff=ALIKE)
        if found is None:
            leaders.append(words)
            groups.append([gap])
        else:
            groups[found[2]].append(gap)
    return groups


def _likeness(one: str, other: str, **_: object) -> float:
    """Short questions must be nearly the same; in long ones the shared core counts."""
    return max(fuzz.ratio(one, other), 0.9 * fuzz.token_set_ratio(" ".join(one), " ".join(other)))


def _sum_up(group: Sequence[Gap]) -> GapGroup:
    wordings = [gap.words for gap in group]
    usual = max(dict.fromkeys(wordings), key=lambda words: (wordings.count(words), -len(words)))
    return GapGroup(
        group[0].id,
        usual,
        len(group),
        sum(gap.tell for gap in group),
        tuple(dict.fromkeys(gap.region for gap in group if gap.region)),
        tuple(dict.fromkeys(gap.reason for gap in group)),
        max(gap.at for gap in group),
    )
