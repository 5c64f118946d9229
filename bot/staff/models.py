"""The tables of the staff: accounts, and the audit as one hash chain. Only this package writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKey, String, Text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from bot.models import Base, Id, Moment
from bot.staff.roles import Role, Scope


class Staff(Base):
    """One account. Its row is locked before it is changed; it is never deleted, so that the audit keeps its names."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(40))
    login: Mapped[str] = mapped_column(String(40), unique=True)
    """The name as it is compared. (What `lower()` does differs between databases.)"""
    display_name: Mapped[str] = mapped_column(String(60))
    role: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(28))
    """Sees and works what lies here and below."""
    telegram_id: Mapped[str | None] = mapped_column(String(32), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    must_change_password: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    """Wrong passwords in a row."""
    locked_until: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    last_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    on_duty: Mapped[bool] = mapped_column(default=True)
    """Gets work by turns; new accounts do, so that nothing waits for a switch nobody thought of."""
    away_since: Mapped[datetime | None] = mapped_column(Moment)
    session_version: Mapped[int] = mapped_column(default=1)
    """A signed-in session holds it and ends when it has moved on: new password, disabled."""

    @property
    def scope(self) -> Scope:
        return Scope(self.region)

    @property
    def as_role(self) -> Role:
        return Role(self.role)


class StaffSession(Base):
    """Who is signed in to the console: one device an account, known by the digest of its cookie."""

    __tablename__ = "staff_session"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    version: Mapped[int]
    """`Staff.session_version` when it began."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)


class BureauSetting(Base):
    """本局设置: what the console changes and files hold otherwise (offices, deadlines), as JSON by key."""

    __tablename__ = "bureau_setting"

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Moment)


class AuditEntry(Base):
    """One thing done; append-only, which triggers in the database hold too."""

    __tablename__ = "staff_audit"

    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    """Its place in the chain, from 1, without gaps."""
    at: Mapped[datetime] = mapped_column(Moment)
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(24))
    subject_kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Ids and codes; nothing that tells of a person."""
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The newest entry's place and hash; its row is the lock under which entries are appended."""

    __tablename__ = "staff_audit_head"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    length: Mapped[int] = mapped_column(Id)
    hash: Mapped[str] = mapped_column(String(64))


def is_within(
    scope: Scope, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """`scope.covers(column)` as a condition; for columns that hold nothing but ids of regions."""
    if scope.prefix is None:
        return column == scope.region
    return column.startswith(scope.prefix, autoescape=True)
