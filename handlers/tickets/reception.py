"""The dialogue of a chat that a clerk has taken over: it writes down what the person says, and keeps quiet.

`bot.routing` asks it first while the conversation is held. Danger, stop-words, a person's own data and buttons of
their own tickets pass on: the bot answers those whoever talks.
"""

from __future__ import annotations

from bot.dialogue import Outcome, Turn
from bot.door import hide_mobiles
from bot.models import Conversation
from handlers.tickets.attachments import Attachments
from handlers.tickets.filing import Filing
from handlers.tickets.holding import RECEPTION, Holding, about_of
from handlers.tickets.models import Ticket
from handlers.tickets.replies import HeldReply, LiveWordsReply
from handlers.tickets.telling import Telling
from knowledge.crisis import Crisis

OWN = frozenset({"people", "tickets"})
"""Dialogues whose buttons act on what is the person's own: 办好了, 删除我的资料."""


class Reception:
    name = RECEPTION

    def __init__(self, holding: Holding, filing: Filing, telling: Telling, attachments: Attachments) -> None:
        self._holding = holding
        self._filing = filing
        self._telling = telling
        self._attachments = attachments

    async def step(self, turn: Turn) -> Outcome:
        conversation = await turn.session.get_one(Conversation, turn.conversation_id)
        if about_of(conversation):
            return self._keep_quiet(turn)
        ticket = await self._holding.ticket_of(turn.session, conversation)
        if ticket is None:
            return Outcome(state={}, passed=True)
        if _is_own_business(turn):
            return Outcome(passed=True)
        await self._write_down(turn, ticket)
        if _is_danger(turn):
            return Outcome(passed=True)
        return Outcome(_held_once(turn), {**turn.state, "told": True})

    def _keep_quiet(self, turn: Turn) -> Outcome:
        """A talk about no ticket: all is in the conversation, which whoever talks there has before them.

        Danger does not pass on either: it is what they talk about, and each sentence of it would ring again.
        """
        if _is_own_business(turn):
            return Outcome(passed=True)
        return Outcome(_held_once(turn), {**turn.state, "told": True})

    async def _write_down(self, turn: Turn, ticket: Ticket) -> None:
        """Words and files go to the ticket; whoever talks there hears of them."""
        words = turn.pressed.label if turn.pressed else turn.incoming.text
        if words.strip():
            await self._filing.hear(turn.session, ticket, words, now=turn.now)
        kept = await self._attachments.keep(turn.session, turn.incoming, turn.conversation_id, now=turn.now)
        for attachment in kept:
            attachment.ticket_id = ticket.id
            await self._filing.attach(turn.session, ticket, attachment.id, now=turn.now)
        await turn.session.flush()
        if ticket.handler_id is not None:
            reply = LiveWordsReply(ticket.number, hide_mobiles(words), len(kept))
            await self._telling.holder(turn.session, ticket.handler_id, reply)


def _held_once(turn: Turn) -> tuple[HeldReply, ...]:
    return () if turn.state.get("told") else (HeldReply("held"),)


def _is_danger(turn: Turn) -> bool:
    """Somebody may come to harm. (Wages of many are urgent, too; the clerk who talks with them sees that.)"""
    understood = turn.understood
    if str(understood.route) == "crisis":
        return True
    return understood.urgent and getattr(understood, "crisis", None) is not Crisis.MASS_ARREARS


def _is_own_business(turn: Turn) -> bool:
    if turn.pressed is not None:
        return turn.pressed.action.partition(":")[0] in OWN
    return str(turn.understood.route) == "optout"
