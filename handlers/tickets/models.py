"""The tables of tickets. Rules are in `ticket` and `worktime`; only `desk`, `timeline` and `queues` write here.

Personal things (name, phone) are sealed bytes with a keyed digest beside them for exact search; what people told
lies in `EntryContent`, apart from the chain of entries, so that it can be erased without breaking the chain.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment

STILL_OPEN = text("done_at IS NULL")
UNDECIDED = text("decided_at IS NULL")
OWED = text("next_due IS NOT NULL")
DECIDED_BY_LEADERS = text("ticket.state IN ('returned', 'extending', 'review')")
"""退回改派, 延期审批, 待审核. Its words are those of the index, or SQLite does not take it."""
GROUPED = text("is_group")
RINGING = text("next_due IS NOT NULL AND coalesce(handler_id, 0) = 0 AND (is_group OR priority = 'urgent')")
"""(By `coalesce`, so that no index over handlers is taken for it.)"""


def _index(name: str, *columns: str, where: TextClause, unique: bool = False) -> Index:
    """Over some of the rows only."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class Queue(Base):
    """队列: the tickets of one category in a region and all below it, and the staff group that works them."""

    __tablename__ = "queue"
    __table_args__ = (UniqueConstraint("region", "category"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    region: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(16))
    telegram_chat: Mapped[str | None] = mapped_column(String(32))
    """Id of the staff group that gets its cards."""
    shares: Mapped[bool] = mapped_column(Boolean, default=False)
    """New tickets go at once to whoever is on duty with the fewest open; else somebody claims them."""


class QueueMember(Base):
    """Which staff work a queue."""

    __tablename__ = "queue_member"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True, index=True)


