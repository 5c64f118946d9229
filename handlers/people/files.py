"""一人一档 as staff work it: one door to a person, the masked file, changes with their version, names with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.errors import UserFacingError
from bot.models import Conversation
from bot.sealing import Sealer, mask_id, mask_name, mask_phone
from bot.staff import audit
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE, Permission, Role, Scope, check_may, may
from handlers.people.models import Consent, Person, PersonChat, PersonGroup, Wish
from handlers.people.person import Group, Source, WishKind
from handlers.people.profiling import groups_of, wishes_of

PERSONAL = frozenset(
    {"name", "phone", "id_number", "household_phone", "householder", "address", "birth", "household_number"}
    | {"person_number", "helper", "note"}
)
"""Columns of the ledger that name somebody or where they live: shown with a reason only."""


class NoSuchPerson(UserFacingError):
    """Not there, or not of the clerk's region. Data: id."""

    code = "no_such_person"


class PersonMoved(UserFacingError):
    """Somebody else changed the file meanwhile. Data: id."""

    code = "person_moved"


class ReasonMissing(UserFacingError):
    """Names and numbers are shown with a reason only. Data: id."""

    code = "reason_missing"


@dataclass(frozen=True)
class ChatLine:
    channel: str
    since: datetime
    last: datetime
    reachable: bool


@dataclass(frozen=True)
class File:
    """A person as their page shows them."""

    person: Person
    name: str
    phone: str
    id_number: str
    """All three masked, unless they were asked for with a reason."""
    groups: Mapping[str, str]
    """Group -> `Source`."""
    wishes: Sequence[Wish]
    consents: Mapping[str, bool]
    chats: Sequence[ChatLine]
    helper: str
    ledger: Mapping[str, Any] = field(repr=False)
    """Columns of T2 that have no place of their own; personal ones left out unless asked for."""
    revealed: bool = False


@dataclass(frozen=True)
class Change:
    """What a clerk writes into a file; None leaves it as it is."""

    region: str | None = None
    village: str | None = None
    name: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    birth_year: int | None = None
    gender: str | None = None
    employment: str | None = None
    work_form: str | None = None
    skills: Sequence[str] | None = None
    groups: Sequence[Group] | None = None
    helper_id: int | None = None
    """0: nobody."""


