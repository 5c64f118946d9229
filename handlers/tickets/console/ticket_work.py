"""A posted form -> the use case of the desk that it means. Called by `ticket_acts`, under the ticket's row lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from bot.door import drop_unwanted
from bot.errors import UserFacingError
from bot.messages import Attachment
from bot.staff.models import Staff
from bot.staff.roles import NotPermitted, Permission
from bot.talking import NoChat
from handlers.tickets.console.offers import Act
from handlers.tickets.console.ticket_pages import Told
from handlers.tickets.desk import WordsMissing
from handlers.tickets.doors import load_doors
from handlers.tickets.models import Ticket
from handlers.tickets.number import read_number
from handlers.tickets.office import Office
from handlers.tickets.sheets import SHOWN_FACTS
from handlers.tickets.slip import read_amount
from handlers.tickets.tasks import TaskKind
from handlers.tickets.ticket import Category, Closing, Supervision

HOWS = ("phone", "window", "visit", "told")
"""By which way somebody was spoken with."""
MOST_FACT = 200
Choice = TypeVar("Choice", bound=Enum)


class FormUnfit(UserFacingError):
    """A field that only a forged form can hold, or that was not chosen. Data: field."""

    code = "form_unfit"


class Given:
    """The fields of a posted form, read as what they should be."""

    def __init__(self, form: Mapping[str, str], files: Sequence[Attachment] = ()) -> None:
        self._form = form
        self.files = files
        self.text = drop_unwanted(form.get("text", ""))
        self.into = ""
        """The number of the other ticket, once it is read."""

    def chosen(self, name: str, kind: type[Choice]) -> Choice:
        """Raises FormUnfit."""
        value = self._form.get(name, "")
        found = next((one for one in kind if str(one.value) == value), None)
        if found is None:
            raise FormUnfit(field=name)
        return found

    def one_of(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self._form.get(name, "")
        if value not in allowed:
            raise FormUnfit(field=name)
        return value

    def count(self, name: str, *, most: int) -> int:
        value = self._form.get(name, "").strip()
        if not (value.isascii() and value.isdecimal() and 0 < int(value[:9]) <= most):
            raise FormUnfit(field=name)
        return int(value)

    def yes(self, name: str) -> bool:
        return self.one_of(name, ("yes", "no")) == "yes"

    def flag(self, name: str) -> bool | None:
        """None: left as it is."""
        value = self.one_of(name, ("yes", "no", "")) if name in self._form else ""
        return {"yes": True, "no": False}.get(value)

    def facts(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Those that were changed; how many people is a number."""
        changes: dict[str, Any] = {}
        for name in SHOWN_FACTS:
            if (value := self._form.get(f"fact.{name}")) is None:
                continue
            value = drop_unwanted(value)[:MOST_FACT]
            if value != str(before.get(name) or ""):
                changes[name] = int(value) if name == "people" and value.isdecimal() and len(value) < 6 else value
        if "amount" in changes:
            money = read_amount(changes["amount"])
            yuan = float(money.yuan) if money else None
            if yuan != before.get("amount_yuan"):
                changes["amount_yuan"] = yuan
        return changes

    def field(self, name: str) -> str:
        return self._form.get(name, "").strip()