class Ticket(Base):
    """诉求件. Its row is locked before it is read to be changed."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_queue", "queue_id", "state", "answer_due"),
        Index("ix_ticket_handler", "handler_id", "state", "answer_due"),
        Index("ix_ticket_conversation", "conversation_id"),
        Index("ix_ticket_region", "region", "state"),
        Index("ix_ticket_phone", "phone_digest"),
        Index("ix_ticket_name", "name_digest"),
        _index("ix_ticket_open", "next_due", "id", where=OWED),
        _index("ix_ticket_open_queue", "queue_id", "next_due", where=OWED),
        _index("ix_ticket_open_handler", "handler_id", "next_due", where=OWED),
        _index("ix_ticket_unclaimed", "queue_id", "next_due", where=text(f"{OWED.text} AND handler_id IS NULL")),
        _index("ix_ticket_soon", "soon_at", where=text("soon_at IS NOT NULL")),
        _index("ix_ticket_groups", "next_due", where=text(f"{OWED.text} AND {GROUPED.text}")),
        _index("ix_ticket_rings", "next_due", where=RINGING),
        _index("ix_ticket_decided", "state", where=text("state IN ('returned', 'extending', 'review')")),
        _index("ix_ticket_filed_by", "filed_by", where=text("filed_by IS NOT NULL")),
        _index("ix_ticket_unsearched", "id", where=text("search_key = ''")),
        _index("ux_ticket_form", "form_digest", where=text("form_digest IS NOT NULL"), unique=True),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(16), unique=True)
    """编号, such as 261124-00375."""
    kind: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(12))
    priority: Mapped[str] = mapped_column(String(10))
    supervision: Mapped[int] = mapped_column(default=0)
    """督办级别, 0 to 3."""
    level: Mapped[int] = mapped_column(default=0)
    """How often it came back: each time one level up (clerk, supervisor, head)."""
    is_group: Mapped[bool] = mapped_column(Boolean, default=False)
    confidential: Mapped[bool] = mapped_column(Boolean, default=False)
    anonymous: Mapped[bool] = mapped_column(Boolean, default=False)

    region: Mapped[str | None] = mapped_column(String(12))
    """Division code of the place it is about, down to the township; None if the person named none."""
    village: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(12))
    """来源: the channel, or how staff got to know of it (phone, window, visit, letter)."""
    about: Mapped[str] = mapped_column(String(120))
    """What it is about in a few words, without names and numbers of persons; for cards and lists."""
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Read from the words and confirmed: employer, amount, people, since, wish, reachable."""
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_digest: Mapped[str | None] = mapped_column(String(64))
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_digest: Mapped[str | None] = mapped_column(String(64))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    """Where the person is told; None when it came by another way, or they had themselves deleted."""

    queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id", ondelete="SET NULL"))
    handler_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    filed_by: Mapped[int | None] = mapped_column(Id)
    """The member of staff who wrote it down for the person (代群众登记); they may always see it."""
    form_digest: Mapped[str | None] = mapped_column(String(64))
    """Of the form it was filed with, so that the same one posted twice files once."""

    opened_at: Mapped[datetime] = mapped_column(Moment)
    state_since: Mapped[datetime] = mapped_column(Moment)
    clock_from: Mapped[datetime] = mapped_column(Moment)
    """Since when the clock runs: the opening, or the last reopening."""
    accept_due: Mapped[datetime | None] = mapped_column(Moment)
    contact_due: Mapped[datetime | None] = mapped_column(Moment)
    answer_due: Mapped[datetime | None] = mapped_column(Moment)
    """None while the clock rests."""
    next_due: Mapped[datetime | None] = mapped_column(Moment)
    """The earliest of what is not done; `RESTS` while the clock rests; None once the office owes nothing."""
    soon_at: Mapped[datetime | None] = mapped_column(Moment)
    """From when it is due soon: 80 % of the time until `next_due` is used, or the day has begun on which that is."""
    provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    """A year without a holiday table: deadlines are computed again when it comes."""
    answer_minutes: Mapped[int] = mapped_column(default=0)
    """Working minutes allowed for the answer, an extension included."""
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    pauses: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """Ended pauses as [from, to], ISO times."""
    accepted_at: Mapped[datetime | None] = mapped_column(Moment)
    contacted_at: Mapped[datetime | None] = mapped_column(Moment)
    """The first recorded contact with the person."""
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    heard_at: Mapped[datetime | None] = mapped_column(Moment)
    breached_at: Mapped[datetime | None] = mapped_column(Moment)
    """The first deadline that passed."""
    warned: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Warnings given since `clock_from`, such as `answer:80`."""
    extended: Mapped[bool] = mapped_column(Boolean, default=False)
    extension_minutes: Mapped[int | None]
    """Asked for and not decided yet."""
    returns: Mapped[int] = mapped_column(default=0)
    urged: Mapped[int] = mapped_column(default=0)
    """催办."""
    asked_again: Mapped[int] = mapped_column(default=0)
    """How often the person was asked whether it is solved, without an answer."""
    closing: Mapped[str | None] = mapped_column(String(12))
    solved: Mapped[bool | None] = mapped_column(Boolean)
    satisfaction: Mapped[str | None] = mapped_column(String(16))
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    follows: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    """An earlier ticket of the same matter."""

    entries: Mapped[int] = mapped_column(default=0)
    """How many entries its timeline has."""
    head: Mapped[str] = mapped_column(String(64), default="")
    """The hash of the newest entry."""
    search_key: Mapped[str] = mapped_column(String(16), default="", server_default="")
    """What its row in `ticket_search` was made of; empty: to be made."""


class SearchTerms(Base):
    """What a ticket is found by: pairs of characters, and digests of the last digits of its phone."""

    __tablename__ = "ticket_search"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True)
    terms: Mapped[str] = mapped_column(Text)
    """With a space before and after each."""


class Complainant(Base):
    """诉求人 of a joint ticket (联名): each is told the answer where they filed."""

    __tablename__ = "complainant"
    __table_args__ = (
        Index("ix_complainant_ticket", "ticket_id"),
        Index("ix_complainant_conversation", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_digest: Mapped[str | None] = mapped_column(String(64), index=True)
    relation: Mapped[str] = mapped_column(String(20), default="")
    """Of whoever filed for somebody else (代办); empty for one's own matter."""
    at: Mapped[datetime] = mapped_column(Moment)