class PersonFiles:
    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer

    async def access(self, session: AsyncSession, staff: Staff, person_id: int, *, lock: bool = False) -> Person:
        """The only door of staff to a person. Raises NoSuchPerson for what is not theirs, too."""
        wanted = select(Person).where(Person.id == person_id)
        person = await session.scalar(wanted.with_for_update() if lock else wanted)
        if person is None or not self.is_theirs(person, staff):
            raise NoSuchPerson(id=person_id)
        return person

    def is_theirs(self, person: Person, staff: Staff) -> bool:
        covered = staff.region == EVERYWHERE or Scope(staff.region).covers(person.region)
        return covered or person.helper_id == staff.id

    def may_reveal(self, person: Person, staff: Staff) -> bool:
        """Who may see people in full; and a helper those they look after, whom they have to call on."""
        theirs = person.helper_id == staff.id and may(staff.as_role, Permission.RECORD_SERVICE)
        return theirs or may(staff.as_role, Permission.UNMASK)

    def may_assign(self, staff: Staff) -> bool:
        """Who may say who looks after somebody: that one sees them in full, so nobody gives it to themselves."""
        return may(staff.as_role, Permission.UNMASK)

    def allowed(self, staff: Staff, change: Change) -> Change:
        return change if self.may_assign(staff) else replace(change, helper_id=None)

    async def view(self, session: AsyncSession, staff: Staff, person_id: int) -> File:
        return await self._gather(session, await self.access(session, staff, person_id), revealed=False)

    async def reveal(self, session: AsyncSession, staff: Staff, person_id: int, *, reason: str, now: datetime) -> File:
        """Name, phone, identity number in full; leaves an audit row. Raises ReasonMissing, NotPermitted."""
        person = await self.access(session, staff, person_id)
        if not self.may_reveal(person, staff):
            check_may(staff.as_role, Permission.UNMASK)
        if not reason.strip():
            raise ReasonMissing(id=person_id)
        file = await self._gather(session, person, revealed=True)
        await audit.append(
            session,
            audit.AuditAction.UNMASKED,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("person", str(person_id)),
            reason=reason.strip()[:500],
            at=now,
        )
        return file

    async def change(
        self, session: AsyncSession, staff: Staff, person_id: int, change: Change, *, version: int, now: datetime
    ) -> None:
        """Write of the form what they may set. Raises PersonMoved where the file is another by now."""
        person = await self.access(session, staff, person_id, lock=True)
        if person.version != version:
            raise PersonMoved(id=person_id)
        changed = self._write(person, self.allowed(staff, change))
        if change.groups is not None and await self._set_groups(session, person_id, change.groups, now):
            changed.append("groups")
        if changed:
            await self._settle(session, staff, person, changed, now)

    async def fill(self, session: AsyncSession, staff: Staff, person: Person, change: Change, *, now: datetime) -> None:
        """What the form of a new file holds."""
        self._write(person, self.allowed(staff, change))
        await self._set_groups(session, person.id, change.groups or (), now)
        await session.flush()

    async def add_wish(
        self,
        session: AsyncSession,
        staff: Staff,
        person_id: int,
        *,
        kind: WishKind,
        trade: str,
        region: str | None,
        pay_from: int | None,
        now: datetime,
    ) -> None:
        """A wish that a clerk was told; the same one again takes the new place and pay."""
        person = await self.access(session, staff, person_id, lock=True)
        held = next(
            (wish for wish in await wishes_of(session, person_id) if (wish.kind, wish.trade) == (kind, trade)), None
        )
        if held is None:
            held = Wish(person_id=person_id, kind=str(kind), trade=trade, words="", source=str(Source.STAFF))
            session.add(held)
        held.region, held.pay_from, held.at = region, pay_from, now
        await self._settle(session, staff, person, ["wishes"], now)

    async def drop_wish(
        self, session: AsyncSession, staff: Staff, person_id: int, wish_id: int, *, now: datetime
    ) -> None:
        person = await self.access(session, staff, person_id, lock=True)
        await session.execute(delete(Wish).where(Wish.id == wish_id, Wish.person_id == person_id))
        await self._settle(session, staff, person, ["wishes"], now)

    async def helpers_of(self, session: AsyncSession, staff: Staff) -> Sequence[Staff]:
        """Accounts of village helpers within a clerk's region."""
        found = await session.scalars(
            select(Staff).where(Staff.role == str(Role.HELPER), Staff.disabled_at.is_(None)).order_by(Staff.id)
        )
        scope = Scope(staff.region)
        return [one for one in found if scope.covers(one.region)]

    # -- gathering ----------------------------------------------------------------------------------------

    async def _gather(self, session: AsyncSession, person: Person, *, revealed: bool) -> File:
        name, phone, number = self._opened(person)
        consents = await session.execute(select(Consent.purpose, Consent.given).where(Consent.person_id == person.id))
        helper = await session.scalar(select(Staff.display_name).where(Staff.id == (person.helper_id or 0)))
        return File(
            person,
            name if revealed else mask_name(name),
            phone if revealed else mask_phone(phone) if phone else "",
            number if revealed else mask_id(number),
            await groups_of(session, person.id),
            await wishes_of(session, person.id),
            {row.purpose: row.given for row in consents},
            await self._chats_of(session, person.id),
            helper or "",
            self._ledger_of(person, revealed=revealed),
            revealed,
        )

    def _opened(self, person: Person) -> tuple[str, str, str]:
        open_ = self._sealer.open
        return (
            open_(person.name, "person.name") if person.name else "",
            open_(person.phone, "person.phone") if person.phone else "",
            open_(person.id_number, "person.id_number") if person.id_number else "",
        )

    def _ledger_of(self, person: Person, *, revealed: bool) -> dict[str, Any]:
        if person.ledger is None:
            return {}
        found: dict[str, Any] = json.loads(self._sealer.open(person.ledger, "person.ledger"))
        return {name: value for name, value in found.items() if revealed or name not in PERSONAL}

    async def _chats_of(self, session: AsyncSession, person_id: int) -> list[ChatLine]:
        rows = await session.execute(
            select(Conversation.channel, PersonChat.at, Conversation.updated_at, Conversation.unreachable_at)
            .join(PersonChat, PersonChat.conversation_id == Conversation.id)
            .where(PersonChat.person_id == person_id)
            .order_by(PersonChat.id)
        )
        return [ChatLine(row.channel, row.at, row.updated_at, row.unreachable_at is None) for row in rows]

    # -- changing -----------------------------------------------------------------------------------------

    def _write(self, person: Person, change: Change) -> list[str]:
        """-> names of the columns that are others now"""
        said: dict[str, Any] = {
            name: getattr(change, name)
            for name in ("region", "village", "birth_year", "gender", "employment", "work_form")
            if getattr(change, name) is not None
        }
        if change.skills is not None:
            said["skills"] = list(change.skills)
        if change.helper_id is not None:
            said["helper_id"] = change.helper_id or None
        changed = [name for name, value in said.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, said[name])
        for name in ("name", "phone"):
            value = getattr(change, name)
            if value and self._sealer.digest(value) != getattr(person, f"{name}_digest"):
                setattr(person, name, self._sealer.seal(value, f"person.{name}"))
                setattr(person, f"{name}_digest", self._sealer.digest(value))
                changed.append(name)
        return changed

    async def _set_groups(self, session: AsyncSession, person_id: int, groups: Sequence[Group], now: datetime) -> bool:
        held = await groups_of(session, person_id)
        wanted = {str(group) for group in groups}
        if wanted == set(held):
            return False
        gone = set(held) - wanted
        await session.execute(delete(PersonGroup).where(PersonGroup.person_id == person_id, PersonGroup.name.in_(gone)))
        session.add_all(
            PersonGroup(person_id=person_id, name=name, source=str(Source.STAFF), at=now)
            for name in sorted(wanted - set(held))
        )
        return True

    async def _settle(
        self, session: AsyncSession, staff: Staff, person: Person, changed: Sequence[str], now: datetime
    ) -> None:
        person.version += 1
        person.updated_at = now
        await session.flush()
        await audit.append(
            session,
            audit.AuditAction.PERSON_CHANGED,
            actor=audit.Actor(audit.ActorKind.STAFF, staff.id),
            subject=audit.Subject("person", str(person.id)),
            at=now,
            data={"fields": sorted(changed)},
        )
