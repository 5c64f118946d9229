"""What a message of staff is for: a command, an answer to a message of ours, or to the question just asked.

What a question of ours was about lies in the stored message that is answered, so nothing is kept between two steps
but in a private chat.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.dialogue import Turn
from bot.models import Delivery, Message
from handlers.tickets.number import read_number
from handlers.tickets.replies import CardReply, LiveWordsReply, TaskReply
from handlers.tickets.staff_replies import (
    AskReply,
    DidReply,
    FileReply,
    PickReply,
    SheetReply,
    Step,
    UnsealedReply,
)

COMMAND = re.compile(r"\A/(\w+)(?:\s+(.*))?\Z", re.DOTALL)
STEP_OF_COMMAND = {"note": Step.NOTE, "reply": Step.REPLY, "contact": Step.CONTACT, "done": Step.CLOSING}
"""Commands take their words along: `/note 已打电话`."""
COMMANDS = frozenset(f"/{name}" for name in STEP_OF_COMMAND)
DROPS = re.compile(r"\A(?:取消|算了|不写了|先不写)[。！!]?\Z")
TO_PERSON = frozenset(kind.template for kind in (CardReply, SheetReply, TaskReply, FileReply, LiveWordsReply))
"""Plain words that answer one of these go to the person; of the others only its number counts."""
ABOUT_TICKETS = TO_PERSON | {AskReply.template, DidReply.template, PickReply.template, UnsealedReply.template}
CARD = re.compile(r"^(\d{6}-\d{5,8}) · ", re.MULTILINE)
"""How card, sheet and task show their number."""


@dataclass(frozen=True)
class Meant:
    """What a message of staff is for."""

    step: Step
    number: str
    """Empty: of none that we could make out."""
    words: str
    data: Mapping[str, Any] = field(default_factory=dict)


def is_command(turn: Turn) -> bool:
    """Whether it begins with a command for staff."""
    first, *_ = turn.incoming.text.split(maxsplit=1) or [""]
    return first.lower() in COMMANDS


async def read(turn: Turn) -> Meant | None:
    """None for what is for no ticket."""
    text = turn.incoming.text.strip()
    about = await _answered(turn) or _asked(turn)
    command = COMMAND.match(text)
    if command is None:
        return Meant(about.step, about.number, text, about.data) if about and about.step is not Step.NONE else None
    step, words = STEP_OF_COMMAND.get(command[1].lower()), (command[2] or "").strip()
    if step is None:
        return None
    number = about.number if about else ""
    head, *rest = words.split(maxsplit=1) or [""]
    if named := read_number(head):
        number, words = named, rest[0] if rest else ""
    return Meant(step, number, words)


def _asked(turn: Turn) -> Meant | None:
    """The question just asked in a private chat."""
    state = turn.state
    if not state:
        return None
    return Meant(Step(state["step"]), state["number"], "", dict(state.get("data", {})))


async def _answered(turn: Turn) -> Meant | None:
    """Which of our messages this answers, and what words are for that do."""
    incoming = turn.incoming
    if not incoming.reply_to:
        return None
    message = await turn.session.scalar(
        select(Message)
        .join(Delivery, (Delivery.conversation_id == Message.conversation_id) & (Delivery.seq == Message.seq))
        .where(
            Delivery.channel == str(incoming.address.channel),
            Delivery.bot == incoming.address.bot,
            Delivery.chat == incoming.address.key,
            Delivery.reference == incoming.reply_to,
        )
        .limit(1)
    )
    if message is not None:
        return _about(message)
    # Long ago, or not the last part of a long one: what it shows still says which ticket it was.
    shown = CARD.search(incoming.reply_text)
    return Meant(Step.REPLY, shown[1], "") if shown else None


def _about(message: Message) -> Meant | None:
    if message.template not in ABOUT_TICKETS:
        return None
    data = message.data
    number = str(data.get("number") or (data.get("card") or {}).get("number") or "")
    if message.template == AskReply.template:
        return Meant(Step(data["step"]), number, "", dict(data.get("data") or {}))
    return Meant(Step.REPLY if message.template in TO_PERSON else Step.NONE, number, "")
