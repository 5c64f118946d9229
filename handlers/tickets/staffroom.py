"""Staff at work in Telegram: cards in the queue's group, the ticket in the clerk's own chat, words by answering a card.

Only registered staff act; anybody else is refused, and the refusal is in the audit. What a question of ours was about
lies in the stored message that is answered, so nothing is kept between two steps but in a private chat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue import Outcome, Turn
from bot.messages import Reply
from bot.models import Conversation, Delivery, Message
from bot.staff import audit
from bot.staff.models import Staff
from handlers.tickets.desk import Desk
from handlers.tickets.number import read_number
from handlers.tickets.sheets import Sheets
from handlers.tickets.staff_replies import (
    AskReply,
    DidReply,
    PickReply,
    RefusedReply,
    SheetSentReply,
    StartFirstReply,
    Step,
    UnsealedReply,
)
from handlers.tickets.ticket import Category, Closing, State

COMMAND = re.compile(r"\A/(\w+)(?:\s+(.*))?\Z", re.DOTALL)
WORDS_OF = {"note": Step.NOTE, "reply": Step.REPLY, "contact": Step.CONTACT}
"""Commands that take their words along: `/note 已打电话`."""


@dataclass(frozen=True)
class Meant:
    """What a message of staff is for."""

    step: Step
    number: str
    data: Mapping[str, Any]
    words: str


class Staffroom:
    name = "staffroom"

    def __init__(self, desk: Desk, sheets: Sheets) -> None:
        self._desk = desk
        self._sheets = sheets

    async def step(self, turn: Turn) -> Outcome:
        staff = await self.who(turn.session, turn.incoming.sender or turn.incoming.address.key)
        in_group = bool(turn.incoming.sender)
        if staff is None:
            if not in_group and turn.pressed is None:
                return Outcome(state={}, passed=True)
            await self._refuse(turn)
            return Outcome((RefusedReply(),), state={})
        replies, asking = await self._act(turn, staff, in_group=in_group)
        stays = asking is not None and not in_group
        return Outcome(tuple(replies), state=dict(asking or {}) if stays else {}, stays=stays)

    async def who(self, session: AsyncSession, telegram_id: str) -> Staff | None:
        """The registered member of staff behind a Telegram id."""
        return await session.scalar(select(Staff).where(Staff.telegram_id == telegram_id, Staff.disabled_at.is_(None)))

    async def _refuse(self, turn: Turn) -> None:
        await audit.append(
            turn.session,
            audit.AuditAction.REFUSED,
            actor=audit.Actor(audit.ActorKind.STRANGER),
            subject=audit.Subject("telegram", turn.incoming.sender or turn.incoming.address.key),
            at=turn.now,
            data={"action": turn.pressed.action if turn.pressed else "words"},
        )

    async def _act(self, turn: Turn, staff: Staff, *, in_group: bool) -> tuple[list[Reply], Mapping[str, Any] | None]:
        """-> (replies, what is being asked now)"""
        if turn.pressed is not None:
            return await self._press(turn, staff, in_group=in_group)
        meant = await self._read(turn)
        if meant is None:
            return ([AskReply(Step.NONE, "", {})] if in_group else []), None
        if not meant.words.strip():
            return self._ask(meant.step, meant.number, meant.data)
        return await self._do(turn, staff, meant)

    # -- reading ------------------------------------------------------------------------------------------

    async def _read(self, turn: Turn) -> Meant | None:
        """A command, an answer to a message of ours, or (in a private chat) to the question just asked."""
        text = turn.incoming.text.strip()
        answered = await self._answered_message(turn)
        number, step = "", Step.REPLY
        data: dict[str, Any] = {}
        if answered:
            number, step, data = _about(answered)
        elif turn.state:
            number, step, data = turn.state["number"], Step(turn.state["step"]), dict(turn.state.get("data", {}))
        command = COMMAND.match(text)
        if command:
            name, rest = command[1].lower(), (command[2] or "").strip()
            if named := read_number(rest[:20]):
                number, rest = named, re.sub(r"\A\S+\s*", "", rest)
            if not number:
                return None
            if name == "done":
                return Meant(Step.CLOSING, number, {}, "")
            if name in WORDS_OF:
                return Meant(WORDS_OF[name], number, {}, rest)
            return None
        return Meant(step, number, data, text) if number else None

    async def _answered_message(self, turn: Turn) -> Message | None:
        """Which of our messages this answers."""
        if not turn.incoming.reply_to:
            return None
        address = turn.incoming.address
        return await turn.session.scalar(
            select(Message)
            .join(Delivery, (Delivery.conversation_id == Message.conversation_id) & (Delivery.seq == Message.seq))
            .where(
                Delivery.channel == str(address.channel),
                Delivery.bot == address.bot,
                Delivery.chat == address.key,
                Delivery.reference == turn.incoming.reply_to,
            )
            .limit(1)
        )

    # -- acting -------------------------------------------------------------------------------------------

    async def _press(self, turn: Turn, staff: Staff, *, in_group: bool) -> tuple[list[Reply], Mapping[str, Any] | None]:
        assert turn.pressed is not None
        session, now, data = turn.session, turn.now, dict(turn.pressed.data)
        number, verb = str(data.pop("number", "")), turn.pressed.action.partition(":")[2]
        match verb:
            case "claim":
                await self._desk.claim(session, staff, number, now=now)
                sent = await self._send_sheet(turn, staff, number) if in_group else False
                replies: list[Reply] = [DidReply("claimed", number, staff.display_name)]
                if in_group and not sent:
                    replies.append(StartFirstReply(staff.display_name))
                if not in_group:
                    replies.append(await self._sheets.of(session, staff, number, now=now))
                return replies, None
            case "open":
                if not in_group:
                    return [await self._sheets.of(session, staff, number, now=now)], None
                sent = await self._send_sheet(turn, staff, number)
                return [SheetSentReply(staff.display_name) if sent else StartFirstReply(staff.display_name)], None
            case "transfer":
                await self._desk.access_ticket(session, staff, number)
                return [PickReply.category(number)], None
            case "transfer_to":
                ticket = await self._desk.access_ticket(session, staff, number)
                returned = ticket.state == str(State.RETURNED)
                return self._ask(Step.REASSIGN if returned else Step.TRANSFER, number, data)
            case "closing":
                ticket = await self._desk.access_ticket(session, staff, number)
                if ticket.contacted_at is None:
                    return self._ask(Step.CONTACT, number, data)
                return self._ask(Step.ANSWER, number, data)
            case "granted" | "denied":
                if verb == "denied":
                    return self._ask(Step.DENY, number, {})
                await self._desk.decide_extension(session, staff, number, granted=True, now=now)
                return [DidReply("granted", number, staff.display_name)], None
            case "supplemented":
                await self._desk.supplemented(session, staff, number, now=now)
                return [DidReply("supplemented", number, staff.display_name)], None
            case "code":
                code = await self._desk.give_code(session, staff, number, now=now)
                return [UnsealedReply(number, "", "", code)], None
            case "step":
                step = Step(data.pop("step"))
                await self._desk.access_ticket(session, staff, number)
                if step is Step.CLOSING:
                    return [PickReply.closing(number)], None
                if step is Step.EXTENSION and "days" not in data:
                    return [PickReply.days(number)], None
                return self._ask(step, number, data)
        return [AskReply(Step.NONE, "", {})], None

    def _ask(self, step: Step, number: str, data: Mapping[str, Any]) -> tuple[list[Reply], Mapping[str, Any] | None]:
        if step is Step.CLOSING:
            return [PickReply.closing(number)], None
        kept = {"step": str(step), "number": number, "data": dict(data)}
        return [AskReply(step, number, dict(data))], kept

    async def _do(self, turn: Turn, staff: Staff, meant: Meant) -> tuple[list[Reply], Mapping[str, Any] | None]:
        session, now, number, words, data = turn.session, turn.now, meant.number, meant.words, meant.data
        desk, who = self._desk, staff.display_name
        match meant.step:
            case Step.REPLY:
                await desk.reply(session, staff, number, words, now=now)
            case Step.NOTE:
                await desk.note(session, staff, number, words, now=now)
            case Step.CONTACT:
                await desk.record_contact(session, staff, number, words, how="told", now=now)
                if "closing" in data:
                    return self._ask(Step.ANSWER, number, data)
            case Step.SUPPLEMENT:
                await desk.ask_supplement(session, staff, number, words, now=now)
            case Step.EXTENSION:
                await desk.ask_extension(session, staff, number, int(data["days"]), reason=words, now=now)
            case Step.DENY:
                await desk.decide_extension(session, staff, number, granted=False, reason=words, now=now)
            case Step.TRANSFER:
                category = Category(data["category"])
                await desk.transfer(session, staff, number, category, reason=words, now=now)
            case Step.REASSIGN:
                category = Category(data["category"])
                await desk.reassign(session, staff, number, category, reason=words, now=now)
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
            case Step.MERGE:
                into = read_number(words)
                if into is None:
                    return self._ask(Step.MERGE, number, data)
                await desk.merge(session, staff, number, into, reason=words, now=now)
            case Step.UNSEAL:
                person = await desk.unseal(session, staff, number, reason=words, now=now)
                return [UnsealedReply(number, person.name, person.phone, "")], None
            case _:
                return [AskReply(Step.NONE, "", {})], None
        return [DidReply(str(meant.step), number, who)], None

    async def _send_sheet(self, turn: Turn, staff: Staff, number: str) -> bool:
        """The ticket into the clerk's private chat. -> False if they have not begun one"""
        conversation = await turn.session.scalar(
            select(Conversation.id).where(
                Conversation.channel == str(turn.incoming.address.channel),
                Conversation.bot == turn.incoming.address.bot,
                Conversation.chat == staff.telegram_id,
            )
        )
        if conversation is None:
            return False
        await self._sheets.send(turn.session, conversation, staff, number, now=turn.now)
        return True


def _about(message: Message) -> tuple[str, Step, dict[str, Any]]:
    """Which ticket a message of ours was about, and what was asked: a card or a sheet is answered to the person."""
    data = message.data
    number = data.get("number") or (data.get("card") or {}).get("number") or (data.get("ticket") or {}).get("number")
    if message.template == AskReply.template:
        return str(number or ""), Step(data["step"]), dict(data.get("data") or {})
    return str(number or ""), Step.REPLY, {}
