"""The tables of the people service: a person's record, and what they agreed to, as it was said."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment


class Person(Base):
    """One person: from a chat, from the bureau's ledger, or both once they confirmed that they are the same.

    Name, phone and identity number are sealed (`Sealer(keys, "people")`, contexts `person.name`, `person.phone`,
    `person.id_number`) beside the digests by which they are found.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_region", "region"),
        Index("ix_person_place", "region", "village", "id"),
        Index("ix_person_helper", "helper_id"),
        Index("ix_person_name", "name_digest"),
        Index("ix_person_phone", "phone_digest"),
        Index("ix_person_id_number", "id_digest", unique=True),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)
    region: Mapped[str | None] = mapped_column(String(9))
    """Division code of the place they named as theirs, down to the township."""
    village: Mapped[str] = mapped_column(String(60), default="")
    """Village or community as text; no package of codes holds them all."""
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_digest: Mapped[str | None] = mapped_column(String(64))
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_digest: Mapped[str | None] = mapped_column(String(64))
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    """From the bureau's ledger alone, never from a chat."""
    id_digest: Mapped[str | None] = mapped_column(String(64))
    gender: Mapped[str] = mapped_column(String(8), default="")
    birth_year: Mapped[int | None]
    age_band: Mapped[str] = mapped_column(String(8), default="")
    """`AgeBand` where only that was said; where the year of birth is known, that counts."""
    employment: Mapped[str] = mapped_column(String(16), default="")
    """`Employment`; empty if not known."""
    work_form: Mapped[str] = mapped_column(String(16), default="")
    """`WorkForm`; empty if not known."""
    skills: Mapped[list[str]] = mapped_column(JSON, default=list)
    """In their own words, a few characters each."""
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Answers of the eligibility interview, kept where the person agreed: name of `asker.yaml` -> value."""
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """帮扶责任人, where it is an account."""
    ledger: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The other columns of the bureau's ledger (T2), sealed JSON, context `person.ledger`."""
    ledger_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the ledger named them last; None for who is known from a chat alone."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes; a stale form is told by it."""


class PersonChat(Base):
    """A chat of a person. A chat is of one person; who asks for somebody else is not that person."""

    __tablename__ = "person_chat"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), unique=True)
    at: Mapped[datetime] = mapped_column(Moment)
    region: Mapped[str | None] = mapped_column(String(9))
    """The place asked about there, where the ledger names another as theirs: its word stands for the person."""


class StandIn(Base):
    """Somebody for whom a chat acts, and who agreed to it: its mother, its son. They are a person of their own."""

    __tablename__ = "stand_in"
    __table_args__ = (UniqueConstraint("conversation_id", "person_id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    relation: Mapped[str] = mapped_column(String(12))
    """As in `offers/words.yaml`: `mother`, `son`."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When the asker said that they agree."""


class PersonGroup(Base):
    """A group of the policies to which a person belongs."""

    __tablename__ = "person_group"
    __table_args__ = (
        UniqueConstraint("person_id", "name"),
        Index("ix_person_group_name", "name", "person_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(24))
    """`Group`."""
    source: Mapped[str] = mapped_column(String(8))
    """`Source`: the ledger's word stands over what was said."""
    at: Mapped[datetime] = mapped_column(Moment)


class Wish(Base):
    """What work, or what course, somebody looks for."""

    __tablename__ = "wish"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "trade"),
        Index("ix_wish_trade", "kind", "trade", "person_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    """`WishKind`."""
    trade: Mapped[str] = mapped_column(String(24))
    """Id in `trades.yaml`; `any` where none was named, `other` where it is not in the table."""
    words: Mapped[str] = mapped_column(String(80))
    """As it was said."""
    region: Mapped[str | None] = mapped_column(String(9))
    """Where; None = near their place or anywhere."""
    pay_from: Mapped[int | None]
    """Yuan a month at least."""
    source: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Moment)


class Consent(Base):
    """The last word of a person on one purpose."""

    __tablename__ = "consent"
    __table_args__ = (UniqueConstraint("person_id", "purpose"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    purpose: Mapped[str] = mapped_column(String(24))
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Moment)


class MatchTry(Base):
    """Somebody said a name to a phone of the ledger; so many a day, for a phone and for a chat."""

    __tablename__ = "match_try"
    __table_args__ = (Index("ix_match_try_conversation", "conversation_id", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    phone_digest: Mapped[str] = mapped_column(String(64), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Moment)


class CheckIn(Base):
    """One time that a person was asked how work goes, and what came of it."""

    __tablename__ = "check_in"
    __table_args__ = (Index("ix_check_in_person", "person_id", "asked_at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    asked_at: Mapped[datetime] = mapped_column(Moment)
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    state: Mapped[str] = mapped_column(String(8))
    """`CheckInState`."""
    employment: Mapped[str] = mapped_column(String(16), default="")
    """`Employment`, as answered; empty without an answer."""
    income: Mapped[str] = mapped_column(String(8), default="")
    """`Income`, as answered."""
    training: Mapped[bool | None]
    """Whether they wish for a course."""


class PersonTask(Base):
    """Somebody should look after a person: for the helper of their village."""

    __tablename__ = "person_task"
    __table_args__ = (
        Index("ix_person_task_person", "person_id"),
        Index("ix_person_task_state", "state", "region", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(16))
    """`TaskReason`."""
    state: Mapped[str] = mapped_column(String(8))
    """`TaskState`."""
    region: Mapped[str | None] = mapped_column(String(9))
    """The person's place and village when it was made: lists and counts go by them."""
    village: Mapped[str] = mapped_column(String(60), default="")
    helper_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """Whose it is; None: any helper of the place."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    done_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str] = mapped_column(Text, default="")
    """What the helper found, in their words."""
