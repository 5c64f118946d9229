"""诉求列表: which tickets a view, its tabs and its filters hold, sorted by what is due next, and how many, in SQL.

Pages go on where the last row stood (keyset), so that the tenth costs what the first does. Counts stop at `MOST`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.models import Moment
from bot.staff.models import is_within
from bot.staff.roles import Scope
from handlers.tickets.models import GROUPED, Ticket
from handlers.tickets.seeing import Eyes, as_filter_only, is_own, sees
from handlers.tickets.ticket import OPEN, Category, Priority, State

PAGE = 25
MOST = 1000
"""Where counting stops: 999+."""
LAST_PLACE = 10**7

OWED = Ticket.next_due.is_not(None)
"""Open: the office owes the person something."""


class View(StrEnum):
    """The lists of the side bar."""

    WORK = "work"  # 我的工作
    QUEUES = "queues"  # 我的队列
    UNCLAIMED = "unclaimed"  # 没人领
    DUE = "due"  # 快到期
    OVERDUE = "overdue"  # 已超期
    GROUPS = "groups"  # 群体事项
    ALL = "all"  # 全部诉求


class Tab(StrEnum):
    """Parts of a view; OPEN is the first of each."""

    OPEN = "open"  # 在办
    TODAY = "today"  # 今天到期
    SUPPLEMENT = "supplement"  # 等群众补充
    HEARING = "hearing"  # 等回访
    ENDED = "ended"  # 办完的


TABS: Mapping[View, tuple[Tab, ...]] = {
    View.WORK: (Tab.OPEN, Tab.TODAY, Tab.SUPPLEMENT, Tab.HEARING),
    View.ALL: (Tab.OPEN, Tab.HEARING, Tab.ENDED),
}


class Flag(StrEnum):
    URGENT = "urgent"  # 加急
    GROUP = "group"  # 群体
    SUPERVISED = "supervised"  # 督办
    URGED = "urged"  # 催办
    CONFIDENTIAL = "confidential"  # 保密


FLAGS: Mapping[Flag, ColumnElement[bool]] = {
    Flag.URGENT: Ticket.priority == str(Priority.URGENT),
    Flag.GROUP: Ticket.is_group.is_(True),
    Flag.SUPERVISED: Ticket.supervision > 0,
    Flag.URGED: Ticket.urged > 0,
    Flag.CONFIDENTIAL: Ticket.confidential.is_(True),
}


@dataclass(frozen=True)
class Chosen:
    """What the filters of an address say; what they cannot mean is left out."""

    category: Category | None = None
    town: str = ""
    source: str = ""
    flag: Flag | None = None
    state: State | None = None

    @property
    def is_any(self) -> bool:
        return self != Chosen()

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.category is not None:
            found.append(Ticket.category == str(self.category))
        if self.town:
            found.append(is_within(Scope(self.town), Ticket.region))
        if self.source:
            found.append(Ticket.source == self.source)
        if self.flag is not None:
            found.append(FLAGS[self.flag])
        if self.state is not None:
            found.append(Ticket.state == str(self.state))
        return found


def read_chosen(query: Mapping[str, str], *, towns: Collection[str], sources: Collection[str]) -> Chosen:
    town, source = query.get("town", ""), query.get("source", "")
    return Chosen(
        category=Category(query["category"]) if query.get("category") in set(Category) else None,
        town=town if town in towns else "",
        source=source if source in sources else "",
        flag=Flag(query["flag"]) if query.get("flag") in set(Flag) else None,
        state=State(query["state"]) if query.get("state") in set(State) else None,
    )


@dataclass(frozen=True)
class Mark:
    """A place in a sorted list, written into the address of the next page."""

    at: datetime
    ticket_id: int
    place: int
    """Of the first row of that page, counted from 1; only to be shown."""

    def __str__(self) -> str:
        return f"{int(self.at.timestamp() * 1_000_000)}.{self.ticket_id}.{self.place}"


def read_mark(text: str) -> Mark | None:
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        return None
    micro, ticket_id, place = map(int, parts)
    try:
        at = datetime.fromtimestamp(micro // 1_000_000, LOCAL) + timedelta(microseconds=micro % 1_000_000)
    except (OverflowError, ValueError, OSError):
        return None
    return Mark(at, ticket_id, max(1, min(place, LAST_PLACE)))


@dataclass(frozen=True)
class Listed:
    """One page of a list."""

    tickets: Sequence[Ticket]
    place: int
    """Of the first row, counted from 1."""
    before: Mark | None
    after: Mark | None


@dataclass(frozen=True)
class _Order:
    """By which column a list is sorted; every row of it has a value there."""

    name: str
    newest_first: bool = False


_BY_DUE = _Order("next_due")
_ORDERS = {Tab.HEARING: _Order("state_since"), Tab.ENDED: _Order("opened_at", newest_first=True)}


def end_of_day(now: datetime) -> datetime:
    """Midnight after now, in the bureau's time."""
    return datetime.combine(now.astimezone(LOCAL).date() + timedelta(days=1), time(), LOCAL)


