"""The profile: what a person agreed that we keep of what they said. Works inside the turn's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.models import Message
from handlers.people.models import Person, PersonGroup, Wish
from handlers.people.person import Group, Profile, Purpose, Source, WishKind, age_band_of
from handlers.people.reading import MOST_SKILLS
from handlers.people.register import Register
from handlers.people.said import Said

HEALTH = frozenset({"disability_certificate", "severe_disability", "able_to_work"})
"""Answers of the interview that tell of somebody's health: kept only after a yes to DISABILITY."""
MOST_WISHES = 12


class Item(StrEnum):
    """What is kept, one by one, each to be changed or deleted."""

    PLACE = "place"
    GROUPS = "groups"
    AGE = "age"
    EMPLOYMENT = "employment"
    SKILLS = "skills"
    WORK = "work"
    TRAINING = "training"
    PHONE = "phone"
    TOLD = "told"


@dataclass(frozen=True)
class WishKept:
    kind: str
    trade: str
    words: str
    region: str | None
    pay_from: int | None


@dataclass(frozen=True)
class Kept:
    """What is kept of a conversation's person, for 我的资料."""

    profile: Profile
    village: str = ""
    groups: tuple[str, ...] = ()
    age: int | None = None
    age_band: str = ""
    employment: str = ""
    work_form: str = ""
    skills: tuple[str, ...] = ()
    wishes: tuple[WishKept, ...] = ()
    has_phone: bool = False
    ledger_groups: tuple[str, ...] = ()
    """Those of the groups that the bureau's ledger names: not theirs to delete."""
    of_ledger: bool = False
    """The bureau's ledger names them."""
    messages: int = 0
    since: datetime | None = None
    matters: int = 0
    registrations: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def items(self) -> tuple[Item, ...]:
        """What there is to change or delete."""
        held = {
            Item.PLACE: bool(self.profile.region or self.village),
            Item.GROUPS: bool(self.groups),
            Item.AGE: bool(self.age or self.age_band),
            Item.EMPLOYMENT: bool(self.employment or self.work_form),
            Item.SKILLS: bool(self.skills),
            Item.WORK: any(wish.kind == WishKind.WORK for wish in self.wishes),
            Item.TRAINING: any(wish.kind == WishKind.TRAINING for wish in self.wishes),
            Item.PHONE: self.has_phone,
            Item.TOLD: bool(self.told),
        }
        return tuple(item for item, there in held.items() if there)


def new_in(said: Said, kept: Kept) -> Said:
    """What was said without what is kept already."""
    wishes = {(wish.kind, wish.trade) for wish in kept.wishes}
    aged = kept.age is not None or (kept.age_band and said.birth_year is None)
    return replace(
        said,
        region=None if said.region == kept.profile.region else said.region,
        village="" if said.village == kept.village else said.village,
        groups=tuple(group for group in said.groups if group not in kept.groups),
        birth_year=None if aged else said.birth_year,
        age_band=None if aged else said.age_band,
        employment=None if said.employment == kept.employment else said.employment,
        work_form=None if said.work_form == kept.work_form else said.work_form,
        skills=tuple(skill for skill in said.skills if skill not in kept.skills),
        wishes=tuple(wish for wish in said.wishes if (str(wish.kind), wish.trade) not in wishes),
    )


