"""A ticket's clock as staff see it, in a list and on its page: what is due next, how it looks, how much is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.clock import LOCAL
from handlers.tickets.clockwork import Clockwork, Hand, next_due, pauses_of
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import OPEN, State

SOON = 80
"""From this share of the time on, in per cent, a clock looks as if it was nearly over."""


class Look(StrEnum):
    """The colour, which never speaks alone."""

    IN_TIME = "reed"
    SOON = "dawn"
    OVER = "clay"
    RESTS = "dusk"
    ENDED = "plain"


@dataclass(frozen=True)
class ClockFace:
    """Drawn by `clock` and `clock_tag` in `templates/console/tickets/parts.html`."""

    look: Look
    hand: str = ""
    """accept, contact or answer; empty where nothing is due."""
    since: datetime | None = None
    due: datetime | None = None
    minutes: int = 0
    """Working minutes left; how many it is over where it is over."""
    days: int = 0
    """The same in working days, begun ones not counted; 0 on the last."""
    used: int = 0
    """Per cent of the time, 100 at most."""
    provisional: bool = False


class ClockFaces:
    """Reads nothing but the ticket's own row: a list may ask for a hundred."""

    def __init__(self, clockwork: Clockwork) -> None:
        self._clockwork = clockwork

    def of(self, ticket: Ticket, *, now: datetime) -> ClockFace:
        """What is due next."""
        if ticket.state == str(State.SUPPLEMENT):
            return ClockFace(Look.RESTS, since=ticket.paused_at)
        due = next_due(ticket)
        if due is None:
            look = Look.ENDED if State(ticket.state) not in OPEN else Look.IN_TIME
            return ClockFace(look, since=ticket.state_since)
        return self._face(ticket, due.hand, due.at, now)

    def answer(self, ticket: Ticket, *, now: datetime) -> ClockFace | None:
        """The clock of the answer, beside that of the first contact; None where it does not run."""
        if ticket.answer_due is None or ticket.answered_at is not None or State(ticket.state) not in OPEN:
            return None
        return self._face(ticket, Hand.ANSWER, ticket.answer_due, now)

    def _face(self, ticket: Ticket, hand: Hand, due: datetime, now: datetime) -> ClockFace:
        hours, pauses, start = self._clockwork.hours(ticket), pauses_of(ticket), ticket.clock_from
        over = now > due
        minutes = hours.worked(due, now, pauses=pauses) if over else hours.worked(now, due, pauses=pauses)
        allowed = self._clockwork.minutes(ticket, hand)
        used = 100 if over else min(99, 100 * hours.worked(start, now, pauses=pauses) // max(1, allowed))
        look = Look.OVER if over else Look.SOON if used >= SOON else Look.IN_TIME
        a_day = hours.minutes_of(start.astimezone(LOCAL).date())
        return ClockFace(look, str(hand), start, due, minutes, minutes // a_day, used, ticket.provisional)
