"""等您决定: what waits for a leader, with what is needed to decide it.

Extensions, returned matters, answers to be read, bad ratings, calls; and for the head what was not solved a second
time, and who wishes to see who is behind a confidential matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.staff.models import Staff
from bot.staff.roles import Role
from handlers.tickets.board_counting import seen_by
from handlers.tickets.models import DECIDED_BY_LEADERS, Entry, EntryContent, Task, Ticket
from handlers.tickets.tasks import TaskKind
from handlers.tickets.ticket import Move, State
from handlers.tickets.timeline import EntryKind
from handlers.tickets.unseal_requests import Asked, count_asked, list_asked

SOME = 5
"""Of each where all kinds are shown; the longest waiting first."""
MANY = 20
"""Of one kind alone."""


class Wait(StrEnum):
    """What a leader is waited for."""

    EXTENSION = "extension"
    RETURN = "return"
    REVIEW = "review"
    UNSEAL = "unseal"
    UNSOLVED = "unsolved"
    RATING = "rating"
    CALL = "call"


STATES: Mapping[State, Wait] = {
    State.EXTENDING: Wait.EXTENSION,
    State.RETURNED: Wait.RETURN,
    State.REVIEW: Wait.REVIEW,
}
TASKS: Mapping[TaskKind, Wait] = {
    TaskKind.UNSOLVED: Wait.UNSOLVED,
    TaskKind.BAD_RATING: Wait.RATING,
    TaskKind.CALL: Wait.CALL,
}
OF_HEADS = frozenset({Wait.UNSOLVED, Wait.UNSEAL})
BROUGHT_BY = {Wait.EXTENSION: Move.ASK_EXTENSION, Wait.RETURN: Move.RETURN, Wait.REVIEW: Move.SUBMIT}


@dataclass(frozen=True)
class Said:
    """One entry of a timeline that tells something."""

    at: datetime
    who: int | None
    kind: str
    data: Mapping[str, Any]
    words: str = field(repr=False)


@dataclass(frozen=True)
class Waiting:
    wait: Wait
    ticket: Ticket
    due_at: datetime | None
    """Of a task."""
    brought: Said | None
    """By whom and why it came here."""
    answer: Said | None
    """The newest answer, or the one that is to be read."""
    complaint: Said | None
    """What the person said of it last."""
    asked: Asked | None = None
    """Who wishes to see who it is."""


def waits_of(staff: Staff) -> tuple[Wait, ...]:
    """What is theirs to decide."""
    return tuple(wait for wait in Wait if wait not in OF_HEADS or staff.as_role is Role.HEAD)


async def count_waiting(session: AsyncSession, staff: Staff) -> dict[Wait, int]:
    """How many of each."""
    found = dict.fromkeys(waits_of(staff), 0)
    states = await session.execute(
        select(Ticket.state, func.count()).where(DECIDED_BY_LEADERS, seen_by(staff)).group_by(Ticket.state)
    )
    for state, count in states:
        found[STATES[State(state)]] = count
    tasks = await session.execute(
        select(Task.kind, func.count())
        .join(Ticket, Ticket.id == Task.ticket_id)
        .where(Task.done_at.is_(None), Task.kind.in_(_tasks(found)), seen_by(staff))
        .group_by(Task.kind)
    )
    for kind, count in tasks:
        found[TASKS[TaskKind(kind)]] = count
    if Wait.UNSEAL in found:
        found[Wait.UNSEAL] = await count_asked(session, staff)
    return found


async def list_waiting(
    session: AsyncSession, staff: Staff, waits: Sequence[Wait], *, most: int
) -> dict[Wait, list[Waiting]]:
    """The first of each of these kinds, the longest waiting first."""
    found: dict[Wait, list[tuple[Ticket, datetime | None, Asked | None]]] = {}
    for state, wait in STATES.items():
        if wait not in waits:
            continue
        wanted = select(Ticket).where(DECIDED_BY_LEADERS, Ticket.state == str(state), seen_by(staff))
        rows = await session.scalars(wanted.order_by(Ticket.state_since, Ticket.id).limit(most))
        found[wait] = [(ticket, None, None) for ticket in rows]
    for kind, wait in TASKS.items():
        if wait in waits:
            tasks = await session.execute(_of_task(kind).where(seen_by(staff)).limit(most))
            found[wait] = [(ticket, due_at, None) for ticket, due_at in tasks.all()]
    if Wait.UNSEAL in waits:
        asking = await list_asked(session, staff, most=most)
        found[Wait.UNSEAL] = [(ticket, None, asked) for ticket, asked in asking]
    said = await _said(session, list({ticket.id for group in found.values() for ticket, *_ in group}))
    return {
        wait: [_waiting(wait, ticket, due_at, said.get(ticket.id, []), asked) for ticket, due_at, asked in found[wait]]
        for wait in waits
    }


def _tasks(waits: Mapping[Wait, int]) -> list[str]:
    return [str(kind) for kind, wait in TASKS.items() if wait in waits]


def _of_task(kind: TaskKind) -> Select[*tuple[Any, ...]]:
    return (
        select(Ticket, Task.due_at)
        .join(Task, Task.ticket_id == Ticket.id)
        .where(Task.kind == str(kind), Task.done_at.is_(None))
        .order_by(Task.due_at, Task.id)
    )


async def _said(session: AsyncSession, ids: Sequence[int]) -> dict[int, list[Said]]:
    """Entries that tell why something waits, by ticket, the newest first."""
    telling = (EntryKind.MOVED, EntryKind.ANSWER, EntryKind.OBJECTED, EntryKind.RATED, EntryKind.HEARD)
    rows = await session.execute(
        select(Entry.ticket_id, Entry.at, Entry.actor_id, Entry.kind, Entry.data, EntryContent.text)
        .outerjoin(EntryContent, EntryContent.entry_id == Entry.id)
        .where(Entry.ticket_id.in_(ids), Entry.kind.in_([str(kind) for kind in telling]))
        .order_by(Entry.ticket_id, Entry.seq.desc())
    )
    found: dict[int, list[Said]] = {}
    for ticket_id, at, who, kind, data, words in rows:
        found.setdefault(ticket_id, []).append(Said(at, who, kind, data, words or ""))
    return found


def _waiting(wait: Wait, ticket: Ticket, due_at: datetime | None, said: Sequence[Said], asked: Asked | None) -> Waiting:
    def newest(*kinds: EntryKind) -> Said | None:
        return next((one for one in said if one.kind in kinds and one.words), None)

    move = BROUGHT_BY.get(wait)
    brought = next((one for one in said if move is not None and one.data.get("move") == str(move)), None)
    return Waiting(
        wait,
        ticket,
        due_at,
        brought,
        newest(EntryKind.ANSWER),
        newest(EntryKind.OBJECTED, EntryKind.HEARD),
        asked,
    )
