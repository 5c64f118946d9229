"""/staff/queue-admin: which queues there are, who works them and is there, and matters handed over to colleagues.

Leaders see to people; name, group and way of a queue are the administrator's.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff import audit
from bot.staff.account_form import turns_of
from bot.staff.accounts import Duty, NoSuchAccount, access_by_id, set_duty
from bot.staff.managing import NoSuchPlace, find_place, heirs
from bot.staff.models import Staff
from bot.staff.ports import PlaceNames
from bot.staff.roles import Permission
from bot.web.console import NavLink, Page, Section, Visit
from bot.web.login import local_path
from handlers.tickets.labels import label
from handlers.tickets.queue_desk import QueueDesk, QueueDraft
from handlers.tickets.queue_lists import PAGE, QueueLists
from handlers.tickets.queues import NoSuchQueue
from handlers.tickets.staff_work import DeskWork
from handlers.tickets.ticket import Category

HERE = "queue_admin"
PATH = "/staff/queue-admin"


class HeirMissing(UserFacingError):
    code = "heir_missing"


class QueueAdminPages:
    def __init__(
        self, database: Database, keeping: QueueDesk, lists: QueueLists, work: DeskWork, places: PlaceNames
    ) -> None:
        self._database = database
        self._keeping = keeping
        self._lists = lists
        self._work = work
        self._places = places

    def section(self) -> Section:
        people, queues = Permission.ASSIGN_STAFF, Permission.MANAGE_QUEUES
        one = f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, people),
                Page("POST", PATH, self.add, queues),
                Page("GET", f"{PATH}/new", self.ask_new, queues),
                Page("GET", f"{PATH}/hand-over", self.ask_hand_over, people),
                Page("POST", f"{PATH}/hand-over", self.hand_over, people),
                Page("POST", f"{PATH}/duty", self.set_duty, people),
                Page("GET", one, self.show, people),
                Page("POST", f"{one}/change", self.change, queues),
                Page("POST", f"{one}/join", self.join, people),
                Page("POST", f"{one}/leave", self.leave, people),
            ),
            links=(NavLink("manage", HERE, PATH, "list", people),),
        )

    # -- queues -------------------------------------------------------------------------------------------

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        asked = visit.request.query.get("page", "")
        page = int(asked) if _is_id(asked) and len(asked) < 5 and int(asked) else 1
        async with self._database.reading() as session:
            rows, count = await self._lists.queues(session, visit.staff.scope, page=page)
        return await visit.page(
            "queues/list",
            here=HERE,
            rows=rows,
            count=count,
            number=page,
            pages=max(1, -(-count // PAGE)),
            place=self._places.whole,
            category=_category,
            may_change=visit.may(Permission.MANAGE_QUEUES),
        )

    async def ask_new(self, visit: Visit) -> web.StreamResponse:
        return await self._draw_new(visit, {"place": self._places.whole(visit.staff.region), "category": "general"}, {})

    async def add(self, visit: Visit) -> web.StreamResponse:
        form = {key: visit.form.get(key, "")[:80] for key in ("name", "place", "category", "telegram_chat", "shares")}
        try:
            region = find_place(self._places, form["place"], scope=visit.staff.scope)
        except NoSuchPlace as error:
            async with self._database.transaction() as session:
                path = visit.request.path
                await audit.note_refusal(session, error.code, actor=visit.actor, path=path, at=visit.now)
            return await self._draw_new(visit, form, {"place": _say(visit, error)})
        category = Category(form["category"]) if form["category"] in set(Category) else Category.GENERAL
        try:
            async with self._database.transaction() as session:
                queue = await self._keeping.add(
                    session, visit.staff, _draft_of(visit), region=region, category=category, now=visit.now
                )
        except UserFacingError as error:
            return await self._draw_new(visit, form, {_field_of(error): _say(visit, error)})
        return visit.go(f"{PATH}/{queue.id}", done="queue_added")

    async def show(self, visit: Visit) -> web.StreamResponse:
        return await self._draw(visit, {})

    async def change(self, visit: Visit) -> web.StreamResponse:
        try:
            async with self._database.transaction() as session:
                queue = await self._keeping.change(session, visit.staff, _id_of(visit), _draft_of(visit), now=visit.now)
        except NoSuchQueue:
            raise
        except UserFacingError as error:
            return await self._draw(visit, {_field_of(error): _say(visit, error)})
        return visit.go(f"{PATH}/{queue.id}", done="queue_changed")

    # -- people -------------------------------------------------------------------------------------------

    async def join(self, visit: Visit) -> web.StreamResponse:
        queue_id = _id_of(visit)
        async with self._database.transaction() as session:
            await self._keeping.join(session, visit.staff, queue_id, _staff_of(visit), now=visit.now)
        return visit.go(f"{PATH}/{queue_id}", done="queue_joined")

    async def leave(self, visit: Visit) -> web.StreamResponse:
        queue_id = _id_of(visit)
        async with self._database.transaction() as session:
            await self._keeping.leave(session, visit.staff, queue_id, _staff_of(visit), now=visit.now)
        return visit.go(f"{PATH}/{queue_id}", done="queue_left")

    async def set_duty(self, visit: Visit) -> web.StreamResponse:
        duty = Duty.ON if visit.form.get("duty") == str(Duty.ON) else Duty.AWAY
        async with self._database.transaction() as session:
            staff = await access_by_id(session, _staff_of(visit), scope=visit.staff.scope)
            await set_duty(session, staff, duty, actor=visit.actor, now=visit.now)
        return visit.go(local_path(visit.form.get("back", "")) or PATH, done=f"their_duty_{duty}")

    async def ask_hand_over(self, visit: Visit) -> web.StreamResponse:
        return await self._draw_hand_over(visit, visit.request.query.get("from", ""), {})

    async def hand_over(self, visit: Visit) -> web.StreamResponse:
        leaver, turns = visit.form.get("from", ""), turns_of(visit.form.get("to", ""))
        if turns is None:
            return await self._draw_hand_over(visit, leaver, {"to": _say(visit, HeirMissing())})
        try:
            async with self._database.transaction() as session:
                await self._keeping.hand_over(session, visit.staff, _read_id(leaver), turns.to, now=visit.now)
        except NoSuchAccount:
            raise
        except UserFacingError as error:
            return await self._draw_hand_over(visit, leaver, {"to": _say(visit, error)})
        return visit.go(f"{PATH}/hand-over", done="handed_over")

    # -- inside -------------------------------------------------------------------------------------------

    async def _draw_new(self, visit: Visit, form: dict[str, str], faults: dict[str, str]) -> web.Response:
        return await visit.page(
            "queues/new",
            here=HERE,
            status=422 if faults else 200,
            form={"name": "", "telegram_chat": "", "shares": "", **form},
            faults=faults,
            categories=[(str(one), label("category", str(one))) for one in Category],
        )

    async def _draw(self, visit: Visit, faults: dict[str, str]) -> web.Response:
        async with self._database.reading() as session:
            queue = await self._lists.look(session, visit.staff.scope, _id_of(visit))
            members = await self._keeping.members(session, queue.id)
            in_hand = await self._work.open_of(session, [one.id for one in members])
            candidates = await self._lists.candidates(session, visit.staff.scope, queue)
        form: dict[str, Any] = {"name": queue.name, "telegram_chat": queue.telegram_chat or "", "shares": queue.shares}
        if visit.request.method == "POST":
            form = {key: visit.form.get(key, "")[:80] for key in form}
        return await visit.page(
            "queues/one",
            here=HERE,
            status=422 if faults else 200,
            queue=queue,
            form=form,
            faults=faults,
            members=[(one, in_hand.get(one.id, 0), visit.staff.scope.covers(one.region)) for one in members],
            candidates=candidates,
            place=self._places.whole,
            category=_category,
            may_change=visit.may(Permission.MANAGE_QUEUES),
        )

    async def _draw_hand_over(self, visit: Visit, leaver: str, faults: dict[str, str]) -> web.Response:
        async with self._database.reading() as session:
            if not leaver:
                busy = await self._lists.busy(session, visit.staff.scope)
                return await visit.page("queues/busy", here=HERE, rows=busy, place=self._places.whole)
            staff = await self._look(session, visit, leaver)
            parts = await self._lists.in_hand(session, staff.id)
            colleagues = await heirs(session, scope=visit.staff.scope, other_than=staff.id)
        return await visit.page(
            "queues/hand_over",
            here=HERE,
            status=422 if faults else 200,
            staff=staff,
            parts=parts,
            count=sum(count for _, count in parts),
            colleagues=colleagues,
            to=visit.form.get("to", ""),
            faults=faults,
        )

    async def _look(self, session: AsyncSession, visit: Visit, words: str) -> Staff:
        found = await session.get(Staff, _read_id(words))
        if found is None or not visit.staff.scope.covers(found.region):
            raise NoSuchAccount(username=words[:40])
        return found


def _draft_of(visit: Visit) -> QueueDraft:
    form = visit.form
    return QueueDraft(form.get("name", ""), form.get("telegram_chat", ""), shares=form.get("shares") == "yes")


def _field_of(error: UserFacingError) -> str:
    return "telegram_chat" if error.code == "chat_unfit" else "name"


def _say(visit: Visit, error: UserFacingError) -> str:
    return visit.pages.say_error(error.code, error.data)


def _category(name: str) -> str:
    return label("category", name)


def _id_of(visit: Visit) -> int:
    words = visit.request.match_info["id"]
    if not _is_id(words):
        raise NoSuchQueue(name=words[:40])
    return int(words)


def _staff_of(visit: Visit) -> int:
    return _read_id(visit.form.get("staff", ""))


def _read_id(words: str) -> int:
    if not _is_id(words):
        raise NoSuchAccount(username=words[:40])
    return int(words)


def _is_id(words: str) -> bool:
    return words.isascii() and words.isdecimal() and 0 < len(words) < 16
