"""Staff at work in Telegram: cards in the queue's group, the ticket in the clerk's own chat, words by answering a card.

Only registered staff act; anybody else is refused, and the refusal is in the audit. Nothing personal goes to a group.
"""

from __future__ import annotations

from bot.dialogue import Outcome, Turn
from bot.errors import UserFacingError
from bot.staff.chats import find_staff, refuse
from bot.staff.models import Staff
from handlers.tickets.cabinet import NoSuchTicket
from handlers.tickets.staff_acts import Acted, StaffActs
from handlers.tickets.staff_reading import DROPS, is_command, read
from handlers.tickets.staff_replies import HintReply


class TicketNotYours(UserFacingError):
    """Not there or not theirs, in words for staff: the same for both. Data: number."""

    code = "ticket_not_yours"


class Staffroom:
    name = "staffroom"

    def __init__(self, acts: StaffActs) -> None:
        self._acts = acts

    async def step(self, turn: Turn) -> Outcome:
        staff = await find_staff(turn)
        in_group = bool(turn.incoming.sender)
        if staff is None:
            if not in_group and turn.pressed is None and not is_command(turn):
                return Outcome(state={}, passed=True)
            return Outcome((await refuse(turn),), state={})
        try:
            acted = await self._act(turn, staff, in_group=in_group)
        except NoSuchTicket as error:
            raise TicketNotYours(**error.data) from None
        if acted is None:
            return Outcome(state={}, passed=True)
        stays = acted.asking is not None and not in_group
        return Outcome(tuple(acted.replies), state=dict(acted.asking or {}) if stays else {}, stays=stays)

    async def _act(self, turn: Turn, staff: Staff, *, in_group: bool) -> Acted | None:
        """None for what is not about a ticket, in a private chat: the usual conversation takes it."""
        if turn.pressed is not None:
            return await self._acts.press(turn, staff, turn.pressed, in_group=in_group)
        if turn.state and DROPS.match(turn.incoming.text.strip()):
            return Acted([HintReply("dropped")])
        meant = await read(turn)
        if meant is None:
            return Acted([HintReply("unknown")]) if in_group or is_command(turn) else None
        if not meant.number:
            return Acted([HintReply("number")])
        return await self._acts.take(turn, staff, meant, in_group=in_group)
