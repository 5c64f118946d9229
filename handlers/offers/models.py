"""The tables of offers: fairs, vacancies and courses, and who is registered for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment
from handlers.people.models import Person


class Offer(Base):
    """One fair, vacancy or course. Its row is locked before seats are counted."""

    __tablename__ = "offer"
    __table_args__ = (
        Index("ix_offer_list", "state", "kind", "region"),
        Index("ix_offer_trade", "kind", "trade", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    """Digits, short enough to be said."""
    kind: Mapped[str] = mapped_column(String(12))
    """`Kind`."""
    state: Mapped[str] = mapped_column(String(12))
    """`State`."""
    title: Mapped[str] = mapped_column(String(120))
    region: Mapped[str] = mapped_column(String(9))
    """Whose people it is for; the scope of staff."""
    place: Mapped[str] = mapped_column(String(120), default="")
    """Where, in words."""
    site: Mapped[str] = mapped_column(String(9))
    """Division code of where; the region, where the words name no place."""
    starts: Mapped[datetime | None] = mapped_column(Moment)
    ends: Mapped[datetime | None] = mapped_column(Moment)
    closes: Mapped[datetime | None] = mapped_column(Moment)
    """Until when one can register, as written; `offer.closes_at` has the rule."""
    timed: Mapped[bool] = mapped_column(default=True)
    """False: days without a time of day."""
    seats: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    """Seats of those who are in or came."""
    waiting: Mapped[int] = mapped_column(default=0)
    """Seats that are waited for."""
    last_seq: Mapped[int] = mapped_column(default=0)
    """Number of the newest registration: the order in which they were accepted."""
    trade: Mapped[str] = mapped_column(String(24), default="")
    """Id in `trades.yaml`; empty without one."""
    employer: Mapped[str] = mapped_column(String(120), default="")
    pay_from: Mapped[int | None]
    """Yuan a month."""
    pay_to: Mapped[int | None]
    policy: Mapped[str] = mapped_column(String(80), default="")
    provision: Mapped[str] = mapped_column(String(80), default="")
    """The clause of an allowance, by document and provision."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What else is said of it: name in `offer.DETAILS` -> words."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts changes by staff; a stale form is told by it."""
    told_version: Mapped[int] = mapped_column(default=1)
    """The newest change of which those who registered are told."""
    news_at: Mapped[datetime | None] = mapped_column(Moment)
    """When those who had asked to be told of such a thing were told; None: not yet."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    updated_at: Mapped[datetime] = mapped_column(Moment)


class Registration(Base):
    """Somebody who registered. Names and phones are sealed (`Sealer(keys, "offers")`)."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("offer_id", "seq"),
        Index("ix_registration_line", "offer_id", "state", "seq"),
        Index("ix_registration_chat", "conversation_id", "state"),
        Index("ix_registration_person", "person_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id", ondelete="CASCADE"))
    seq: Mapped[int]
    """Order of acceptance within the offer."""
    state: Mapped[str] = mapped_column(String(12))
    """`Standing`."""
    people: Mapped[int] = mapped_column(default=1)
    """Seats taken together."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey(Person.id, ondelete="SET NULL"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="SET NULL"))
    """Who asked for it, and is told; None once they had everything deleted."""
    relation: Mapped[str] = mapped_column(String(12), default="")
    """For whom, where not for themselves: `son`, `wife`; names in `words.yaml`."""
    name: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Context `registration.name`."""
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Context `registration.phone`."""
    code: Mapped[str] = mapped_column(String(8))
    """What they say at the door; another for each of an offer."""
    at: Mapped[datetime] = mapped_column(Moment)
    came_at: Mapped[datetime | None] = mapped_column(Moment)
    reminded: Mapped[str] = mapped_column(String(8), default="")
    """The last reminder that they had: `day`, `hours`."""
    told_version: Mapped[int] = mapped_column(default=1)
    """The change of the offer that they know of."""
