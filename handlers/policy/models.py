"""The tables of the policy service: what had no answer, what people thought of answers, who was in danger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment


class Gap(Base):
    """A question without an answer, without names, numbers and addresses."""

    __tablename__ = "gap"
    __table_args__ = (Index("ix_gap_conversation", "conversation_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    """Only so that the person can be told; cut when they have their data deleted."""
    at: Mapped[datetime] = mapped_column(Moment)
    words: Mapped[str] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(String(9))
    reason: Mapped[str] = mapped_column(String(16))
    tell: Mapped[bool] = mapped_column(default=False)
    """The person wants to hear when there is an answer."""


class Feedback(Base):
    """有用 or 没用 for one answer, and why."""

    __tablename__ = "feedback"
    __table_args__ = (Index("ix_feedback_conversation", "conversation_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(Moment)
    template: Mapped[str] = mapped_column(String(80))
    """What kind of reply it was."""
    about: Mapped[str] = mapped_column(String(160))
    """`policy/provision` of what was told; empty where nothing was."""
    useful: Mapped[bool]
    why: Mapped[str | None] = mapped_column(String(16))
    """off_topic, unclear, wrong_figure or wrong_place."""


class Crisis(Base):
    """Somebody in danger. Holds none of their words; kept though the person has their data deleted."""

    __tablename__ = "crisis"
    __table_args__ = (Index("ix_crisis_open", "taken_at", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    region: Mapped[str | None] = mapped_column(String(9))
    route: Mapped[str] = mapped_column(String(12))
    """crisis or grievance."""
    kind: Mapped[str] = mapped_column(String(16))
    """self_harm, violence, gathering, or urgent."""
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    taken_at: Mapped[datetime | None] = mapped_column(Moment)
    taken_by: Mapped[str | None] = mapped_column(String(80))
    taken_by_id: Mapped[int | None] = mapped_column(Id)
    """Of whoever took it with an account; they may talk with the person."""
