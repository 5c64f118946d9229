"""The append-only record of what was said; also answers "have we seen this event?" and "what is new?"."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, Row, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot import models
from bot.database import insert_or_ignore
from bot.messages import Address, Choice, ChoiceKind, Shown, Speaker

_MESSAGES = models.Message.metadata.tables["message"]
"""The bare table: rows are written whole, so the mapper would only cost time."""
_INSERT = insert(_MESSAGES)
_INSERT_NEW = {
    name: dialect.insert(_MESSAGES).on_conflict_do_nothing(index_elements=["conversation_id", "event_id"])
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
# Of every turn, so made once.
_CHOICES = select(_MESSAGES.c.choices).where(
    _MESSAGES.c.conversation_id == bindparam("conversation"), _MESSAGES.c.seq == bindparam("seq")
)
_PIECE = (
    select(_MESSAGES)
    .where(
        _MESSAGES.c.conversation_id == bindparam("conversation"),
        _MESSAGES.c.seq > bindparam("after"),
        _MESSAGES.c.seq < bindparam("before"),
        ~_MESSAGES.c.forgotten,
    )
    .order_by(_MESSAGES.c.seq.desc())
    .limit(bindparam("limit"))
)
LAST = 2**31 - 1
"""A seq above all others."""
_VALUE = re.compile(r"([0-9a-z]{1,5})-[0-9a-z]{6}")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Draft:
    """Something about to be said: worded, its buttons not yet numbered."""

    text: str
    template: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    speaker: Speaker = Speaker.BOT


def make_value(seq: int) -> str:
    """A button's short id: it names its message, so that it is found without a table of its own."""
    return f"{_write_36(seq)}-{_write_36(secrets.randbelow(36**6)):0>6}"


def _write_36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"


def seq_of_value(value: str) -> int | None:
    """The message that offered a button of this short id; None if it cannot be one of ours."""
    found = _VALUE.fullmatch(value)
    return int(found[1], 36) if found else None


async def add_conversation(session: AsyncSession, address: Address, *, now: datetime, greeted: bool = False) -> None:
    """The row of a chat that we meet for the first time; nothing where there is one."""
    counts = dict.fromkeys(("last_seq", "choices_seq", "pushed_seq", "seen_seq"), 0)
    values = {**where_of(address), **counts, "created_at": now, "updated_at": now, "greeted": greeted}
    await insert_or_ignore(session, models.Conversation, {**values, "states": {}, "running": []})


def where_of(address: Address) -> dict[str, str]:
    """The columns that tell one conversation from all others."""
    return {"channel": str(address.channel), "bot": address.bot, "chat": address.key}


async def record_incoming(
    session: AsyncSession, conversation: models.Conversation, *, event_id: str, text: str, now: datetime
) -> int | None:
    """Write down what the person sent. -> its seq; None if we have seen this event, then nothing is written"""
    seq = conversation.last_seq + 1
    row = _row(conversation.id, seq, Speaker.YOU, text, now)
    # Without autoflush: the conversation's row is written once, at the end of the turn.
    with session.no_autoflush:
        written = await session.execute(
            _INSERT_NEW[session.get_bind().dialect.name],
            row | {"event_id": event_id, "seen_before": conversation.seen_seq},
        )
    assert isinstance(written, CursorResult)
    if not written.rowcount:
        return None
    conversation.last_seq = seq
    return seq


async def record(
    session: AsyncSession,
    conversation: models.Conversation,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    turn: int | None = None,
) -> list[Shown]:
    """Write down what is said to the person; without a turn it is news nobody asked for."""
    shown: list[Shown] = []
    rows: list[dict[str, Any]] = []
    if turn is not None and drafts:
        conversation.choices_seq = 0  # what is typed now answers this reply, and presses no button of an older one
    for draft in drafts:
        conversation.last_seq += 1
        seq = conversation.last_seq
        choices = tuple(replace(choice, value=make_value(seq)) for choice in draft.choices)
        if choices:
            conversation.choices_seq = seq
        if turn is None:
            conversation.pushed_seq = seq
        rows.append(
            _row(conversation.id, seq, draft.speaker, draft.text, now)
            | {
                "turn": turn,
                "template": draft.template,
                "data": dict(draft.data),
                "choices": [_pack(choice) for choice in choices],
                "pushed": turn is None,
            }
        )
        shown.append(
            Shown(seq, draft.speaker, draft.text, now, draft.template, draft.data, choices, pushed=turn is None)
        )
    if rows:
        with session.no_autoflush:
            await session.execute(_INSERT, rows)
    return shown