def conditions(view: View, tab: Tab, eyes: Eyes, now: datetime) -> list[ColumnElement[bool]]:
    """What a view holds for whoever looks, without filters."""
    if view is View.WORK:
        theirs = is_own(eyes) if eyes.staff.role == "helper" else Ticket.handler_id == eyes.staff.id
    elif view is View.QUEUES:
        theirs = Ticket.queue_id.in_(eyes.queues)
    elif tab is Tab.OPEN:
        return [sees(eyes), *in_view(view, now)]
    else:
        theirs = sees(eyes)
    return [theirs, *_tab(tab, now)]


def in_view(view: View, now: datetime) -> list[ColumnElement[bool]]:
    """What a view asks for, whoever looks."""
    return _VIEWS[view](now) if view in _VIEWS else []


def is_due_soon(now: datetime) -> ColumnElement[bool]:
    """80 % of the time used, or due today; what is over already is no longer due soon."""
    return (Ticket.soon_at <= now) & (as_filter_only(Ticket.next_due) >= now)


def is_overdue(now: datetime) -> ColumnElement[bool]:
    return Ticket.next_due < now


IS_UNCLAIMED = Ticket.handler_id.is_(None) & (Ticket.state != str(State.RETURNED))
"""Of what was returned a leader decides first."""

_IS_GROUP: ColumnElement[bool] = literal_column(GROUPED.text)
"""Word by word as its index has it."""
_VIEWS: Mapping[View, Callable[[datetime], list[ColumnElement[bool]]]] = {
    View.UNCLAIMED: lambda _now: [OWED, IS_UNCLAIMED],
    View.DUE: lambda now: [is_due_soon(now)],
    View.OVERDUE: lambda now: [is_overdue(now)],
    View.GROUPS: lambda _now: [OWED, _IS_GROUP],
    View.ALL: lambda _now: [OWED],
}
"""All of them open."""
_ENDED = tuple(str(state) for state in State if state not in OPEN and state is not State.ANSWERED)


def _tab(tab: Tab, now: datetime) -> list[ColumnElement[bool]]:
    match tab:
        case Tab.TODAY:
            midnight = end_of_day(now)
            return [OWED, Ticket.next_due >= midnight - timedelta(days=1), Ticket.next_due < midnight]
        case Tab.SUPPLEMENT:
            return [OWED, Ticket.state == str(State.SUPPLEMENT)]
        case Tab.HEARING:
            return [Ticket.state == str(State.ANSWERED)]
        case Tab.ENDED:
            return [Ticket.state.in_(_ENDED)]
    return [OWED]


async def list_page(
    session: AsyncSession,
    wanted: Sequence[ColumnElement[bool]],
    *,
    tab: Tab = Tab.OPEN,
    after: Mark | None = None,
    before: Mark | None = None,
) -> Listed:
    """The page after a mark, or that before one; without either the first."""
    order = _ORDERS.get(tab, _BY_DUE)
    mark, backwards = (before, True) if before is not None else (after, False)
    rows = list(await session.scalars(_select(wanted, order, mark, backwards=backwards)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards and not more:  # the top is near, and rows may have come before it: the first page as it is now
        return await list_page(session, wanted, tab=tab)
    if backwards:
        rows.reverse()
    place = 1 if mark is None else max(1, mark.place - PAGE) if backwards else mark.place
    first = _mark(rows[0], order, place) if rows and mark is not None else None
    last = _mark(rows[-1], order, place + len(rows)) if rows and (more or backwards) else None
    return Listed(rows, place, first, last)


def _mark(ticket: Ticket, order: _Order, place: int) -> Mark:
    return Mark(getattr(ticket, order.name), ticket.id, place)


def _select(
    wanted: Sequence[ColumnElement[bool]], order: _Order, mark: Mark | None, *, backwards: bool
) -> Select[Ticket]:
    column, falling = getattr(Ticket, order.name), order.newest_first is not backwards
    found = select(Ticket).where(*wanted)
    if mark is not None:
        here, there = tuple_(column, Ticket.id), tuple_(literal(mark.at, Moment()), mark.ticket_id)
        found = found.where(here < there if falling else here > there)
    keys = (column, Ticket.id)
    return found.order_by(*(key.desc() if falling else key for key in keys)).limit(PAGE + 1)


def capped(wanted: Sequence[ColumnElement[bool]]) -> Any:
    """How many, up to `MOST`, as a value for a select."""
    some = select(Ticket.id).where(*wanted).limit(MOST).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def count_question(wanted: Mapping[str, Sequence[ColumnElement[bool]]]) -> Select[Any]:
    """Several capped counts as one row."""
    return select(*(capped(one).label(name) for name, one in wanted.items()))


async def count_all(session: AsyncSession, wanted: Mapping[str, Sequence[ColumnElement[bool]]]) -> dict[str, int]:
    if not wanted:
        return {}
    return dict((await session.execute(count_question(wanted))).mappings().one())
