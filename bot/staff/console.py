"""/staff/accounts: who may work here, as what and where; made in `bot.web.staff_site`.

A one-time password stands once on the page that answers the form, and nowhere else: not in an address, not in a log.
"""

from __future__ import annotations

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.errors import UserFacingError
from bot.staff import accounts, audit, passwords
from bot.staff.account_form import AccountForm, AccountRead, read_id, turns_of
from bot.staff.listing import PAGE, AccountState, Wanted, search_accounts, state_of
from bot.staff.managing import (
    WORKERS,
    NotYourself,
    change_account,
    disable_account,
    heirs,
)
from bot.staff.models import Staff
from bot.staff.ports import PlaceNames, StaffWork
from bot.staff.roles import Permission, Role
from bot.web.console import NavLink, Page, Section, Visit

HERE = "accounts"
PATH = "/staff/accounts"


class Accounts:
    def __init__(self, database: Database, places: PlaceNames, work: StaffWork) -> None:
        self._database = database
        self._places = places
        self._work = work

    def section(self) -> Section:
        may = Permission.MANAGE_ACCOUNTS
        one = f"{PATH}/{{id}}"
        return Section(
            pages=(
                Page("GET", PATH, self.list_all, may),
                Page("GET", f"{PATH}/new", self.ask_new, may),
                Page("POST", PATH, self.add, may),
                Page("GET", one, self.show, may),
                Page("POST", f"{one}/change", self.change, may),
                Page("POST", f"{one}/password", self.reset_password, may),
                Page("POST", f"{one}/unlock", self.unlock, may),
                Page("POST", f"{one}/disable", self.disable, may),
            ),
            links=(NavLink("manage", HERE, PATH, "people", may),),
        )

    # -- looking ------------------------------------------------------------------------------------------

    async def list_all(self, visit: Visit) -> web.StreamResponse:
        wanted = Wanted.read(visit.request.query)
        async with self._database.reading() as session:
            found, count = await search_accounts(session, wanted, scope=visit.staff.scope, now=visit.now)
            queues = await self._work.queues_of(session, [one.id for one in found])
        rows = [(one, state_of(one, visit.now), len(queues.get(one.id, ()))) for one in found]
        return await visit.page(
            "accounts/list",
            here=HERE,
            rows=rows,
            wanted=wanted,
            count=count,
            pages=max(1, -(-count // PAGE)),
            place=self._places.whole,
            workers=WORKERS,
            roles=[str(role) for role in Role],
            states=[str(state) for state in AccountState],
        )

    async def show(self, visit: Visit) -> web.StreamResponse:
        async with self._database.reading() as session:
            staff = await self._look(session, visit)
        return await self._draw(visit, staff)

    async def ask_new(self, visit: Visit) -> web.StreamResponse:
        return await self._draw_new(visit, AccountForm(role=str(Role.CLERK), place=self._name(visit.staff.region)), {})

    # -- acting -------------------------------------------------------------------------------------------

    async def add(self, visit: Visit) -> web.StreamResponse:
        form = AccountForm.read(visit)
        read, faults = await self._say_faults(visit, form, *form.check_new(self._places, visit.staff.scope))
        if read is None:
            return await self._draw_new(visit, form, faults)
        password = await passwords.make_one_time()
        try:
            async with self._database.transaction() as session:
                staff = await accounts.add_account(
                    session,
                    form.username,
                    role=read.role,
                    region=read.region,
                    password=password,
                    actor=visit.actor,
                    now=visit.now,
                    display_name=form.display_name,
                    telegram_id=form.telegram or None,
                )
                await self._work.join(session, visit.staff, staff, form.queue_ids, now=visit.now)
        except UserFacingError as error:
            return await self._draw_new(visit, form, {form.field_of(error): self._say(visit, error)})
        return await visit.page("accounts/password", here=HERE, staff=staff, password=password.plain, is_new=True)

    async def change(self, visit: Visit) -> web.StreamResponse:
        form = AccountForm.read(visit)
        async with self._database.reading() as session:
            staff = await self._look(session, visit)
        read, faults = await self._say_faults(visit, form, *form.check(self._places, visit.staff.scope))
        if read is None:
            return await self._draw(visit, staff, form=form, faults=faults)
        try:
            async with self._database.transaction() as session:
                staff = await self._access(session, visit)
                await change_account(
                    session,
                    visit.staff,
                    staff,
                    self._work,
                    role=read.role,
                    region=read.region,
                    display_name=form.display_name,
                    now=visit.now,
                )
                await accounts.link_telegram(session, staff, form.telegram or None, actor=visit.actor, now=visit.now)
        except UserFacingError as error:
            return await self._draw_refused(visit, error, form=form, field=form.field_of(error))
        return visit.go(f"{PATH}/{staff.id}", done="account_changed")

    async def reset_password(self, visit: Visit) -> web.StreamResponse:
        password = await passwords.make_one_time()
        async with self._database.transaction() as session:
            staff = await self._access(session, visit)
            if staff.id == visit.staff.id:
                raise NotYourself
            await accounts.reset_password(session, staff, password, actor=visit.actor, now=visit.now)
        return await visit.page("accounts/password", here=HERE, staff=staff, password=password.plain, is_new=False)

    async def unlock(self, visit: Visit) -> web.StreamResponse:
        async with self._database.transaction() as session:
            staff = await self._access(session, visit)
            await accounts.unlock(session, staff, actor=visit.actor, now=visit.now)
        return visit.go(f"{PATH}/{staff.id}", done="account_opened")

    async def disable(self, visit: Visit) -> web.StreamResponse:
        reason = visit.form.get("text", "")
        try:
            async with self._database.transaction() as session:
                staff = await self._access(session, visit)
                await disable_account(
                    session,
                    visit.staff,
                    staff,
                    self._work,
                    reason=reason,
                    turns=turns_of(visit.form.get("to", "")),
                    now=visit.now,
                )
        except UserFacingError as error:
            field = "text" if error.code == "reason_missing" else "to"
            return await self._draw_refused(visit, error, field=field, reason=reason)
        return visit.go(f"{PATH}/{staff.id}", done="account_disabled")

    # -- inside -------------------------------------------------------------------------------------------

    async def _access(self, session: AsyncSession, visit: Visit) -> Staff:
        return await accounts.access_by_id(session, read_id(visit.request), scope=visit.staff.scope)

    async def _look(self, session: AsyncSession, visit: Visit) -> Staff:
        """To be read only. Raises NoSuchAccount."""
        found = await session.get(Staff, read_id(visit.request))
        if found is None or not visit.staff.scope.covers(found.region):
            raise accounts.NoSuchAccount(username=visit.request.match_info["id"][:40])
        return found

    async def _say_faults(
        self, visit: Visit, form: AccountForm, read: AccountRead | None, errors: dict[str, UserFacingError]
    ) -> tuple[AccountRead | None, dict[str, str]]:
        """What is wrong in words, by field; reaching for another region is written down."""
        if (reached := errors.get("place")) is not None and form.place:
            async with self._database.transaction() as session:
                path = visit.request.path
                await audit.note_refusal(session, reached.code, actor=visit.actor, path=path, at=visit.now)
        return read, {field: self._say(visit, error) for field, error in errors.items()}

    def _name(self, region: str) -> str:
        """In words where they lead back to the same place, else its code."""
        name = self._places.whole(region)
        return name if name and self._places.find(name) == region else region

    @staticmethod
    def _say(visit: Visit, error: UserFacingError) -> str:
        return visit.pages.say_error(error.code, error.data)

    async def _draw_new(self, visit: Visit, form: AccountForm, faults: dict[str, str]) -> web.Response:
        async with self._database.reading() as session:
            offered = await self._work.offered(session, visit.staff.scope)
        return await visit.page(
            "accounts/new",
            here=HERE,
            status=422 if faults else 200,
            form=form,
            faults=faults,
            queues=offered,
            roles=[str(role) for role in Role],
        )

    async def _draw_refused(
        self, visit: Visit, error: UserFacingError, *, field: str, form: AccountForm | None = None, reason: str = ""
    ) -> web.Response:
        """The page again with the refusal where it belongs; what is not there is refused as such."""
        if error.code == "no_such_account":
            raise error
        async with self._database.reading() as session:
            staff = await self._look(session, visit)
        return await self._draw(visit, staff, form=form, faults={field: self._say(visit, error)}, reason=reason)

    async def _draw(
        self,
        visit: Visit,
        staff: Staff,
        *,
        form: AccountForm | None = None,
        faults: dict[str, str] | None = None,
        reason: str = "",
    ) -> web.Response:
        async with self._database.reading() as session:
            queues = (await self._work.queues_of(session, [staff.id])).get(staff.id, ())
            in_hand = (await self._work.open_of(session, [staff.id])).get(staff.id, 0)
            colleagues = await heirs(session, scope=visit.staff.scope, other_than=staff.id) if in_hand else []
        return await visit.page(
            "accounts/one",
            here=HERE,
            status=422 if faults else 200,
            staff=staff,
            state=str(state_of(staff, visit.now)),
            is_own=staff.id == visit.staff.id,
            form=form or AccountForm.of(staff, self._name(staff.region)),
            faults=faults or {},
            reason=reason,
            queues=queues,
            in_hand=in_hand,
            colleagues=colleagues,
            place=self._places.whole,
            workers=WORKERS,
            roles=[str(role) for role in Role],
        )
