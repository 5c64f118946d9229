"""The frame's tables: conversations and what was said in them, messages to send, moments to act at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column
from sqlalchemy.types import TypeDecorator

Id = BigInteger().with_variant(Integer, "sqlite")


class Moment(TypeDecorator[datetime]):
    """An aware time, stored in UTC; SQLite forgets the zone, so it is given back here."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times are stored aware")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the project, those of the services too, hang on this one."""


class Conversation(Base):
    """One chat on one channel; its row is locked before its state is read."""

    __tablename__ = "conversation"
    __table_args__ = (UniqueConstraint("channel", "bot", "chat"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(64))
    chat: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    last_seq: Mapped[int] = mapped_column(default=0)
    """Number of the newest message."""
    choices_seq: Mapped[int] = mapped_column(default=0)
    """The message with buttons that a typed number or label presses; 0 once a reply without any came after it."""
    pushed_seq: Mapped[int] = mapped_column(default=0)
    """The newest message that nobody asked for in a turn."""
    seen_seq: Mapped[int] = mapped_column(default=0)
    """Up to where an asking channel has shown what was pushed."""
    greeted: Mapped[bool] = mapped_column(default=False)
    states: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What each dialogue keeps, by its name."""
    running: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Dialogues in the middle of something; the last one sees the next words first."""
    unreachable_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when the channel says that nothing can be sent there (blocked, left)."""
    held_by: Mapped[int | None] = mapped_column(Id)
    """The member of staff who talks here instead of the bot."""
    held_at: Mapped[datetime | None] = mapped_column(Moment)
    """When they last wrote here or took it over."""


class Message(Base):
    """One thing said; append-only, but for words a person had deleted."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("conversation_id", "event_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment)
    event_id: Mapped[str | None] = mapped_column(String(128))
    """The channel's own id of what a person sent."""
    turn: Mapped[int | None]
    """Replies: seq of the message they answer."""
    seen_before: Mapped[int] = mapped_column(default=0)
    """What a person sent: `seen_seq` at that moment, so that a retry is shown the same waiting news."""
    template: Mapped[str | None] = mapped_column(String(80))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    pushed: Mapped[bool] = mapped_column(default=False)
    forgotten: Mapped[bool] = mapped_column(default=False)
    """Its words were deleted; only that something was there is kept, for retries."""


class MovedChat(Base):
    """A chat that goes on under another id; the settings may still name the old one."""

    __tablename__ = "moved_chat"

    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    bot: Mapped[str] = mapped_column(String(64), primary_key=True)
    chat: Mapped[str] = mapped_column(String(128), primary_key=True)
    moved_to: Mapped[str] = mapped_column(String(128))
    at: Mapped[datetime] = mapped_column(Moment)


class Work:
    """Mixin: a row that is work to do once it is due, taken by one process at a time under a lease."""

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state: Mapped[str] = mapped_column(String(12), default="wait")
    """wait, or how it ended: done, dead, unreachable, unknown, cancelled."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    """When to act; while taken, the end of the lease."""
    free_at: Mapped[float | None]
    """The end of lease or pause in seconds that really pass; counts only where the clock is simulated."""
    priority: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[str | None] = mapped_column(String(32))
    """Fencing: who holds the lease; only the holder may write the end."""
    error: Mapped[str | None] = mapped_column(String(200))

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        waiting = text("state = 'wait'")
        name = cls.__tablename__  # type: ignore[attr-defined]  # given by the class that mixes this in
        return (Index(f"ix_{name}_due", "priority", "due_at", postgresql_where=waiting, sqlite_where=waiting),)


class Delivery(Work, Base):
    """One message to send through a pushing channel."""

    __tablename__ = "delivery"

    channel: Mapped[str] = mapped_column(String(16))
    bot: Mapped[str] = mapped_column(String(64))
    chat: Mapped[str] = mapped_column(String(128))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    seq: Mapped[int | None]
    """Which message of the conversation to show."""
    body: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Text, template and data of what is in no conversation, as earlier versions left it."""
    purpose: Mapped[str] = mapped_column(String(64), default="")
    """Of what it is a part, such as `campaign:12`; for counting and cancelling."""
    once: Mapped[bool] = mapped_column(default=False)
    """Never send again when it is unknown whether it left."""
    unsure: Mapped[int] = mapped_column(default=0)
    """Attempts that may have left and of which no end is known: under way, or whoever made them died, or no answer
    came back."""
    reference: Mapped[str | None] = mapped_column(String(64))
    """The channel's id of what was sent."""
    settled_at: Mapped[datetime | None] = mapped_column(Moment)


class Timer(Work, Base):
    """A moment to act at; its effects commit with it, once."""

    __tablename__ = "timer"

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120), unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    cron: Mapped[str | None] = mapped_column(String(60))
    """Comes back at these local times."""


class Rate(Base):
    """A send clock over all processes (GCRA), of a bot or of a chat: no message may leave before `next_at`."""

    __tablename__ = "rate"

    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    next_at: Mapped[float] = mapped_column(default=0.0)
    """Seconds since 1970, real time."""


class Lease(Base):
    """Who alone does something of which there may be one only, such as polling a bot's updates."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    until: Mapped[float]
    """Seconds since 1970, real time."""
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the next holder must know, such as the offset of the updates."""
