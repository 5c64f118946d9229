"""登记服务: one service for one person or for many at once; who they are is seen before it is written down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aiohttp import web

from bot.clock import LOCAL
from bot.database import Database
from bot.door import drop_unwanted
from bot.staff import audit
from bot.staff.roles import Permission
from bot.web.bodies import read_number
from bot.web.console import Page, Section, Visit
from handlers.people.console.asking import read_choice
from handlers.people.ledger.choosing import Choice, check_chosen, count_chosen, list_chosen
from handlers.people.ledger.desk import Ledgers
from handlers.people.ledger.labels import word
from handlers.people.ledger.privacy import Masked
from handlers.people.ledger.service_rules import ServiceHow, ServiceKind
from handlers.people.ledger.services import Given
from handlers.people.ledger.towns import towns_in
from handlers.people.person import Group, Source

RECORD = Permission.RECORD_SERVICE
MOST = 500
"""Persons of one form; a village."""
MOST_WORDS = 200
FIELDS = ("kind", "held_on", "how", "about", "offer", "result")


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    place: str
    village: str


class ServicePages:
    def __init__(self, database: Database, ledgers: Ledgers) -> None:
        self._database = database
        self._ledgers = ledgers
        self._masked = Masked(ledgers.sealer)

    def section(self) -> Section:
        return Section(
            pages=(
                Page("GET", "/staff/services/new", self.show, RECORD),
                Page("POST", "/staff/services", self.record, RECORD),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        """`?person=` for some, or `?region=&village=&group=` for all of a village."""
        query = visit.request.query
        ids = tuple(found for text in query.getall("person", []) if (found := read_number(text)) is not None)
        today = visit.now.astimezone(LOCAL).date().isoformat()
        fields = {**dict.fromkeys(FIELDS, ""), "held_on": today, "kind": query.get("kind", "")}
        return await self._draw(visit, read_choice(query, visit.staff, ids[:MOST]), fields)

    async def _draw(
        self,
        visit: Visit,
        choice: Choice,
        fields: Mapping[str, str],
        *,
        faults: Mapping[str, str] | None = None,
        picked: frozenset[int] | None = None,
    ) -> web.Response:
        async with self._database.reading() as session:
            count = 0 if choice.is_open else await count_chosen(session, choice)
            persons = await list_chosen(session, choice, limit=MOST) if 0 < count <= MOST else ()
        regions = self._ledgers.regions
        return await visit.page(
            "people/service_form",
            here="lacking",
            status=422 if faults else 200,
            choice=choice,
            count=count,
            most=MOST,
            rows=[
                Row(one.id, self._masked.name(one.name), regions.name(one.region or ""), one.village) for one in persons
            ],
            picked=picked,
            fields=fields,
            faults=faults or {},
            kinds=list(ServiceKind),
            hows=list(ServiceHow),
            groups=list(Group),
            towns=towns_in(regions, visit.staff.scope),
            word=word,
        )

    async def record(self, visit: Visit) -> web.Response:
        ids = tuple(dict.fromkeys(found for text in visit.all("person") if (found := read_number(text)) is not None))
        today = visit.now.astimezone(LOCAL).date()
        fields = {name: drop_unwanted(visit.form.get(name, "")).strip() for name in FIELDS}
        given, faults = read_given(fields, officer=visit.staff.display_name, today=today)
        if not ids:
            faults["who"] = "missing"
        elif len(ids) > MOST:
            faults["who"] = "many"
        if given is None or faults:
            choice = read_choice(visit.form, visit.staff)
            again = choice if not choice.is_open else Choice(visit.staff.scope, ids=ids)
            return await self._draw(visit, again, fields, faults=faults, picked=frozenset(ids))
        async with self._database.transaction() as session:
            await check_chosen(session, visit.staff.scope, ids)
            new = await self._ledgers.services.record(
                session, ids, given, source=Source.STAFF, staff_id=visit.staff.id, now=visit.now
            )
            await audit.append(
                session,
                audit.AuditAction.SERVICE_RECORDED,
                actor=visit.actor,
                subject=audit.Subject("person", str(ids[0])) if len(ids) == 1 else audit.Subject("ledger", "services"),
                at=visit.now,
                data={"kind": str(given.kind), "held_on": given.held_on.isoformat(), "persons": len(ids), "new": new},
            )
        return visit.go("/staff/lacking", done="service_recorded" if new else "service_there")


def read_given(fields: Mapping[str, str], *, officer: str, today: date) -> tuple[Given | None, dict[str, str]]:
    """The service of a form, or field -> what is wrong: missing, unknown, ahead, long."""
    faults: dict[str, str] = {}
    if fields["kind"] not in tuple(ServiceKind):
        faults["kind"] = "missing"
    try:
        held_on = date.fromisoformat(fields["held_on"])
    except ValueError:
        held_on = today
        faults["held_on"] = "missing" if not fields["held_on"] else "unknown"
    if held_on > today:
        faults["held_on"] = "ahead"
    if held_on.year < today.year - 5:
        faults["held_on"] = "old"
    faults |= {name: "long" for name in ("about", "offer", "result") if len(fields[name]) > MOST_WORDS}
    if faults:
        return None, faults
    how = ServiceHow(fields["how"]) if fields["how"] in tuple(ServiceHow) else None
    words = {name: fields[name] for name in ("about", "offer", "result")}
    return Given(ServiceKind(fields["kind"]), held_on, how, officer=officer, **words), {}
