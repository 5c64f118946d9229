"""The tables of campaigns: what is sent, to whom, and which answers people were given before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment
from handlers.people.models import Person


class Campaign(Base):
    """One notice to many."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index(
            "ix_campaign_active",
            "state",
            postgresql_where=text("state IN ('scheduled', 'running')"),
            sqlite_where=text("state IN ('scheduled', 'running')"),
        ),
        Index("ix_campaign_region", "region"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    """`Kind`."""
    state: Mapped[str] = mapped_column(String(12))
    """`State`."""
    title: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(9))
    """Whose; the scope of staff. Nobody outside it is ever told."""
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Channel, or `all` -> text with variables."""
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`audience.write_rule`."""
    recent_days: Mapped[int]
    """Who was told something in the last so many days is left out; 0 = nobody is for that."""
    given: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Values of variables that staff wrote: `when`, `where`, `old`, `new`."""
    offer: Mapped[str] = mapped_column(String(8), default="")
    """Code of the offer that it tells of."""
    policy: Mapped[str] = mapped_column(String(80), default="")
    provision: Mapped[str] = mapped_column(String(80), default="")
    """The clause it rests on."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by a command."""
    editor_id: Mapped[int | None]
    """Who changed it last; a number of `staff`."""
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_by: Mapped[str] = mapped_column(String(60), default="")
    """Their name as it was then."""
    approved_at: Mapped[datetime | None] = mapped_column(Moment)
    size: Mapped[int | None]
    """How many it would have gone to when it was approved."""
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when a draft waits for somebody who may approve it."""
    starts_at: Mapped[datetime | None] = mapped_column(Moment)
    held: Mapped[str] = mapped_column(String(16), default="")
    """`Hold`; empty while it sends."""
    reason: Mapped[str] = mapped_column(String(16), default="")
    """`Reason` of why it is paused or stopped."""
    gathered_to: Mapped[int] = mapped_column(BigInteger, default=0)
    """Id of the last person who was looked at."""
    gathered_at: Mapped[datetime | None] = mapped_column(Moment)
    """When all had been."""
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes by staff; a stale form is told by it."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Recipient(Base):
    """One person of a campaign, once."""

    __tablename__ = "recipient"
    __table_args__ = (
        UniqueConstraint("campaign_id", "person_id"),
        Index("ix_recipient_line", "campaign_id", "state", "id"),
        Index("ix_recipient_person", "person_id", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id, ondelete="SET NULL"))
    """None once they had everything deleted."""
    state: Mapped[str] = mapped_column(String(16))
    """`Standing`."""
    fault: Mapped[str] = mapped_column(String(24), default="")
    """Why it failed, or why they were left out."""
    at: Mapped[datetime] = mapped_column(Moment)
    """Since when it stands so."""
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    """The one chat of theirs that got it."""
    seq: Mapped[int | None]
    """Which message there."""
    delivery_id: Mapped[int | None] = mapped_column(BigInteger)
    """Its row in the outbox, which is tidied away before this one."""
    open_ends: Mapped[int] = mapped_column(default=0)
    """Sendings that may have arrived and of whose end we never heard; see `progress`."""
    told_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Who told them in person."""


class GivenAnswer(Base):
    """What somebody was told from a document, so that they can be told when it does not hold any more."""

    __tablename__ = "given_answer"
    __table_args__ = (
        UniqueConstraint("conversation_id", "policy", "provision", "fact", "words"),
        Index("ix_given_answer_matter", "provision", "policy", "at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    policy: Mapped[str] = mapped_column(String(80))
    """Empty for what no document is about: jobs, training."""
    provision: Mapped[str] = mapped_column(String(80))
    fact: Mapped[str] = mapped_column(String(80), default="")
    words: Mapped[str] = mapped_column(String(16), default="")
    """Digest of what was said, so that other words are another answer."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When they were last told so."""
