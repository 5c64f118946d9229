"""Lists of persons for staff: of their region alone, by name, phone, identity number, village, group; page by page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.sealing import Sealer, find_phone
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Scope
from handlers.people.masking import half_hidden
from handlers.people.models import Person, PersonGroup
from handlers.people.person import Employment, Group

PAGE = 30
MOST_COUNTED = 10_000
"""So many are counted; of more only that they are more."""
_ID = re.compile(r"[1-9]\d{16}[\dXx]|[1-9]\d{14}")


@dataclass(frozen=True)
class Chosen:
    """The filters of the address bar."""

    words: str = ""
    """A name, a phone, an identity number, a village."""
    town: str = ""
    """Division code."""
    village: str = ""
    group: str = ""
    employment: str = ""
    source: str = ""
    """`ledger` or `chat`."""
    mine: bool = False
    """Of whom the reader is the helper."""

    @property
    def is_any(self) -> bool:
        return self != Chosen()

    def as_query(self) -> dict[str, str]:
        """For the address; empty filters left out."""
        found = {
            "q": self.words,
            "town": self.town,
            "village": self.village,
            "group": self.group,
            "employment": self.employment,
            "source": self.source,
            "mine": "yes" if self.mine else "",
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True)
class Line:
    """One person of a list, masked."""

    id: int
    name: str
    phone: str
    region: str | None
    village: str
    groups: tuple[str, ...]
    employment: str
    of_ledger: bool


@dataclass(frozen=True)
class Found:
    lines: Sequence[Line]
    total: int
    """At most `MOST_COUNTED` + 1."""


def read_chosen(query: Mapping[str, str], *, towns: Mapping[str, str]) -> Chosen:
    """Of the address what is known; the rest is passed over."""

    def one_of(name: str, known: object) -> str:
        value = query.get(name, "")
        return value if value and value in known else ""  # type: ignore[operator]

    return Chosen(
        words=unicodedata.normalize("NFKC", query.get("q", "")).strip()[:60],
        town=one_of("town", towns),
        village=query.get("village", "").strip()[:60],
        group=one_of("group", {str(group) for group in Group}),
        employment=one_of("employment", {str(state) for state in Employment}),
        source=one_of("source", ("ledger", "chat")),
        mine=query.get("mine") == "yes",
    )


def within(column: InstrumentedAttribute[str | None], region: str) -> ColumnElement[bool]:
    """Region scope as a condition: the place and all below it. Who is of no place is seen by who serves all places."""
    if region == EVERYWHERE:
        return true()
    prefix = Scope(region).prefix
    if prefix is None:
        return column == region
    # As a range, which an index serves in every collation of digits.
    return (column >= prefix) & (column < prefix[:-1] + chr(ord(prefix[-1]) + 1))


class Finder:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def list_page(self, session: AsyncSession, staff: Staff, chosen: Chosen, *, page: int) -> Found:
        """One page of the persons of a clerk's region, by place and village."""
        wanted = [within(Person.region, staff.region), *self._conditions(staff, chosen)]
        if chosen.words:
            wanted.append(await self._named(session, chosen.words))
        counted = select(Person.id).where(*wanted).limit(MOST_COUNTED + 1).subquery()
        total = await session.scalar(select(func.count()).select_from(counted)) or 0
        order = (Person.region, Person.village, Person.id)
        # By the index alone; what is shown is read of the page's persons only.
        ids = select(Person.id).where(*wanted).order_by(*order).offset(PAGE * (page - 1)).limit(PAGE)
        found = (
            await session.execute(
                select(
                    Person.id,
                    Person.name,
                    Person.phone,
                    Person.region,
                    Person.village,
                    Person.employment,
                    Person.ledger_at,
                )
                .where(Person.id.in_((await session.scalars(ids)).all()))
                .order_by(*order)
            )
        ).all()
        groups = await self._groups(session, [row.id for row in found])
        return Found([self._line(row, groups.get(row.id, ())) for row in found], total)

    def _conditions(self, staff: Staff, chosen: Chosen) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if chosen.town:
            wanted.append(within(Person.region, chosen.town))
        if chosen.village:
            wanted.append(Person.village == chosen.village)
        if chosen.group:
            wanted.append(Person.id.in_(select(PersonGroup.person_id).where(PersonGroup.name == chosen.group)))
        if chosen.employment:
            wanted.append(Person.employment == chosen.employment)
        if chosen.source:
            wanted.append(Person.ledger_at.is_not(None) if chosen.source == "ledger" else Person.ledger_at.is_(None))
        if chosen.mine:
            wanted.append(Person.helper_id == staff.id)
        return wanted

    async def _named(self, session: AsyncSession, words: str) -> ColumnElement[bool]:
        """By digest, for nothing of it stands in the clear; what is nobody's name is how a village begins."""
        digits = re.sub(r"[\s-]", "", words)
        if _ID.fullmatch(digits):
            return Person.id_digest == self._sealer.digest(digits.upper())
        if phone := find_phone(words):
            return Person.phone_digest == self._sealer.digest(phone)
        if digits.isdigit():
            return false()  # part of a number; no digest answers to it
        # Asked first, and not as an alternative: together with the village no index would serve.
        name = Person.name_digest == self._sealer.digest(words)
        if await session.scalar(select(Person.id).where(name).limit(1)) is not None:
            return name
        return Person.village.startswith(words, autoescape=True)

    async def _groups(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
        rows = await session.execute(
            select(PersonGroup.person_id, PersonGroup.name)
            .where(PersonGroup.person_id.in_(ids))
            .order_by(PersonGroup.id)
        )
        found: dict[int, tuple[str, ...]] = {}
        for person_id, name in rows:
            found[person_id] = (*found.get(person_id, ()), name)
        return found

    def _line(self, row: Any, groups: tuple[str, ...]) -> Line:
        return Line(
            row.id,
            *half_hidden(self._sealer, row),
            row.region,
            row.village,
            groups,
            row.employment,
            row.ledger_at is not None,
        )
