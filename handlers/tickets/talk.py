"""One turn of the tickets dialogue while it is being taken: the open form, the ticket spoken of, what is said."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.dialogue import HandOver, Turn
from bot.messages import Reply
from handlers.tickets.form import Form
from handlers.tickets.form_replies import LeaveAskReply, SayReply, WithdrawAskReply
from handlers.tickets.keeping import FormKeeper

DROP_ASK = "drop_ask"
"""What a reply says that asks whether what was told is really to be cleared."""


@dataclass
class Talk:
    """One turn while it is being taken."""

    turn: Turn
    form: Form | None
    """The matter that is being told, if one is."""
    number: str
    """The ticket last spoken of."""
    waits: bool
    """The form is open and in the middle of it; else it was put aside."""
    adding: bool
    """The next words are added to that ticket."""
    withdrawing: bool = False
    """We have just asked whether it is really to be taken back."""
    dropping: bool = False
    """We have just asked whether what was told is really to be cleared."""
    replies: list[Reply] = field(default_factory=list)
    hand_over: HandOver | None = None
    """Who goes on with what is no matter of theirs."""

    @property
    def words(self) -> str:
        return self.turn.incoming.text

    def say(self, *replies: Reply) -> None:
        self.replies += replies

    def state(self, keeper: FormKeeper) -> dict[str, Any]:
        state: dict[str, Any] = {}
        if self.form is not None:
            state["form"] = keeper.to_state(self.form)
            state["waits"] = self.waits
        if self.number:
            state["number"] = self.number
        if self.adding:
            state["adding"] = True
        if any(isinstance(reply, WithdrawAskReply | LeaveAskReply) for reply in self.replies):
            state["withdrawing"] = True
        if any(isinstance(reply, SayReply) and reply.what == DROP_ASK for reply in self.replies):
            state["dropping"] = True
        return state
