"""What may be done with a ticket now and by this member of staff, and of everything else why not. Pure.

The same table drives the page (what is offered), the addresses (what role a form asks for) and the check of two
clerks on one ticket (what must not have happened since the page was drawn).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.staff.models import Staff
from bot.staff.roles import Permission
from handlers.tickets.models import Ticket
from handlers.tickets.ticket import OPEN, Move, State
from handlers.tickets.timeline import EntryKind


class Act(StrEnum):
    """What staff do on the page of a ticket; each is an address below it."""

    CLAIM = "claim"
    ASSIGN = "assign"
    REPLY = "reply"
    NOTE = "note"
    CONTACT = "contact"
    SUPPLEMENT = "supplement"
    SUPPLEMENTED = "supplemented"
    TRANSFER = "transfer"
    RETURN = "return"
    REASSIGN = "reassign"
    EXTENSION = "extension"
    GRANT = "grant"
    DENY = "deny"
    SUBMIT = "submit"
    SEND_BACK = "send-back"
    ANSWER = "answer"
    HEAR = "hear"
    REOPEN = "reopen"
    REJECT = "reject"
    MERGE = "merge"
    FLAGS = "flags"
    SUPERVISE = "supervise"
    TASK = "finish-task"
    CODE = "code"
    HOLD = "hold"
    RELEASE = "release"
    FACTS = "facts"
    UNSEAL = "unseal"


class Why(StrEnum):
    """Why something cannot be done now; worded by `templates/console/tickets/why.html`."""

    STATE = "state"
    LEADERS = "leaders"
    LOOKS_ON = "looks_on"
    TAKEN = "taken"
    HAS_IT = "has_it"
    NOT_HIS = "not_his"
    CONTACT = "contact"
    REVIEWED = "reviewed"
    ONCE = "once"
    LATE = "late"
    NO_CHAT = "no_chat"
    HELD = "held"
    NOT_HELD = "not_held"
    NO_TASK = "no_task"
    SEALED = "sealed"
    NOBODY = "nobody"


ANYTHING = frozenset(
    {
        EntryKind.MOVED,
        EntryKind.ASSIGNED,
        EntryKind.TOLD,
        EntryKind.HEARD,
        EntryKind.NOTE,
        EntryKind.CONTACT,
        EntryKind.ANSWER,
        EntryKind.FACTS,
        EntryKind.FLAGS,
        EntryKind.OBJECTED,
        EntryKind.JOINED,
        EntryKind.TASK,
    }
)
"""What a clerk must have seen before they speak or decide. Warnings of the clock, files and looks change nothing."""
HANDS = frozenset({EntryKind.MOVED, EntryKind.ASSIGNED})
NOTHING: frozenset[EntryKind] = frozenset()


@dataclass(frozen=True)
class Rule:
    """What holds for one act, whatever the ticket."""

    permission: Permission
    move: Move | None = None
    """Its row in the table of moves; None for what moves nothing."""
    heeds: frozenset[EntryKind] = ANYTHING
    """What must not have happened since the page was drawn."""


WORK = Permission.WORK_TICKETS
RULES: Mapping[Act, Rule] = {
    Act.CLAIM: Rule(WORK, heeds=HANDS),
    Act.ASSIGN: Rule(Permission.ASSIGN, heeds=HANDS),
    Act.REPLY: Rule(WORK),
    Act.NOTE: Rule(Permission.RECORD_CONTACT, heeds=NOTHING),
    Act.CONTACT: Rule(WORK),
    Act.SUPPLEMENT: Rule(WORK, Move.ASK_SUPPLEMENT),
    Act.SUPPLEMENTED: Rule(WORK, Move.SUPPLEMENTED),
    Act.TRANSFER: Rule(WORK, Move.TRANSFER),
    Act.RETURN: Rule(WORK, Move.RETURN),
    Act.REASSIGN: Rule(Permission.APPROVE, Move.REASSIGN),
    Act.EXTENSION: Rule(WORK, Move.ASK_EXTENSION),
    Act.GRANT: Rule(Permission.APPROVE, Move.GRANT_EXTENSION),
    Act.DENY: Rule(Permission.APPROVE, Move.DENY_EXTENSION),
    Act.SUBMIT: Rule(WORK, Move.SUBMIT),
    Act.SEND_BACK: Rule(Permission.APPROVE, Move.SEND_BACK),
    Act.ANSWER: Rule(WORK, Move.ANSWER),
    Act.HEAR: Rule(WORK, Move.HEAR),
    Act.REOPEN: Rule(Permission.APPROVE, Move.REOPEN),
    Act.REJECT: Rule(WORK, Move.REJECT),
    Act.MERGE: Rule(WORK, Move.MERGE),
    Act.FLAGS: Rule(WORK, heeds=frozenset({EntryKind.FLAGS})),
    Act.SUPERVISE: Rule(Permission.SUPERVISE, heeds=frozenset({EntryKind.FLAGS})),
    Act.TASK: Rule(WORK, heeds=frozenset({EntryKind.TASK})),
    Act.CODE: Rule(WORK, heeds=NOTHING),
    Act.HOLD: Rule(WORK, heeds=HANDS),
    Act.RELEASE: Rule(WORK, heeds=NOTHING),
    Act.FACTS: Rule(WORK, heeds=frozenset({EntryKind.FACTS})),
    Act.UNSEAL: Rule(Permission.READ_TICKETS, heeds=NOTHING),
}
UNTOUCHED = frozenset({str(State.WAITING), str(State.ACCEPTED)})
"""Whoever has it now has not spoken with the person."""
LEADING = frozenset({Permission.ASSIGN, Permission.APPROVE, Permission.SUPERVISE})


@dataclass(frozen=True)
class Situation:
    """What the table of moves does not know of a ticket."""

    moves: Collection[Move] = ()
    """`desk.allowed`."""
    claimable: bool = False
    """`desk.may_claim`."""
    may_return: bool = True
    """退单 is still in time."""
    has_chat: bool = False
    held_by: int | None = None
    has_tasks: bool = False
    unsealable: bool = False


@dataclass(frozen=True)
class Offer:
    act: Act
    why: Why | None = None
    """None: it can be done."""

    @property
    def possible(self) -> bool:
        return self.why is None


def offers(staff: Staff, ticket: Ticket, situation: Situation, permissions: Collection[Permission]) -> dict[Act, Offer]:
    """Every act, by its name."""
    return {act: Offer(act, _why_not(act, rule, staff, ticket, situation, permissions)) for act, rule in RULES.items()}


def _why_not(
    act: Act, rule: Rule, staff: Staff, ticket: Ticket, situation: Situation, permissions: Collection[Permission]
) -> Why | None:
    if rule.permission not in permissions:
        return Why.LEADERS if rule.permission in LEADING and WORK in permissions else Why.LOOKS_ON
    if (why := _special(act, staff, ticket, situation)) is not None:
        return why
    if rule.move is not None and rule.move not in situation.moves:
        return Why.REVIEWED if act is Act.ANSWER and ticket.state == str(State.REVIEW) else Why.STATE
    return None


def _special(act: Act, staff: Staff, ticket: Ticket, situation: Situation) -> Why | None:
    """What no table of moves can say."""
    is_open = State(ticket.state) in OPEN
    match act:
        case Act.CLAIM if not situation.claimable:
            if ticket.handler_id is None or not is_open:
                return Why.STATE
            return Why.HAS_IT if ticket.handler_id == staff.id else Why.TAKEN
        case Act.ASSIGN if not is_open or ticket.state == str(State.RETURNED):
            return Why.STATE
        case Act.REPLY if not situation.has_chat:
            return Why.NO_CHAT
        case Act.ANSWER if ticket.state in UNTOUCHED or (
            ticket.contacted_at is None and Move.ANSWER in situation.moves
        ):
            return Why.CONTACT
        case Act.RETURN if Move.RETURN in situation.moves and not situation.may_return:
            return Why.ONCE if ticket.returns else Why.LATE
        case Act.EXTENSION if Move.ASK_EXTENSION in situation.moves and ticket.extended:
            return Why.ONCE
        case Act.HOLD:
            return _why_not_hold(staff, ticket, situation, is_open=is_open)
        case Act.RELEASE if situation.held_by != staff.id:
            return Why.NOT_HELD
        case Act.TASK if not situation.has_tasks:
            return Why.NO_TASK
        case Act.UNSEAL if ticket.name is None and ticket.phone is None:
            return Why.NOBODY
        case Act.UNSEAL if not situation.unsealable:
            return Why.SEALED
    return None


def _why_not_hold(staff: Staff, ticket: Ticket, situation: Situation, *, is_open: bool) -> Why | None:
    if not situation.has_chat:
        return Why.NO_CHAT
    if not is_open:
        return Why.STATE
    if ticket.handler_id != staff.id:
        return Why.NOT_HIS
    return Why.HELD if situation.held_by is not None else None
