"""Takes a ledger in: looked at first (what would be done), then done in small steps, each a place to go on from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import BinaryIO

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
from handlers.people.ledger.findings import Findings
from handlers.people.ledger.heading import Heading
from handlers.people.ledger.householders import Householders
from handlers.people.ledger.known import Knowing
from handlers.people.ledger.masking import mask_header
from handlers.people.ledger.persons import PersonTaker, helpers_of, villages_of
from handlers.people.ledger.placing import Placing
from handlers.people.ledger.plans import WRITES, Plan, Taker, Verdict
from handlers.people.ledger.rows import Reading, Record, RowReader
from handlers.people.ledger.seen import Seen
from handlers.people.ledger.service_rows import ServiceTaker
from handlers.people.ledger.services import ServiceBook
from handlers.people.ledger.tables import Table, open_table
from handlers.people.models import Person
from knowledge.regions import Regions

CHUNK = 25
"""Rows of one transaction: the only writer of SQLite is never held longer than a turn of the chat takes."""
LOOK_CHUNK = 400
"""Rows of one question where nothing is written."""


@dataclass(frozen=True)
class Batch:
    """Rows that were read together."""

    records: Sequence[Record]
    done: int
    """Lines of the ledger that were read up to and with them."""


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
        self.findings = Findings(
            str(table.template),
            [
                {"name": one.name, "titles": dict(one.heading.titles), "rows": 0, **dict.fromkeys(map(str, Verdict), 0)}
                for one in table.sheets
            ],
            {name: str(why) for name, why in table.other_sheets.items()},
            self._list_columns(),
            [mask_header(one, columns) for one in _all_of(one.heading.unknown for one in table.sheets)],
            _all_of(one.heading.repeated for one in table.sheets),
        )

    def _list_columns(self) -> list[dict[str, str]]:
        """Of all sheets, each once."""
        fields = self._columns.fields[self._table.template]
        all_columns = dict.fromkeys(
            (column.header, column.field) for sheet in self._table.sheets for column in sheet.heading.columns
        )
        return [{"header": header, "field": name, "label": fields[name].label} for header, name in all_columns]

    def _header(self, place: int, name: str) -> str:
        columns = self._table.sheets[place].heading.columns
        found = next((column.header for column in columns if column.field == name), "")
        one = self._columns.fields[self._table.template].get(name)
        return found or (one.label if one else "")  # a header further down has it

    async def look(self, *, on_faults: OnFaults | None = None) -> Findings:
        """What would be done; nothing is written. Raises BadTable."""
        named_before = await self._count_named()
        async for plans in self._compared(LOOK_CHUNK, on_faults):
            for plan in plans:
                self._count(plan)
        self._note_not_named(named_before)
        return self.findings

    async def run(
        self, write: Callable[[Sequence[Plan], int], Awaitable[None]], *, after: int = 0
    ) -> AsyncIterator[Findings]:
        """Do it, step by step; the first `after` lines are done already and not counted. `write` gets what a step is
        to write, or nothing, and how many lines are done with it. Raises BadTable.
        """
        named_before = await self._count_named()
        async for batch in self._batches(CHUNK, None, after):
            plans = await self._compare(batch.records)
            for plan in plans:
                self._count(plan)
            await write([plan for plan in plans if plan.verdict in WRITES], batch.done)
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

    async def _batches(self, size: int, on_faults: OnFaults | None, after: int = 0) -> AsyncIterator[Batch]:
        """Read in a thread, so that the chat goes on meanwhile."""
        readers = [
            RowReader(sheet.heading, self._columns, today=self._today, sheet=sheet.name, place=place)
            for place, sheet in enumerate(self._table.sheets)
        ]
        lines = enumerate(self._table.lines(), start=1)
        seen = Seen()
        householders = Householders(wanted=self._table.template is Template.T2)
        while True:
            batch, faults = await asyncio.to_thread(self._read, readers, islice(lines, size), seen, householders, after)
            if batch is None:
                faults += self._apart(householders)
            self.findings.count_faults(faults)
            if on_faults is not None:
                on_faults(faults)
            if batch is None:
                return
            yield batch

    def _read(
        self,
        readers: Sequence[RowReader],
        lines: Iterator[tuple[int, tuple[int, Line]]],
        seen: Seen,
        householders: Householders,
        after: int,
    ) -> tuple[Batch | None, list[Fault]]:
        """The next batch, None at the end; and what is wrong with its rows."""
        records: list[Record] = []
        faults: list[Fault] = []
        done = 0
        for done, (place, line) in lines:
            reading = readers[place].read(line)
            householders.note(place, line.number, reading)
            if reading.heading is not None:
                self._note_columns(reading.heading)
            twice = self._note(reading, seen)
            if done <= after:
                continue
            if reading.skipped:
                self.findings.skipped[reading.skipped] = self.findings.skipped.get(reading.skipped, 0) + 1
                continue
            self.findings.rows += 1
            self.findings.sheets[place]["rows"] += 1
            faults += [*reading.faults, *twice]
            if reading.record is None or twice:
                self._count_verdict(place, Verdict.REFUSED)
                continue
            self.findings.hidden += reading.record.hidden
            records.append(reading.record)
        return (Batch(records, done) if done else None), faults

    def _note_columns(self, heading: Heading) -> None:
        """Of a header further down, what the others have not."""
        known = {(one["header"], one["field"]) for one in self.findings.columns}
        fields = self._columns.fields[heading.template]
        self.findings.columns += [
            {"header": one.header, "field": one.field, "label": fields[one.field].label}
            for one in heading.columns
            if (one.header, one.field) not in known
        ]
        self.findings.unknown_columns = _all_of([self.findings.unknown_columns, heading.unknown])
        self.findings.repeated_columns = _all_of([self.findings.repeated_columns, heading.repeated])

    def _apart(self, householders: Householders) -> list[Fault]:
        """Householders who are named beside others and have no row."""
        return [
            Fault(
                row,
                self._header(place, "householder_id"),
                "householder_apart",
                "",
                False,
                self._table.sheets[place].name,
            )
            for place, row in householders.apart()
        ]

    def _count_verdict(self, place: int, verdict: Verdict) -> None:
        self.findings.counts[verdict] += 1
        self.findings.sheets[place][verdict] += 1

    def _note(self, reading: Reading, seen: Seen) -> list[Fault]:
        """Whether a row before had the same key; the same whole row on another sheet (总表) is no fault."""
        if (record := reading.record) is None:
            return []
        name = str(record.fields.get("name", ""))
        whole = str(record.fields) if len(self._table.sheets) > 1 else ""
        first = seen.note(self._taker.key(record), name, whole, sheet=record.place, row=record.row)
        if first is None:
            return []
        if first.same and first.sheet != record.place:
            reading.skipped = "again"
            return []
        code = "twice" if first.same_name else "twice_differs"
        sheet, before = self._table.sheets[record.place].name, self._table.sheets[first.sheet].name
        where = f"{first.row}" if before == sheet else f"{before} {first.row}"
        return [Fault(record.row, self._header(record.place, "id_number"), code, where, sheet=sheet)]

    def _count(self, plan: Plan) -> None:
        self._count_verdict(plan.record.place, plan.verdict)
        if plan.verdict is not Verdict.REFUSED:
            region = plan.region or ""
            self.findings.regions[region] = self.findings.regions.get(region, 0) + 1
        self.findings.count_faults(self._faults_of(plan))

    def _faults_of(self, plan: Plan) -> list[Fault]:
        refused = plan.verdict is Verdict.REFUSED
        row, place = plan.record.row, plan.record.place
        sheet = self._table.sheets[place].name
        return [Fault(row, self._header(place, name), code, refused=refused, sheet=sheet) for name, code in plan.faults]

    async def _count_named(self) -> int:
        """Persons of this place whom an earlier ledger named."""
        if self._table.template is not Template.T2:
            return 0
        wanted = select(func.count()).select_from(Person).where(Person.ledger_at.is_not(None))
        if self._scope.region != EVERYWHERE:
            wanted = wanted.where(Person.region.startswith(self._scope.prefix or self._scope.region, autoescape=True))
        async with self._database.reading() as session:
            return await session.scalar(wanted) or 0

    def _note_not_named(self, named_before: int) -> None:
        again = self.findings.counts[Verdict.CHANGED] + self.findings.counts[Verdict.SAME]
        self.findings.not_named = max(0, named_before - again)


def _all_of(lists: Iterable[Sequence[str]]) -> list[str]:
    """Each once, in order."""
    return list(dict.fromkeys(one for some in lists for one in some))


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
            villages = await villages_of(session, scope)
        taker = self._taker(table.template, columns, scope, helpers, villages)
        today = now.astimezone(LOCAL).date()
        return Import(self.database, table, taker, columns, scope=scope, today=today), taker

    def _taker(
        self, template: Template, columns: Columns, scope: Scope, helpers: dict[str, int], villages: dict[str, set[str]]
    ) -> Taker:
        knowing = Knowing(self.sealer, scope)
        match template:
            case Template.T2:
                return PersonTaker(self.sealer, columns, Placing(self.regions, scope), scope, helpers, villages)
            case Template.T3:
                return ContributionTaker(self.sealer, knowing)
            case Template.T4:
                return ServiceTaker(self.book, knowing)


async def write_plans(session: AsyncSession, taker: Taker, plans: Sequence[Plan], *, now: datetime) -> None:
    """Compared once more inside the transaction that writes: somebody may have changed a person meanwhile."""
    fresh = await taker.compare(session, [plan.record for plan in plans])
    await taker.write(session, fresh, now=now)