class Work:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def do(
        self, act: Act, session: AsyncSession, staff: Staff, ticket: Ticket, given: Given, *, now: datetime
    ) -> Told | None:
        """-> what is shown once, where the act gives something to read"""
        desk, number, text = self._office.desk, ticket.number, given.text
        match act:
            case Act.CLAIM:
                await desk.claim(session, staff, number, now=now)
            case Act.ASSIGN:
                to = None if given.field("to") == "turn" else given.count("to", most=10**9)
                await desk.assign(session, staff, number, to, now=now)
            case Act.REPLY:
                if not await self._office.cabinet.conversations_of(session, ticket):
                    raise NoChat(number=number)
                files = await self._office.attachments.keep_for_person(session, ticket.id, given.files, now=now)
                await desk.reply(session, staff, number, text, files=files, now=now)
            case Act.NOTE:
                await desk.note(session, staff, number, text, now=now)
            case Act.CONTACT:
                how = given.one_of("how", HOWS)
                await desk.record_contact(session, staff, number, text, how=how, now=now)
            case Act.SUPPLEMENT:
                await desk.ask_supplement(session, staff, number, text, now=now)
            case Act.SUPPLEMENTED:
                await desk.supplemented(session, staff, number, now=now)
            case Act.TRANSFER:
                category = given.chosen("category", Category)
                await desk.transfer(session, staff, number, category, reason=text, now=now)
            case Act.RETURN:
                await desk.return_ticket(session, staff, number, reason=text, now=now)
            case Act.REASSIGN:
                category = given.chosen("category", Category)
                await desk.reassign(session, staff, number, category, reason=text, now=now)
            case Act.EXTENSION:
                days = given.count("days", most=365)
                await desk.ask_extension(session, staff, number, days, reason=text, now=now)
            case Act.GRANT | Act.DENY:
                granted = act is Act.GRANT
                await desk.decide_extension(session, staff, number, granted=granted, reason=text, now=now)
            case Act.UNSEAL:
                return Told(person=await desk.unseal(session, staff, number, reason=text, now=now))
            case Act.CODE:
                return Told(code=await desk.give_code(session, staff, number, now=now))
            case Act.HOLD:
                await desk.hold_chat(session, staff, number, now=now)
            case Act.RELEASE:
                await desk.release_chat(session, staff, number, now=now)
            case Act.FLAGS:
                await self._set_flags(session, staff, number, given, now=now)
            case Act.FACTS:
                await self._change_facts(session, staff, ticket, given, now=now)
            case _:
                await self._end(act, session, staff, ticket, given, now=now)
        return None

    async def _end(
        self, act: Act, session: AsyncSession, staff: Staff, ticket: Ticket, given: Given, *, now: datetime
    ) -> None:
        """What leads to an end, or away from it."""
        desk, number, text = self._office.desk, ticket.number, given.text
        match act:
            case Act.SUBMIT:
                await desk.submit(session, staff, number, text, now=now)
            case Act.SEND_BACK:
                await desk.send_back(session, staff, number, reason=text, now=now)
            case Act.ANSWER:
                closing = given.chosen("closing", Closing)
                await desk.answer(session, staff, number, text, closing=closing, now=now)
            case Act.HEAR:
                await desk.hear(session, staff, number, text, solved=given.yes("solved"), now=now)
            case Act.REOPEN:
                await desk.reopen(session, staff, number, reason=text, now=now)
            case Act.REJECT:
                door = given.one_of("door", ("", *load_doors().bodies))
                await desk.reject(session, staff, number, reason=text, door=door, now=now)
            case Act.MERGE:
                given.into = read_number(given.field("into")) or given.field("into")
                await desk.merge(session, staff, number, given.into, reason=text, now=now)
            case Act.SUPERVISE:
                level = given.chosen("level", Supervision)
                await desk.supervise(session, staff, number, level, reason=self._reason(number, text), now=now)
            case Act.TASK:
                await desk.finish_task(session, staff, number, given.chosen("kind", TaskKind), text, now=now)
            case _:
                raise NotPermitted(role=str(staff.role), permission=str(Permission.WORK_TICKETS))

    async def _set_flags(
        self, session: AsyncSession, staff: Staff, number: str, given: Given, *, now: datetime
    ) -> None:
        await self._office.desk.set_flags(
            session,
            staff,
            number,
            reason=self._reason(number, given.text),
            now=now,
            urgent=given.flag("urgent"),
            is_group=given.flag("group"),
            confidential=given.flag("confidential"),
        )

    async def _change_facts(
        self, session: AsyncSession, staff: Staff, ticket: Ticket, given: Given, *, now: datetime
    ) -> None:
        if not (changes := given.facts(ticket.facts)):
            raise FormUnfit(field="facts")
        reason = self._reason(ticket.number, given.text)
        await self._office.desk.change_facts(session, staff, ticket.number, changes, reason=reason, now=now)

    def _reason(self, number: str, text: str) -> str:
        """Raises WordsMissing."""
        if not text.strip():
            raise WordsMissing(number=number)
        return text
