"""/staff/crises/{reference}: whoever took somebody in danger reads their chat, half hidden, and talks with them there.

Theirs alone: for everybody else there is no such page. That they opened it, and that they took over the chat, is in
the audit.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.changes import Changes
from bot.clock import Clock
from bot.database import Database
from bot.door import drop_unwanted
from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.models import AuditEntry
from bot.staff.roles import Permission
from bot.talking import NoChat, Talk, Talks
from bot.web.bodies import read_number
from bot.web.console import COOKIE, STATUS, Page, Section, Visit
from bot.web.following import STILL_HERE, follow, who_listens
from bot.web.pages import Pages
from bot.web.threads import Item, make_items
from handlers.policy.crises import find_own
from handlers.policy.models import Crisis

PATH = "/staff/crises/{reference}"
MOST_TEXT = 5_000


class WordsMissing(UserFacingError):
    code = "words_missing"


class TextTooLong(UserFacingError):
    """Data: most."""

    code = "text_too_long"


class CrisisChat:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        changes: Changes,
        talks: Talks,
        place_name: Callable[[str], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._changes = changes
        self._talks = talks
        self._place_name = place_name

    def section(self) -> Section:
        may = Permission.WORK_TICKETS
        return Section(
            pages=(
                Page("GET", PATH, self.show, may),
                Page("GET", f"{PATH}/live", self.stream, may),
                Page("POST", f"{PATH}/hold", self.hold, may),
                Page("POST", f"{PATH}/release", self.release, may),
                Page("POST", f"{PATH}/reply", self.reply, may),
            )
        )

    async def show(self, visit: Visit) -> web.Response:
        async with self._database.transaction() as session:
            crisis = await find_own(session, visit.request.match_info["reference"], staff=visit.staff)
            await _note_opened(session, crisis, visit)
        return await self._draw(visit)

    async def hold(self, visit: Visit) -> web.Response:
        async def take(session: AsyncSession, crisis: Crisis, conversation_id: int) -> None:
            about = _about(crisis)
            await self._talks.take(session, conversation_id, visit.staff, about=about, now=visit.now)
            subject = audit.Subject("crisis", crisis.reference)
            await audit.append(session, audit.AuditAction.CHAT_HELD, actor=visit.actor, subject=subject, at=visit.now)

        return await self._act(visit, take, done="hold")

    async def release(self, visit: Visit) -> web.Response:
        async def give_back(session: AsyncSession, crisis: Crisis, conversation_id: int) -> None:
            await self._talks.give_back(session, conversation_id, visit.staff, about=_about(crisis))

        return await self._act(visit, give_back, done="release")

    async def reply(self, visit: Visit) -> web.Response:
        text = drop_unwanted(visit.form.get("text", ""))

        async def say(session: AsyncSession, crisis: Crisis, conversation_id: int) -> None:
            if not text.strip():
                raise WordsMissing
            if len(text) > MOST_TEXT:
                raise TextTooLong(most=MOST_TEXT)
            about = _about(crisis)
            await self._talks.say(session, conversation_id, visit.staff, text, about=about, now=visit.now)

        return await self._act(visit, say, done="reply")

    async def stream(self, visit: Visit) -> web.StreamResponse:
        """The newest of it, for a page that is open."""
        reference = visit.request.match_info["reference"]
        async with self._database.reading() as session:
            crisis = await find_own(session, reference, staff=visit.staff)
        chat = crisis.conversation_id
        if chat is None:
            raise NoChat(number=reference)

        async def look() -> int:
            async with self._database.reading() as session:
                return await self._talks.newest(session, chat)

        async def tell(found: int, seen: int) -> bytes:
            staff = await who_listens(self._database, visit.request.cookies.get(COOKIE, ""), self._clock)
            async with self._database.reading() as session:
                crisis = await find_own(session, reference, staff=staff)
                talk = await self._read(session, crisis)
            if found == seen or talk is None:
                return STILL_HERE
            pieces = visit.pages.piece("policy/crisis_messages", talk=talk, items=_items(visit, talk))
            return f"data: {Pages.json({'entries': found, 'quiet': True, 'messages': pieces})}\n\n".encode()

        seen = read_number(visit.request.query.get("entries")) or 0
        with self._changes.waiting() as changed:
            return await follow(visit.request, changed, visit.closing, self._clock, seen=seen, look=look, tell=tell)

    # -- inside -------------------------------------------------------------------------------------------

    async def _act(
        self, visit: Visit, do: Callable[[AsyncSession, Crisis, int], Awaitable[None]], *, done: str
    ) -> web.Response:
        reference = visit.request.match_info["reference"]
        try:
            async with self._database.transaction() as session:
                crisis = await find_own(session, reference, staff=visit.staff)
                if crisis.conversation_id is None:
                    raise NoChat(number=reference)
                await do(session, crisis, crisis.conversation_id)
                self._changes.tell_after(session)
        except UserFacingError as error:
            if error.code in STATUS:
                raise
            fault = visit.pages.say_error(error.code, error.data)
            return await self._draw(visit, fault=fault, status=409 if error.code == "chat_held" else 422)
        return visit.go(f"/staff/crises/{crisis.reference}", done=done)

    async def _read(self, session: AsyncSession, crisis: Crisis, before: int | None = None) -> Talk | None:
        """None: there is no chat any more."""
        if crisis.conversation_id is None:
            return None
        about, since = _about(crisis), crisis.at
        return await self._talks.read(session, crisis.conversation_id, about=about, since=since, before=before)

    async def _draw(self, visit: Visit, *, fault: str = "", status: int = 200) -> web.Response:
        async with self._database.reading() as session:
            crisis = await find_own(session, visit.request.match_info["reference"], staff=visit.staff)
            talk = await self._read(session, crisis, read_number(visit.request.query.get("before")))
        return await visit.page(
            "policy/crisis_chat",
            here="crises",
            status=status,
            crisis=crisis,
            place=self._place_name(crisis.region) if crisis.region else "",
            talk=talk,
            items=_items(visit, talk) if talk is not None else [],
            mine=talk is not None and talk.mine and talk.held_by == visit.staff.id,
            fault=fault,
            text=visit.form.get("text", "") if fault else "",
        )


def _about(crisis: Crisis) -> str:
    return f"crisis:{crisis.reference}"


def _items(visit: Visit, talk: Talk) -> list[Item]:
    bubbles = visit.pages.bubbles(talk.shown)
    return make_items((one.at, bubble, None) for one, bubble in zip(talk.shown, bubbles, strict=True))


async def _note_opened(session: AsyncSession, crisis: Crisis, visit: Visit) -> None:
    """Once for each who reads it: the page is loaded again and again while they talk."""
    read = audit.AuditAction.CHAT_READ
    known = select(AuditEntry.seq).where(
        AuditEntry.action == str(read),
        AuditEntry.actor_id == visit.staff.id,
        AuditEntry.subject_kind == "crisis",
        AuditEntry.subject_id == crisis.reference,
    )
    if await session.scalar(known.limit(1)) is None:
        subject = audit.Subject("crisis", crisis.reference)
        await audit.append(session, read, actor=visit.actor, subject=subject, at=visit.now)
