"""Staff in chats: who of them writes or presses, and how everybody else is refused. For the services' own dialogues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from bot.dialogue import Turn
from bot.messages import ChannelName, Reply
from bot.staff import audit
from bot.staff.accounts import find_by_telegram
from bot.staff.models import Staff

REPEAT_EVERY = timedelta(minutes=10)
"""How often a crisis or mass matter is told again in the group until somebody takes it."""


@dataclass(frozen=True)
class RefusedReply(Reply):
    """Not a registered member of staff."""

    template: ClassVar[str] = "staff/refused"

    @classmethod
    def sample(cls) -> RefusedReply:
        return cls()


async def find_staff(turn: Turn) -> Staff | None:
    """The registered member of staff who wrote or pressed."""
    if turn.incoming.address.channel is not ChannelName.TELEGRAM:
        return None
    return await find_by_telegram(turn.session, _telegram_id(turn))


async def refuse(turn: Turn) -> RefusedReply:
    """A stranger does nothing, and that they tried stands in the audit."""
    await audit.append(
        turn.session,
        audit.AuditAction.REFUSED,
        actor=audit.Actor(audit.ActorKind.STRANGER),
        subject=audit.Subject("telegram", _telegram_id(turn)[:64]),
        at=turn.now,
        data={"action": turn.pressed.action if turn.pressed else "words"},
    )
    return RefusedReply()


def _telegram_id(turn: Turn) -> str:
    return turn.incoming.sender or turn.incoming.address.key
