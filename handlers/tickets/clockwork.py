"""时限: sets a ticket's deadlines, lets them rest while the person is asked for more, and acts when a moment comes.

One timer a ticket, always set to its next moment (a warning, a breach, or asking the person again). It is written
in the transaction that causes it; what it does commits with it, so every moment acts once, in any number of processes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.background import Timers
from bot.clock import LOCAL
from handlers.tickets.calendar import Calendars
from handlers.tickets.deadlines import Deadlines, Limits
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import OPEN, Category, Kind, Priority, State
from handlers.tickets.worktime import WorkTime

TIMER = "ticket.clock"
ARCHIVE_AFTER = timedelta(days=30)
"""As long as a matter closed as solved may come back."""
SHARES = (50, 80, 100)
"""At which shares of the time, in per cent, somebody is warned: the handler, the supervisor, the head."""


RESTS = datetime(9000, 1, 1, tzinfo=UTC)
"""`Ticket.next_due` while the clock rests: open, and after everything that is due."""


class Hand(StrEnum):
    """The three things a ticket's clock waits for, in the order in which they must be done."""

    ACCEPT = "accept"
    CONTACT = "contact"
    ANSWER = "answer"


@dataclass(frozen=True)
class Due:
    """What staff owe, and by when."""

    hand: Hand
    at: datetime


@dataclass(frozen=True)
class Mark:
    """A moment of the clock: 80 % of the time for the answer is used."""

    at: datetime
    hand: Hand
    share: int

    @property
    def name(self) -> str:
        return f"{self.hand}:{self.share}"

    @property
    def is_breach(self) -> bool:
        return self.share >= 100


class Timetable(Protocol):
    """Which limits hold where, and since when: a ticket keeps those under which its clock began."""

    def at(self, region: str | None, moment: datetime) -> Deadlines: ...


