"""我的资料 and 删除我的资料: what is kept, in plain words, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.clock import LOCAL
from bot.dialogue import Outcome, Turn
from bot.messages import Choice, Reply
from bot.routing import normalise_command
from handlers.people.register import Register

YES = frozenset(
    {"确认", "确定", "删", "删除", "删掉", "都删了", "都删掉", "是", "是的", "对", "好", "好的", "嗯", "删了", "删吧"}
)
NO = frozenset({"不", "不删", "先不删", "算了", "取消", "不用", "不要", "不删了", "留着", "别删"})

CHANGE_PLACE = Choice("换地方", "policy:change_place")
"""Served by whoever answers policy questions: the last one is answered anew for the new place."""
DELETE = Choice("删除我的资料", "people:delete", quiet=True)
ERASE = Choice("都删掉", "people:erase")
KEEP = Choice("先不删", "people:keep", quiet=True)

PlaceName = Callable[[str], str]
"""A division code -> the name that people know."""


@dataclass(frozen=True)
class MyData(Reply):
    """What we keep of this person."""

    template: ClassVar[str] = "people/my_data"
    place: str
    """Empty if none is known."""
    notices: bool
    gap_news: bool
    messages: int
    since: str
    """ISO date of the first message; empty without any."""
    matters: int
    """Complaints and questions that were handed in here."""

    @classmethod
    def sample(cls) -> MyData:
        return cls("洪湖市", False, True, 23, "2026-03-02", 1, choices=(DELETE,))


@dataclass(frozen=True)
class ConfirmDelete(Reply):
    """Asks once, and says what goes and what the law makes us keep."""

    template: ClassVar[str] = "people/confirm_delete"

    @classmethod
    def sample(cls) -> ConfirmDelete:
        return cls(choices=(ERASE, KEEP))


@dataclass(frozen=True)
class Deleted(Reply):
    template: ClassVar[str] = "people/deleted"

    @classmethod
    def sample(cls) -> Deleted:
        return cls()


@dataclass(frozen=True)
class DataKept(Reply):
    """The person thought better of it."""

    template: ClassVar[str] = "people/data_kept"

    @classmethod
    def sample(cls) -> DataKept:
        return cls()


KINDS: tuple[type[Reply], ...] = (MyData, ConfirmDelete, Deleted, DataKept)


class PeopleDialogue:
    name = "people"

    def __init__(self, register: Register, place_name: PlaceName) -> None:
        self._register = register
        self._place_name = place_name

    async def step(self, turn: Turn) -> Outcome:
        if turn.pressed is not None:
            return await self._act(turn, turn.pressed.action)
        # Only the words right after the question count as its answer.
        said = normalise_command(turn.incoming.text)
        if turn.state.get("confirming") and said in YES:
            return await self._act(turn, "people:erase")
        if turn.state.get("confirming") and said in NO:
            return await self._act(turn, "people:keep")
        return Outcome(state={}, passed=True)

    async def _act(self, turn: Turn, action: str) -> Outcome:
        match action:
            case "people:delete":
                return Outcome((ConfirmDelete(choices=(ERASE, KEEP)),), {"confirming": True}, stays=True)
            case "people:erase":
                await self._register.erase(turn.session, turn.conversation_id)
                return Outcome((Deleted(),), {}, forget=True)
            case "people:keep":
                return Outcome((DataKept(),), {})
            case _:
                return Outcome((await self._my_data(turn),), {})

    async def _my_data(self, turn: Turn) -> Reply:
        kept = await self._register.list_kept(turn.session, turn.conversation_id)
        return MyData(
            place=self._place_name(kept.region) if kept.region else "",
            notices=kept.notices,
            gap_news=kept.gap_news,
            messages=kept.messages,
            since=_local_day(kept.since),
            matters=kept.matters,
            choices=(CHANGE_PLACE, DELETE),
        )


def _local_day(at: datetime | None) -> str:
    return at.astimezone(LOCAL).date().isoformat() if at else ""
