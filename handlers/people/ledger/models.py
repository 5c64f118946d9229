"""The tables of the ledgers: imports in hand, contributions and subsidies (T3), services given (T4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, Float, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base, Id, Moment


class ImportRun(Base):
    """One import, from the file to its end; kept as a record of what came in."""

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_state", "state"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    """`RunState`."""
    template: Mapped[str] = mapped_column(String(4), default="")
    """`Template` that was found; empty before the file is read."""
    wanted: Mapped[str] = mapped_column(String(4), default="")
    """`Template` that was asked for; empty: by the columns."""
    region: Mapped[str] = mapped_column(String(28))
    """Whose ledger: rows of other places are refused."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by a command."""
    file_name: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed, context `import.name`: people name files after persons."""
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the file under our key: the same file again is known."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    turn: Mapped[str | None] = mapped_column(String(8), unique=True)
    """Set while it runs: the database lets one run at a time."""
    holder: Mapped[str | None] = mapped_column(String(32))
    """Fencing: the process that works on it; another takes over once `held_until` has passed."""
    held_until: Mapped[float | None] = mapped_column(Float)
    """Seconds since 1970, real time."""
    done_lines: Mapped[int] = mapped_column("done_row", default=0)
    """Lines below the headers, over all sheets, that are committed; whoever takes over goes on behind them."""
    rows: Mapped[int] = mapped_column(default=0)
    """Persons' rows of the file."""
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    """`Verdict` -> rows: in the preview what would be done, then what was."""
    findings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the preview tells (`Findings`), values masked."""
    error: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Code and data of why the file could not be read; empty where it could."""


class ImportFile(Base):
    """The file of an import that is in hand; gone once it has ended."""

    __tablename__ = "import_file"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Sealed base64, context `import.file`."""


class Contribution(Base):
    """What somebody paid into an insurance in a year, and the subsidy for it (缴费补贴)."""

    __tablename__ = "contribution"
    __table_args__ = (UniqueConstraint("person_id", "year", "insurance"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    year: Mapped[int]
    insurance: Mapped[str] = mapped_column(String(12))
    """employee or resident, as `columns.yaml` has them."""
    state: Mapped[str] = mapped_column(String(12), default="")
    """waiting, paid, given or returned; empty if not said."""
    paid: Mapped[int | None] = mapped_column(BigInteger)
    """Fen; so are `due` (应补) and `given` (实补)."""
    due: Mapped[int | None] = mapped_column(BigInteger)
    given: Mapped[int | None] = mapped_column(BigInteger)
    row: Mapped[bytes] = mapped_column(LargeBinary)
    """The whole row, sealed JSON, context `contribution.row`."""
    updated_at: Mapped[datetime] = mapped_column(Moment)


class ServiceRecord(Base):
    """A service that somebody was given: a briefing, guidance, training, an introduction to a job."""

    __tablename__ = "service_record"
    __table_args__ = (
        UniqueConstraint("person_id", "digest"),
        Index("ix_service_record_year", "year", "person_id", "kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    year: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    """`ServiceKind`."""
    held_on: Mapped[date] = mapped_column(Date)
    how: Mapped[str] = mapped_column(String(12), default="")
    """`ServiceHow`; empty if not said."""
    source: Mapped[str] = mapped_column(String(8))
    """`Source`: ledger, staff, or said (through the bot)."""
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    digest: Mapped[str] = mapped_column(String(64))
    """Of day, kind and content: the same service is counted once."""
    row: Mapped[bytes] = mapped_column(LargeBinary)
    """Content, post or course, result, officer, note: sealed JSON, context `service.row`."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When it was written down."""
