"""The tables of the people service: a person's record, and what they agreed to, as it was said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment


class Person(Base):
    """One person, known by one conversation. Deleted whole when they ask for it."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    region: Mapped[str | None] = mapped_column(String(9))
    """Division code of the place they named as theirs."""


class Consent(Base):
    """The last word of a person on one purpose."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("person_id", "purpose"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(24))
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)