class Profiling:
    def __init__(self, register: Register) -> None:
        self._register = register

    async def keep(self, session: AsyncSession, conversation_id: int, said: Said, *, now: datetime) -> Person:
        """Add what was said; the ledger's word stands where it names the same. Needs a yes to PROFILE, and to
        DISABILITY for what is sensitive, which is else left out."""
        register = self._register
        profile = await register.read_profile(session, conversation_id)
        if not profile.may(Purpose.DISABILITY):
            said = said.without_sensitive()
        if said.region:
            await register.set_place(session, conversation_id, said.region, now=now)
        person = await register.open(session, conversation_id, now=now)
        of_ledger = person.ledger_at is not None
        if said.village and not of_ledger:
            person.village = said.village
        if (said.birth_year or said.age_band) and not (of_ledger and person.birth_year):
            person.birth_year, person.age_band = said.birth_year, str(said.age_band or "")
        if said.employment is not None:
            person.employment = str(said.employment)
        if said.work_form is not None:
            person.work_form = str(said.work_form)
        if said.skills:
            person.skills = list(dict.fromkeys((*person.skills, *said.skills)))[-MOST_SKILLS:]
        await self._set_groups(session, person.id, said, now)
        await self._add_wishes(session, person.id, said, now)
        _touch(person, now)
        await session.flush()
        return person

    async def keep_told(
        self, session: AsyncSession, conversation_id: int, facts: Mapping[str, Any], *, now: datetime
    ) -> None:
        """Answers of the interview, to be used when it begins again; later ones win."""
        profile = await self._register.read_profile(session, conversation_id)
        if not profile.may(Purpose.DISABILITY):
            facts = {name: value for name, value in facts.items() if name not in HEALTH}
        person = await self._register.open(session, conversation_id, now=now)
        person.told = {**person.told, **{name: value for name, value in facts.items() if value is not None}}
        _touch(person, now)
        await session.flush()

    async def drop(self, session: AsyncSession, conversation_id: int, item: Item, *, now: datetime) -> bool:
        """Delete one item. -> whether nothing of it is left: the bureau's own word of it stays"""
        person = await self._register.find(session, conversation_id)
        if person is None:
            return True
        of_ledger = person.ledger_at is not None
        match item:
            case Item.PLACE:
                await self._register.set_place(session, conversation_id, None, now=now)
                if not of_ledger:
                    person.village = ""
            case Item.GROUPS:
                await _delete_said(session, PersonGroup, person.id)
            case Item.AGE if not of_ledger:
                person.birth_year, person.age_band = None, ""
            case Item.EMPLOYMENT if not of_ledger:
                person.employment = person.work_form = ""
            case Item.SKILLS:
                person.skills = []
            case Item.WORK:
                await _delete_said(session, Wish, person.id, kind=str(WishKind.WORK))
            case Item.TRAINING:
                await _delete_said(session, Wish, person.id, kind=str(WishKind.TRAINING))
            case Item.PHONE if not of_ledger:
                person.phone, person.phone_digest = None, None
            case Item.TOLD:
                person.told = {}
        _touch(person, now)
        await session.flush()
        return item not in (await self.view(session, conversation_id, now=now)).items

    async def view(self, session: AsyncSession, conversation_id: int, *, now: datetime) -> Kept:
        """Everything that is kept of this conversation and its person."""
        register = self._register
        profile = await register.read_profile(session, conversation_id)
        person = await register.find(session, conversation_id)
        counted = await session.execute(
            select(func.count(), func.min(Message.at)).where(
                Message.conversation_id == conversation_id, ~Message.forgotten
            )
        )
        messages, since = counted.one()
        kept = Kept(
            profile,
            messages=messages,
            since=since,
            matters=await register.count_matters(session, conversation_id) if register.count_matters else 0,
            registrations=(
                await register.count_registrations(session, conversation_id) if register.count_registrations else 0
            ),
        )
        if person is None:
            return kept
        groups = await groups_of(session, person.id)
        today = now.astimezone(LOCAL).date()
        return replace(
            kept,
            village=person.village,
            groups=tuple(groups),
            age=today.year - person.birth_year if person.birth_year else None,
            age_band=str(age_band_of(person.birth_year, person.age_band, today=today) or ""),
            employment=person.employment,
            work_form=person.work_form,
            skills=tuple(person.skills),
            wishes=tuple(
                WishKept(wish.kind, wish.trade, wish.words, wish.region, wish.pay_from)
                for wish in await wishes_of(session, person.id)
            ),
            has_phone=person.phone is not None,
            ledger_groups=tuple(name for name, source in groups.items() if source != Source.SAID),
            of_ledger=person.ledger_at is not None,
            told=dict(person.told),
        )

    async def forget(self, session: AsyncSession, conversation_id: int, *, now: datetime) -> None:
        """They do not agree any more that we keep what they said of themselves: all of it but the place goes."""
        for item in Item:
            if item is not Item.PLACE:
                await self.drop(session, conversation_id, item, now=now)
        await self._register.answer_consent(session, conversation_id, Purpose.PROFILE, given=False, now=now)

    async def _set_groups(self, session: AsyncSession, person_id: int, said: Said, now: datetime) -> None:
        held = await groups_of(session, person_id)
        for group in said.groups:
            if str(group) not in held:
                session.add(PersonGroup(person_id=person_id, name=str(group), source=str(Source.SAID), at=now))
        for group in said.not_groups:
            if held.get(str(group)) == Source.SAID:
                await session.execute(
                    delete(PersonGroup).where(PersonGroup.person_id == person_id, PersonGroup.name == str(group))
                )
        await session.flush()

    async def _add_wishes(self, session: AsyncSession, person_id: int, said: Said, now: datetime) -> None:
        held = {(wish.kind, wish.trade): wish for wish in await wishes_of(session, person_id)}
        for one in said.wishes:
            wish = held.get((str(one.kind), one.trade))
            if wish is None:
                if len(held) >= MOST_WISHES:
                    continue
                wish = Wish(person_id=person_id, kind=str(one.kind), trade=one.trade, source=str(Source.SAID))
                session.add(wish)
                held[(wish.kind, wish.trade)] = wish
            wish.words, wish.at = one.words, now
            wish.region = one.region or wish.region
            wish.pay_from = one.pay_from or wish.pay_from
        await session.flush()


async def groups_of(session: AsyncSession, person_id: int) -> dict[str, str]:
    """Group -> who says so, in the order of `Group`."""
    found = await session.execute(
        select(PersonGroup.name, PersonGroup.source).where(PersonGroup.person_id == person_id)
    )
    order = list(Group)
    return dict(sorted(((name, source) for name, source in found), key=lambda row: order.index(Group(row[0]))))


async def wishes_of(session: AsyncSession, person_id: int) -> Sequence[Wish]:
    """The oldest first."""
    found = await session.scalars(select(Wish).where(Wish.person_id == person_id).order_by(Wish.id))
    return found.all()


async def _delete_said(session: AsyncSession, table: type[PersonGroup | Wish], person_id: int, **where: str) -> None:
    wanted = [getattr(table, name) == value for name, value in where.items()]
    await session.execute(delete(table).where(table.person_id == person_id, table.source == str(Source.SAID), *wanted))


def _touch(person: Person, now: datetime) -> None:
    person.updated_at = now
    person.version += 1