class Clockwork:
    def __init__(self, calendars: Calendars, timetable: Timetable, timers: Timers) -> None:
        self._calendars = calendars
        self._timetable = timetable
        self._timers = timers

    def deadlines(self, ticket: Ticket) -> Deadlines:
        return self._timetable.at(ticket.region, ticket.clock_from)

    def limits(self, ticket: Ticket) -> Limits:
        return self.deadlines(ticket).limits(Kind(ticket.kind), Category(ticket.category), Priority(ticket.priority))

    def hours(self, ticket: Ticket) -> WorkTime:
        return self.hours_at(ticket.region)

    def hours_at(self, region: str | None) -> WorkTime:
        """The working time of a place."""
        return self._calendars.of(region)

    # -- setting ------------------------------------------------------------------------------------------

    def begin(self, ticket: Ticket, now: datetime) -> None:
        """All three deadlines, counted from now."""
        ticket.clock_from, ticket.warned, ticket.pauses, ticket.paused_at = now, [], [], None
        limits, hours = self.limits(ticket), self.hours(ticket)
        ticket.extended, ticket.extension_minutes = False, None
        ticket.accepted_at = ticket.contacted_at = ticket.answered_at = ticket.heard_at = None
        ticket.answer_minutes = limits.answer.minutes(hours, now)
        self._reckon(ticket)

    def pause(self, ticket: Ticket, now: datetime) -> None:
        """待补充: nothing is due while we wait for the person."""
        ticket.paused_at, ticket.asked_again = now, 0
        ticket.accept_due = ticket.contact_due = ticket.answer_due = None

    def resume(self, ticket: Ticket, now: datetime) -> None:
        if ticket.paused_at is None:
            return
        ticket.pauses = [*ticket.pauses, [ticket.paused_at.isoformat(), now.isoformat()]]
        ticket.paused_at = None
        self._reckon(ticket)

    def extend(self, ticket: Ticket, minutes: int) -> None:
        """Once: the deadline of the answer moves by so many working minutes."""
        ticket.answer_minutes += minutes
        ticket.extended, ticket.extension_minutes = True, None
        # Of the longer time less is used now: what was warned of the answer may come again.
        ticket.warned = [name for name in ticket.warned if not name.startswith(Hand.ANSWER)]
        self._reckon(ticket)

    def hurry(self, ticket: Ticket) -> None:
        """Its priority or category changed: no more time than before."""
        minutes = self.limits(ticket).answer.minutes(self.hours(ticket), ticket.clock_from)
        if not ticket.extended and minutes < ticket.answer_minutes:
            ticket.answer_minutes = minutes
        self._reckon(ticket)

    def _reckon(self, ticket: Ticket) -> None:
        """The deadlines from what is kept: where the clock began, what is allowed, when it rested."""
        if ticket.paused_at is not None:
            return
        hours, limits, start = self.hours(ticket), self.limits(ticket), ticket.clock_from
        pauses = pauses_of(ticket)
        answer = hours.due(start, minutes=ticket.answer_minutes, pauses=pauses)
        ticket.accept_due = hours.due(start, minutes=limits.accept.minutes(hours, start), pauses=pauses).at
        ticket.contact_due = hours.due(start, minutes=limits.contact.minutes(hours, start), pauses=pauses).at
        ticket.answer_due, ticket.provisional = answer.at, answer.provisional

    def on(self, calendars: Calendars) -> Clockwork:
        """The same by another calendar, to try what it would come to."""
        return Clockwork(calendars, self._timetable, self._timers)

    def would_move(self, ticket: Ticket) -> bool:
        """Whether its deadlines are others by this calendar; nothing of it is changed."""
        if ticket.paused_at is not None:
            return False
        hours, limits, start, pauses = self.hours(ticket), self.limits(ticket), ticket.clock_from, pauses_of(ticket)
        allowed = (
            (ticket.accept_due, limits.accept.minutes(hours, start)),
            (ticket.contact_due, limits.contact.minutes(hours, start)),
            (ticket.answer_due, ticket.answer_minutes),
        )
        return any(due != hours.due(start, minutes=minutes, pauses=pauses).at for due, minutes in allowed)

    def recompute(self, ticket: Ticket) -> bool:
        """Perhaps the holiday table has come. -> whether anything of its deadlines changed"""
        before = (ticket.provisional, ticket.accept_due, ticket.contact_due, ticket.answer_due)
        self._reckon(ticket)
        return before != (ticket.provisional, ticket.accept_due, ticket.contact_due, ticket.answer_due)

    # -- moments ------------------------------------------------------------------------------------------

    def marks(self, ticket: Ticket) -> Iterator[Mark]:
        """What is still to come (or is overdue), unsorted: of each hand that is not done, what was not warned."""
        if ticket.paused_at is not None or State(ticket.state) not in RUNNING:
            return
        hours, limits, start = self.hours(ticket), self.limits(ticket), ticket.clock_from
        allowed = {
            Hand.ACCEPT: (ticket.accepted_at, limits.accept.minutes(hours, start)),
            Hand.CONTACT: (ticket.contacted_at, limits.contact.minutes(hours, start)),
            Hand.ANSWER: (ticket.answered_at, ticket.answer_minutes),
        }
        for hand, (done_at, minutes) in allowed.items():
            if done_at is not None:
                continue
            for share in SHARES:
                if f"{hand}:{share}" not in ticket.warned:
                    at = hours.at_share(start, minutes, share / 100, pauses=pauses_of(ticket))
                    yield Mark(at, hand, share)

    def due_marks(self, ticket: Ticket, now: datetime) -> list[Mark]:
        """What has come by now, in the order of time."""
        return sorted((mark for mark in self.marks(ticket) if mark.at <= now), key=lambda mark: (mark.at, mark.share))

    def next_moment(self, ticket: Ticket) -> datetime | None:
        """When the clock must look at the ticket again."""
        state = State(ticket.state)
        if state in ASKING:
            if ticket.asked_again > 1:
                return None  # somebody has been told to call
            since, hours = ticket.state_since, self.hours(ticket)
            limits = self.deadlines(ticket)
            silence = limits.supplement if state is State.SUPPLEMENT else limits.silence
            return hours.due(since, minutes=silence.minutes(hours, since) * (ticket.asked_again + 1)).at
        if state in TO_BE_ARCHIVED:
            return ticket.state_since + ARCHIVE_AFTER
        return min((mark.at for mark in self.marks(ticket)), default=None)

    def minutes(self, ticket: Ticket, hand: Hand) -> int:
        """Working minutes allowed for it."""
        limits, hours, start = self.limits(ticket), self.hours(ticket), ticket.clock_from
        if hand is Hand.ANSWER:
            return ticket.answer_minutes
        return (limits.accept if hand is Hand.ACCEPT else limits.contact).minutes(hours, start)

    def note_next(self, ticket: Ticket) -> None:
        """Keeps in the row what is owed next, so that lists can be sorted by it."""
        if State(ticket.state) not in OPEN:
            ticket.next_due = ticket.soon_at = None
        elif (due := next_due(ticket)) is None:
            ticket.next_due, ticket.soon_at = RESTS, None
        else:
            minutes, pauses = self.minutes(ticket, due.hand), pauses_of(ticket)
            ticket.next_due = due.at
            used = self.hours(ticket).at_share(ticket.clock_from, minutes, 0.8, pauses=pauses)
            ticket.soon_at = min(used, datetime.combine(due.at.astimezone(LOCAL).date(), time(), LOCAL))

    async def set_timer(self, session: AsyncSession, ticket: Ticket) -> None:
        """The timer goes with the ticket: called at the end of everything that changes it."""
        self.note_next(ticket)
        at = self.next_moment(ticket)
        if at is None:
            await self._timers.drop(session, timer_key(ticket.id))
        else:
            await self._timers.set(session, TIMER, key=timer_key(ticket.id), at=at, data={"ticket": ticket.id})

    def return_until(self, ticket: Ticket) -> datetime:
        """退单 within one working day."""
        hours = self.hours(ticket)
        return hours.due(
            ticket.clock_from, minutes=self.deadlines(ticket).return_within.minutes(hours, ticket.clock_from)
        ).at

    def extension_minutes(self, ticket: Ticket, days: int) -> int:
        """So many working days there, in working minutes."""
        return days * self.hours(ticket).minutes_of(ticket.clock_from.astimezone(LOCAL).date())

    def most_extension(self, ticket: Ticket) -> int:
        """As long as the first limit at most."""
        return self.limits(ticket).extension.minutes(self.hours(ticket), ticket.clock_from)

    def answer_days(self, ticket: Ticket) -> int:
        """Working days allowed for the answer, begun ones counted."""
        a_day = self.hours(ticket).minutes_of(ticket.clock_from.astimezone(LOCAL).date())
        return -(-ticket.answer_minutes // a_day)

    def unread_until(self, ticket: Ticket, since: datetime) -> datetime:
        """By when news in a chat that we cannot push to should have been read."""
        hours = self.hours(ticket)
        return hours.due(since, minutes=self.deadlines(ticket).unread.minutes(hours, since)).at

    def one_day(self, ticket: Ticket, now: datetime) -> datetime:
        """One working day of the place from now on."""
        hours = self.hours(ticket)
        return hours.due(now, minutes=hours.minutes_of(now.astimezone(LOCAL).date())).at

    def task_due(self, ticket: Ticket, now: datetime) -> datetime:
        """One working day for a task such as a call."""
        hours = self.hours(ticket)
        return hours.due(now, minutes=self.deadlines(ticket).task.minutes(hours, now)).at


RUNNING = frozenset({State.WAITING, State.ACCEPTED, State.WORKING, State.RETURNED, State.EXTENDING, State.REVIEW})
"""States in which the clock runs; 延期审批 does not stop it."""

ASKING = frozenset({State.SUPPLEMENT, State.ANSWERED})
"""States in which it is the person's turn: they are asked again once, and then somebody calls."""

TO_BE_ARCHIVED = frozenset({State.HEARD, State.REJECTED})


def timer_key(ticket_id: int) -> str:
    return f"ticket:{ticket_id}"


def pauses_of(ticket: Ticket) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((datetime.fromisoformat(begin), datetime.fromisoformat(end)) for begin, end in ticket.pauses)


def next_due(ticket: Ticket) -> Due | None:
    """What staff owe next: the earliest of what is not done."""
    if State(ticket.state) not in OPEN:
        return None
    waits = (
        (Hand.ACCEPT, ticket.accepted_at, ticket.accept_due),
        (Hand.CONTACT, ticket.contacted_at, ticket.contact_due),
        (Hand.ANSWER, ticket.answered_at, ticket.answer_due),
    )
    found = [Due(hand, due) for hand, done, due in waits if done is None and due is not None]
    return min(found, key=lambda due: due.at, default=None)
