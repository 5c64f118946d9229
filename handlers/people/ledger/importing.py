"""Takes a ledger in: looked at first (what would be done), then done in small steps, each a place to go on from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.database import Database
from bot.sealing import Sealer
from bot.staff.roles import EVERYWHERE, Scope
from handlers.people.ledger.cells import Line
from handlers.people.ledger.columns import Columns, Template, load_columns
from handlers.people.ledger.contributions import ContributionTaker
from handlers.people.ledger.faults import Fault
from handlers.people.ledger.known import Knowing
from handlers.people.ledger.persons import PersonTaker, helpers_of
from handlers.people.ledger.placing import Placing
from handlers.people.ledger.plans import WRITES, Plan, Taker, Verdict
from handlers.people.ledger.rows import Reading, Record, RowReader
from handlers.people.ledger.service_rows import ServiceTaker
from handlers.people.ledger.services import ServiceBook
from handlers.people.ledger.tables import Table, open_table
from handlers.people.models import Person
from knowledge.regions import Regions

CHUNK = 25
"""Rows of one transaction: the only writer of SQLite is never held longer than a turn of the chat takes."""
LOOK_CHUNK = 400
"""Rows of one question where nothing is written."""
MOST_FAULTS = 200
"""Faults that a preview keeps; the table of faults holds all."""


@dataclass
class Findings:
    """What was found in a ledger; in the preview what would be done, after it what was."""

    template: str = ""
    sheet: str = ""
    other_sheets: list[str] = field(default_factory=list)
    columns: list[dict[str, str]] = field(default_factory=list)
    """Header in the file, field, label of ours."""
    unknown_columns: list[str] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    hidden: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, Verdict), 0))
    faults: list[dict[str, Any]] = field(default_factory=list)
    fault_counts: dict[str, int] = field(default_factory=dict)
    """Code -> how often."""
    regions: dict[str, int] = field(default_factory=dict)
    """Division code -> rows that fall there; empty for none."""
    not_named: int = 0
    """Persons of this place whom an earlier ledger named and this one does not; they are left alone."""

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "faults": sorted(self.faults, key=lambda fault: int(fault["row"]))}

    def count_faults(self, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self.fault_counts[fault.code] = self.fault_counts.get(fault.code, 0) + 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(describe(fault))


def describe(fault: Fault) -> dict[str, Any]:
    found: dict[str, Any] = {"row": fault.row, "column": fault.column, "code": fault.code, "refused": fault.refused}
    return {**found, "value_masked": fault.value} if fault.value else found


@dataclass(frozen=True)
class Batch:
    """Rows that were read together."""

    records: Sequence[Record]
    last_row: int
    """Number of the last line of the sheet that was read for them."""


OnFaults = Callable[[Sequence[Fault]], None]


class Import:
    """One ledger, open for reading, over one place."""

    def __init__(self, database: Database, table: Table, taker: Taker, columns: Columns, *, scope: Scope, today: date):
        self._database = database
        self._table = table
        self._taker = taker
        self._columns = columns
        self._scope = scope
        self._today = today
        heading = table.heading
        self.findings = Findings(
            str(heading.template),
            table.sheet,
            list(table.other_sheets),
            [
                {"header": column.header, "field": column.field, "label": self._label(column.field)}
                for column in heading.columns
            ],
            list(heading.unknown),
            dict(heading.titles),
        )
        self._headers = {column.field: column.header for column in heading.columns}

    def _label(self, name: str) -> str:
        return self._columns.fields[self._table.heading.template][name].label

    async def look(self, *, on_faults: OnFaults | None = None) -> Findings:
        """What would be done; nothing is written. Raises BadTable."""
        named_before = await self._count_named()
        async for plans in self._compared(LOOK_CHUNK, on_faults):
            for plan in plans:
                self._count(plan)
        self._note_not_named(named_before)
        return self.findings

    async def run(
        self, write: Callable[[Sequence[Plan], int], Awaitable[None]], *, after_row: int = 0
    ) -> AsyncIterator[Findings]:
        """Do it, step by step; rows up to `after_row` are done already and not counted. `write` gets what a step is
        to write, or nothing, and the number of its last row. Raises BadTable.
        """
        named_before = await self._count_named()
        async for batch in self._batches(CHUNK, None, after_row):
            plans = await self._compare(batch.records)
            for plan in plans:
                self._count(plan)
            await write([plan for plan in plans if plan.verdict in WRITES], batch.last_row)
            yield self.findings
        self._note_not_named(named_before)

    async def _compared(self, size: int, on_faults: OnFaults | None) -> AsyncIterator[list[Plan]]:
        async for batch in self._batches(size, on_faults):
            plans = await self._compare(batch.records)
            if on_faults is not None:
                on_faults([fault for plan in plans for fault in self._faults_of(plan)])
            yield plans

    async def _compare(self, records: Sequence[Record]) -> list[Plan]:
        if not records:
            return []
        async with self._database.reading() as session:
            return await self._taker.compare(session, records)

    async def _batches(self, size: int, on_faults: OnFaults | None, after_row: int = 0) -> AsyncIterator[Batch]:
        """Read in a thread, so that the chat goes on meanwhile."""
        reader = RowReader(self._table.heading, self._columns, today=self._today)
        lines = self._table.lines()
        seen: dict[int, int] = {}
        while True:
            batch, faults = await asyncio.to_thread(self._read, reader, islice(lines, size), seen, after_row)
            self.findings.count_faults(faults)
            if on_faults is not None:
                on_faults(faults)
            if batch is None:
                return
            yield batch

    def _read(
        self, reader: RowReader, lines: Iterator[Line], seen: dict[int, int], after_row: int
    ) -> tuple[Batch | None, list[Fault]]:
        """The next batch, None at the end; and what is wrong with its rows."""
        records: list[Record] = []
        faults: list[Fault] = []
        last = 0
        for last, reading in ((line.number, reader.read(line)) for line in lines):
            twice = self._note(reading, seen)
            if last <= after_row:
                continue
            if reading.skipped:
                self.findings.skipped[reading.skipped] = self.findings.skipped.get(reading.skipped, 0) + 1
                continue
            self.findings.rows += 1
            faults += [*reading.faults, *twice]
            if reading.record is None or twice:
                self.findings.counts[Verdict.REFUSED] += 1
                continue
            self.findings.hidden += reading.record.hidden
            records.append(reading.record)
        return (Batch(records, last) if last else None), faults

    def _note(self, reading: Reading, seen: dict[int, int]) -> list[Fault]:
        """Whether a row before was the same; of each only a number is kept, so that many rows take little."""
        if reading.record is None:
            return []
        row = reading.record.row
        first = seen.setdefault(hash(self._taker.key(reading.record)), row)
        return [] if first == row else [Fault(row, self._headers.get("id_number", ""), "twice", str(first))]

    def _count(self, plan: Plan) -> None:
        self.findings.counts[plan.verdict] += 1
        if plan.verdict is not Verdict.REFUSED:
            region = plan.region or ""
            self.findings.regions[region] = self.findings.regions.get(region, 0) + 1
        self.findings.count_faults(self._faults_of(plan))

    def _faults_of(self, plan: Plan) -> list[Fault]:
        refused = plan.verdict is Verdict.REFUSED
        return [
            Fault(plan.record.row, self._headers.get(name, ""), code, refused=refused) for name, code in plan.faults
        ]

    async def _count_named(self) -> int:
        """Persons of this place whom an earlier ledger named."""
        if self._table.heading.template is not Template.T2:
            return 0
        wanted = select(func.count()).select_from(Person).where(Person.ledger_at.is_not(None))
        if self._scope.region != EVERYWHERE:
            wanted = wanted.where(Person.region.startswith(self._scope.prefix or self._scope.region, autoescape=True))
        async with self._database.reading() as session:
            return await session.scalar(wanted) or 0

    def _note_not_named(self, named_before: int) -> None:
        again = self.findings.counts[Verdict.CHANGED] + self.findings.counts[Verdict.SAME]
        self.findings.not_named = max(0, named_before - again)


@dataclass(frozen=True)
class Importer:
    """What imports are made from."""

    database: Database
    sealer: Sealer
    regions: Regions
    book: ServiceBook

    async def open(
        self, file: BinaryIO, *, scope: Scope, wanted: Template | None = None, now: datetime
    ) -> tuple[Import, Taker]:
        """Raises BadTable."""
        columns = load_columns()
        table = await asyncio.to_thread(open_table, file, columns, wanted=wanted)
        async with self.database.reading() as session:
            helpers = await helpers_of(session, scope)
        taker = self._taker(table.heading.template, columns, scope, helpers)
        today = now.astimezone(LOCAL).date()
        return Import(self.database, table, taker, columns, scope=scope, today=today), taker

    def _taker(self, template: Template, columns: Columns, scope: Scope, helpers: dict[str, int]) -> Taker:
        knowing = Knowing(self.sealer, scope)
        match template:
            case Template.T2:
                return PersonTaker(self.sealer, columns, Placing(self.regions, scope), scope, helpers)
            case Template.T3:
                return ContributionTaker(self.sealer, knowing)
            case Template.T4:
                return ServiceTaker(self.book, knowing)


async def write_plans(session: AsyncSession, taker: Taker, plans: Sequence[Plan], *, now: datetime) -> None:
    """Compared once more inside the transaction that writes: somebody may have changed a person meanwhile."""
    fresh = await taker.compare(session, [plan.record for plan in plans])
    await taker.write(session, fresh, now=now)