class Entry(Base):
    """经过: one thing that happened to a ticket. Append-only, chained by hash."""

    __tablename__ = "ticket_entry"
    __table_args__ = (UniqueConstraint("ticket_id", "seq"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(Moment)
    role: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None]
    """Staff id; None for the person and the system."""
    kind: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """States, codes and times; nothing personal."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """Keyed digest of the content; empty without one."""
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EntryContent(Base):
    """The words of an entry; deleted when they are erased, the chain stays whole."""

    __tablename__ = "ticket_entry_content"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ticket_entry.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class Attachment(Base):
    """附件: a photo, voice or file that belongs to a ticket, or to a form that is still being filled in."""

    __tablename__ = "ticket_attachment"
    __table_args__ = (
        Index("ix_ticket_attachment_ticket", "ticket_id"),
        Index("ix_ticket_attachment_draft", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Moment)
    name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    """Bytes."""
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    channel: Mapped[str] = mapped_column(String(16), default="")
    reference: Mapped[str] = mapped_column(String(200), default="")
    """Where the content is still to be fetched; empty once that is done."""


class Task(Base):
    """任务 for staff beside the moves: call somebody whom no message reached, look into a bad rating."""

    __tablename__ = "ticket_task"
    __table_args__ = (
        Index("ix_ticket_task_ticket", "ticket_id"),
        Index("ix_ticket_task_open", "due_at", sqlite_where=STILL_OPEN, postgresql_where=STILL_OPEN),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Moment)
    due_at: Mapped[datetime] = mapped_column(Moment)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    done_at: Mapped[datetime | None] = mapped_column(Moment)


class UnsealRequest(Base):
    """Somebody who works a confidential ticket asks a leader to see name and phone. Only the asker and heads see it."""

    __tablename__ = "unseal_request"
    __table_args__ = (
        Index("ix_unseal_request_ticket", "ticket_id", "staff_id"),
        _index("ux_unseal_request_open", "ticket_id", "staff_id", where=UNDECIDED, unique=True),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    """Who asks."""
    at: Mapped[datetime] = mapped_column(Moment)
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    words: Mapped[str] = mapped_column(Text, default="")
    """Why it was granted or denied."""
    until: Mapped[datetime | None] = mapped_column(Moment)
    """Granted: how long they may look. None: not decided, or denied."""


class Access(Base):
    """A code that staff gave a person, who then sees one ticket from another device."""

    __tablename__ = "ticket_access"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    """Who used it; they may see the ticket from then on."""


class CannedReply(Base):
    """常用答复: a reply kept ready for tickets of a region and all below it."""

    __tablename__ = "canned_reply"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    region: Mapped[str] = mapped_column(String(28), index=True)
    category: Mapped[str | None] = mapped_column(String(16))
    """None: for any."""
    policy: Mapped[str | None] = mapped_column(String(80))
    provision: Mapped[str | None] = mapped_column(String(80))
    """What it rests on, by the ids of the knowledge base."""
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    removed_at: Mapped[datetime | None] = mapped_column(Moment)


class DayCount(Base):
    """How many numbers a day has given out."""

    __tablename__ = "ticket_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    last: Mapped[int]


class Anchor(Base):
    """Once a day: one digest over the heads of all timelines, so that nobody can rewrite a whole chain unseen."""

    __tablename__ = "ticket_anchor"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[int] = mapped_column(Id)
    """Id of the newest entry it covers. (By ids, not by times: whatever is written later is never covered.)"""
    tickets: Mapped[int]
    """How many changed since the anchor before."""
    heads: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