async def record_news(
    session: AsyncSession, drafts: Sequence[tuple[models.Conversation, Draft]], *, now: datetime
) -> dict[int, int]:
    """Write down one piece of news in each of these conversations. -> its seq, by conversation"""
    rows: list[dict[str, Any]] = []
    for conversation, draft in drafts:
        conversation.last_seq += 1
        seq = conversation.pushed_seq = conversation.last_seq
        choices = [_pack(replace(choice, value=make_value(seq))) for choice in draft.choices]
        if choices:
            conversation.choices_seq = seq
        rows.append(
            _row(conversation.id, seq, draft.speaker, draft.text, now)
            | {"template": draft.template, "data": dict(draft.data), "choices": choices, "pushed": True}
        )
    if rows:
        with session.no_autoflush:
            await session.execute(_INSERT, rows)
    return {row["conversation_id"]: row["seq"] for row in rows}


async def find_turn(session: AsyncSession, conversation_id: int, event_id: str) -> models.Message:
    """What the person sent under this event id, which we have seen."""
    message = models.Message
    found = await session.scalars(
        select(message).where(message.conversation_id == conversation_id, message.event_id == event_id)
    )
    return found.one()


async def replies_of(session: AsyncSession, conversation_id: int, turn: int) -> list[Shown]:
    message = models.Message
    rows = await session.scalars(
        select(message).where(message.conversation_id == conversation_id, message.turn == turn).order_by(message.seq)
    )
    return [to_shown(row) for row in rows]


async def pushed_between(session: AsyncSession, conversation_id: int, after: int, before: int) -> list[Shown]:
    """News that nobody asked for, with seq between the two."""
    message = models.Message
    rows = await session.scalars(
        select(message)
        .where(
            message.conversation_id == conversation_id,
            message.pushed,
            ~message.forgotten,
            message.seq > after,
            message.seq < before,
        )
        .order_by(message.seq)
    )
    return [to_shown(row) for row in rows]


async def read(
    session: AsyncSession, conversation_id: int, *, after_seq: int, before_seq: int | None, limit: int
) -> list[Shown]:
    """The messages between two seqs, oldest first; of more than `limit` the newest."""
    before = LAST if before_seq is None else before_seq
    rows = await session.execute(
        _PIECE, {"conversation": conversation_id, "after": after_seq, "before": before, "limit": limit}
    )
    return [to_shown(row) for row in reversed(rows.all())]


async def choices_of(session: AsyncSession, conversation_id: int, seq: int) -> list[Choice]:
    """The buttons under one message."""
    packed = await session.scalar(_CHOICES, {"conversation": conversation_id, "seq": seq})
    return [_unpack(item) for item in packed or ()]


async def forget(session: AsyncSession, conversation_id: int) -> None:
    """Delete the words of a conversation; what remains says only that something was there, for retries."""
    message = models.Message
    await session.execute(
        update(message)
        .where(message.conversation_id == conversation_id)
        .values(text="", template=None, data={}, choices=[], forgotten=True)
        .execution_options(synchronize_session=False)
    )


def to_shown(row: models.Message | Row[Any]) -> Shown:
    return Shown(
        row.seq,
        Speaker(row.speaker),
        row.text,
        row.at,
        row.template,
        row.data,
        tuple(_unpack(item) for item in row.choices),
        pushed=row.pushed,
    )


def _row(conversation_id: int, seq: int, speaker: Speaker, text: str, at: datetime) -> dict[str, Any]:
    return {
        "conversation_id": conversation_id,
        "seq": seq,
        "speaker": str(speaker),
        "text": text,
        "at": at,
        "event_id": None,
        "turn": None,
        "seen_before": 0,
        "template": None,
        "data": {},
        "choices": [],
        "pushed": False,
        "forgotten": False,
    }


def _pack(choice: Choice) -> dict[str, Any]:
    return {
        "label": choice.label,
        "action": choice.action,
        "data": dict(choice.data),
        "value": choice.value,
        "quiet": choice.quiet,
        "kind": str(choice.kind),
    }


def _unpack(item: Mapping[str, Any]) -> Choice:
    kind = ChoiceKind(item.get("kind", ChoiceKind.STEP))  # rows of older versions have none
    return Choice(item["label"], item["action"], item["data"], item["value"], item["quiet"], kind)
