"""The button under an alert in the staff chat: a registered member of staff takes the crisis; strangers are refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.dialogue import Outcome, Turn
from bot.messages import Reply
from bot.staff.chats import RefusedReply, find_staff, refuse
from handlers.policy.crises import TAKE, CrisisAlert, take_crisis


@dataclass(frozen=True)
class CrisisTakenReply(Reply):
    """Who looks after it now, for the others in the chat."""

    template: ClassVar[str] = "policy/crisis_taken"
    reference: str
    by: str

    @classmethod
    def sample(cls) -> CrisisTakenReply:
        return cls("K7Q2MD", "示例·周某")


class CrisisDesk:
    name = TAKE.partition(":")[0]

    async def step(self, turn: Turn) -> Outcome:
        pressed = turn.pressed
        assert pressed is not None  # no route and no words lead here
        staff = await find_staff(turn)
        if staff is None:
            return Outcome((await refuse(turn),))
        crisis = await take_crisis(turn.session, str(pressed.data["reference"]), staff=staff, now=turn.now)
        return Outcome((CrisisTakenReply(crisis.reference, staff.display_name),))


KINDS: tuple[type[Reply], ...] = (CrisisAlert, CrisisTakenReply, RefusedReply)
