"""What staff do by buttons and words in Telegram, each carried out by `desk`. Called by `staffroom`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.dialogue import Pressed, Turn
from bot.messages import Reply
from bot.models import Conversation
from bot.staff.models import Staff
from handlers.tickets.attachments import Attachments
from handlers.tickets.desk import Desk
from handlers.tickets.models import Ticket
from handlers.tickets.number import read_number
from handlers.tickets.sheets import Sheets
from handlers.tickets.staff_reading import Meant
from handlers.tickets.staff_replies import (
    AskReply,
    DidReply,
    FileReply,
    HintReply,
    PickReply,
    Step,
    UnsealedReply,
)
from handlers.tickets.tasks import TaskKind
from handlers.tickets.ticket import Category, Closing, State

FILES_AT_ONCE = 10
PERSONAL = frozenset({"files", "code", "unseal"})
"""What is shown only in the clerk's own chat, wherever it was asked for."""


@dataclass
class Acted:
    """What a clerk's message came to."""

    replies: list[Reply] = field(default_factory=list)
    asking: Mapping[str, Any] | None = None
    """What the next words are for."""


class StaffActs:
    def __init__(self, desk: Desk, sheets: Sheets, attachments: Attachments) -> None:
        self._desk = desk
        self._sheets = sheets
        self._attachments = attachments

    # -- buttons ------------------------------------------------------------------------------------------

    async def press(self, turn: Turn, staff: Staff, pressed: Pressed, *, in_group: bool) -> Acted:
        session, now, data = turn.session, turn.now, dict(pressed.data)
        number, verb = str(data.pop("number", "")), pressed.action.partition(":")[2]
        if verb == "drop":
            return Acted([HintReply("dropped")])
        if in_group and (verb in PERSONAL or data.get("step") in PERSONAL):
            verb = "open"
        match verb:
            case "claim":
                await self._desk.claim(session, staff, number, now=now)
                return await self._shown(turn, staff, "claimed", number, in_group=in_group)
            case "granted":
                await self._desk.decide_extension(session, staff, number, granted=True, now=now)
                return Acted([DidReply("granted", number, staff.display_name)])
            case "supplemented":
                await self._desk.supplemented(session, staff, number, now=now)
                return Acted([DidReply("supplemented", number, staff.display_name)])
            case "code":
                code = await self._desk.give_code(session, staff, number, now=now)
                return Acted([UnsealedReply(number, "", "", code)])
        ticket = await self._desk.access_ticket(session, staff, number)
        match verb:
            case "transfer":
                return Acted([PickReply.category(number)])
            case "transfer_to":
                returned = ticket.state == str(State.RETURNED)
                return self._ask(Step.REASSIGN if returned else Step.TRANSFER, number, data, in_group=in_group)
            case "denied":
                return self._ask(Step.DENY, number, {}, in_group=in_group)
            case "closing":
                return await self._close(turn, staff, ticket, data, in_group=in_group)
            case "files":
                return await self._files(turn, ticket)
            case "step":
                return self._begin(Step(data.pop("step")), number, data, in_group=in_group)
        return await self._shown(turn, staff, "opened", number, in_group=in_group)

    async def _shown(self, turn: Turn, staff: Staff, what: str, number: str, *, in_group: bool) -> Acted:
        """The ticket itself, always in the clerk's own chat; the group is told in one message."""
        did = DidReply(what, number, staff.display_name)
        if in_group:
            sent = await self._send_sheet(turn, staff, number)
            return Acted([DidReply(what, number, staff.display_name, "sent" if sent else "start_first")])
        sheet = await self._sheets.of(turn.session, staff, number, now=turn.now)
        return Acted([did, sheet] if what == "claimed" else [sheet])

    async def _send_sheet(self, turn: Turn, staff: Staff, number: str) -> bool:
        """-> False if they have not begun a chat with us"""
        conversation = await turn.session.scalar(
            select(Conversation.id).where(
                Conversation.channel == str(turn.incoming.address.channel),
                Conversation.bot == turn.incoming.address.bot,
                Conversation.chat == staff.telegram_id,
                Conversation.unreachable_at.is_(None),
            )
        )
        if conversation is None:
            return False
        await self._sheets.send(turn.session, conversation, staff, number, now=turn.now)
        return True

    async def _files(self, turn: Turn, ticket: Ticket) -> Acted:
        """The newest ones, each with its file."""
        found = await self._attachments.of_ticket(turn.session, ticket.id)
        shown: list[Reply] = [
            FileReply(ticket.number, place, len(found), item.state, str(item.id) if item.state == "kept" else "")
            for place, item in enumerate(found, 1)
        ]
        return Acted(shown[-FILES_AT_ONCE:])

    # -- questions ----------------------------------------------------------------------------------------

    def _begin(self, step: Step, number: str, data: Mapping[str, Any], *, in_group: bool) -> Acted:
        if step is Step.CLOSING:
            return Acted([PickReply.closing(number)])
        if step is Step.EXTENSION and "days" not in data:
            return Acted([PickReply.days(number)])
        return self._ask(step, number, data, in_group=in_group)

    def _ask(self, step: Step, number: str, data: Mapping[str, Any], *, in_group: bool) -> Acted:
        asking = {"step": str(step), "number": number, "data": dict(data)}
        return Acted([AskReply.of(step, number, dict(data), private=not in_group)], asking)

    async def _close(
        self, turn: Turn, staff: Staff, ticket: Ticket, data: Mapping[str, Any], *, in_group: bool
    ) -> Acted:
        """The contact record first, where whoever has it now has not spoken with the person; then the answer."""
        if ticket.state == str(State.REVIEW) and not data.get("words"):
            # A leader agrees to what was handed in; who wants other words sends it back.
            data = {**data, "words": await self._sheets.draft(turn.session, ticket)}
        untouched = ticket.state in (str(State.WAITING), str(State.ACCEPTED))
        if ticket.contacted_at is None or untouched:
            return self._ask(Step.CONTACT, ticket.number, data, in_group=in_group)
        return await self._answer(turn, staff, ticket.number, data, in_group=in_group)

    async def _answer(self, turn: Turn, staff: Staff, number: str, data: Mapping[str, Any], *, in_group: bool) -> Acted:
        """With the words that came with /done, else by asking for them."""
        words = str(data.get("words", ""))
        if not words:
            return self._ask(Step.ANSWER, number, data, in_group=in_group)
        return await self.take(turn, staff, Meant(Step.ANSWER, number, words, data), in_group=in_group)

    # -- words --------------------------------------------------------------------------------------------

    async def take(self, turn: Turn, staff: Staff, meant: Meant, *, in_group: bool) -> Acted:
        """Words for a ticket; without any, the question for them."""
        session, now, number = turn.session, turn.now, meant.number
        if meant.step is Step.CLOSING:
            await self._desk.access_ticket(session, staff, number)
            return Acted([PickReply.closing(number, meant.words)])
        if not meant.words:
            await self._desk.access_ticket(session, staff, number)
            return self._ask(meant.step, number, meant.data, in_group=in_group)
        match meant.step:
            case Step.CONTACT:
                await self._desk.record_contact(session, staff, number, meant.words, how="told", now=now)
                if "closing" in meant.data:
                    return await self._answer(turn, staff, number, meant.data, in_group=in_group)
            case Step.UNSEAL:
                person = await self._desk.unseal(session, staff, number, reason=meant.words, now=now)
                return Acted([UnsealedReply(number, person.name, person.phone, "")])
            case Step.MERGE if read_number(meant.words) is None:
                return self._ask(Step.MERGE, number, meant.data, in_group=in_group)
            case _:
                await self._do(turn, staff, meant)
        return Acted([DidReply(str(meant.step), number, staff.display_name)])

    async def _do(self, turn: Turn, staff: Staff, meant: Meant) -> None:
        session, now, number, words, data = turn.session, turn.now, meant.number, meant.words, meant.data
        desk = self._desk
        match meant.step:
            case Step.REPLY:
                await desk.reply(session, staff, number, words, now=now)
            case Step.NOTE:
                await desk.note(session, staff, number, words, now=now)
            case Step.SUPPLEMENT:
                await desk.ask_supplement(session, staff, number, words, now=now)
            case Step.EXTENSION:
                await desk.ask_extension(session, staff, number, int(data["days"]), reason=words, now=now)
            case Step.DENY:
                await desk.decide_extension(session, staff, number, granted=False, reason=words, now=now)
            case Step.TRANSFER:
                await desk.transfer(session, staff, number, Category(data["category"]), reason=words, now=now)
            case Step.REASSIGN:
                await desk.reassign(session, staff, number, Category(data["category"]), reason=words, now=now)
            case Step.RETURN:
                await desk.return_ticket(session, staff, number, reason=words, now=now)
            case Step.REJECT:
                await desk.reject(session, staff, number, reason=words, door=str(data.get("door", "")), now=now)
            case Step.SUBMIT:
                await desk.submit(session, staff, number, words, now=now)
            case Step.SEND_BACK:
                await desk.send_back(session, staff, number, reason=words, now=now)
            case Step.ANSWER:
                closing = Closing(data.get("closing", Closing.SOLVED))
                await desk.answer(session, staff, number, words, closing=closing, now=now)
            case Step.SOLVED | Step.UNSOLVED:
                await desk.hear(session, staff, number, words, solved=meant.step is Step.SOLVED, now=now)
            case Step.REOPEN:
                await desk.reopen(session, staff, number, reason=words, now=now)
            case Step.TASK:
                await desk.finish_task(session, staff, number, TaskKind(data["kind"]), words, now=now)
            case Step.MERGE:
                await desk.merge(session, staff, number, str(read_number(words)), reason=words, now=now)
