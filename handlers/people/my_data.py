"""我的资料: all that is kept, each item to be changed or deleted, and all of it at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.clock import LOCAL
from bot.dialogue import Outcome, Turn
from bot.messages import Choice
from handlers.people.filling import Filling
from handlers.people.labels import button, label, say_item
from handlers.people.my_data_replies import (
    ConfirmDelete,
    ConfirmDrop,
    DataKept,
    Deleted,
    EditData,
    ItemDropped,
    ItemShown,
    LedgerStands,
    MyData,
    NothingKept,
    Shown,
)
from handlers.people.opting_talk import OptingTalk
from handlers.people.person import Purpose
from handlers.people.profiling import Item, Kept, Profiling
from handlers.people.register import Register
from handlers.people.talk import Memory, Step
from knowledge.opting import Topic
from knowledge.regions import Regions

OF_LEDGER = frozenset({Item.PHONE, Item.AGE})
"""Of these the ledger's word stands."""
HUMAN = Choice(label("button", "human"), "policy:human", quiet=True)
CHANGE_PLACE = Choice(label("button", "change_place"), "policy:change_place")
"""Served by whoever answers policy questions: the last one is answered anew for the new place."""


class MyDataTalk:
    def __init__(
        self, register: Register, profiling: Profiling, regions: Regions, filling: Filling, opting: OptingTalk
    ) -> None:
        self._register = register
        self._profiling = profiling
        self._regions = regions
        self._filling = filling
        self._opting = opting

    async def mine(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        kept = await self._view(turn)
        edit = (button("edit"),) if kept.items else ()
        reply = MyData(
            place=say_item(kept, "place", self._regions),
            lines=tuple(line for item, line in self._lines(kept) if item not in (Item.PLACE, Item.PHONE)),
            of_ledger=kept.of_ledger,
            has_phone=kept.has_phone,
            notices=kept.profile.may(Purpose.NOTICES),
            stopped=self._opting.stopped_kinds(kept.profile),
            gap_news=kept.profile.may(Purpose.GAP_NEWS),
            check_ins=kept.profile.may(Purpose.CHECK_INS),
            profile=kept.profile.may(Purpose.PROFILE),
            disability=kept.profile.may(Purpose.DISABILITY),
            messages=kept.messages,
            since=kept.since.astimezone(LOCAL).date().isoformat() if kept.since else "",
            matters=kept.matters,
            registrations=kept.registrations,
            choices=(button("add"), *edit, CHANGE_PLACE, button("delete", quiet=True)),
        )
        return Outcome((reply,), replace(memory, step=Step.NONE).to_state())

    async def edit(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        """Each item as a button, and all of them at once."""
        kept = await self._view(turn)
        choices = [Choice(label("item", item), "people:item", {"item": str(item)}) for item in kept.items]
        lines = tuple(line for _, line in self._lines(kept))
        return Outcome(
            (EditData(lines, choices=(*choices, button("forget", quiet=True))),),
            replace(memory, step=Step.NONE).to_state(),
        )

    async def item(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        item = Item(data["item"])
        words = say_item(await self._view(turn), item, self._regions) or label("kept", item)
        change = () if item is Item.TOLD else (button("change", item=str(item)),)
        choices = (*change, button("drop", item=str(item)))
        return Outcome((ItemShown(label("item", item), words, choices=choices),), memory.to_state())

    async def change(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """What was said before goes once the new is there. What the ledger holds is the bureau's to change."""
        item, kept = Item(data["item"]), await self._view(turn)
        if kept.of_ledger and item in OF_LEDGER and item in kept.items:
            return Outcome((LedgerStands(label("item", item), choices=(HUMAN,)),), memory.to_state())
        if item not in kept.items and item is not Item.PHONE:
            return await self.mine(turn, memory, data)
        return await self._filling.ask_only(turn, memory, item, said=data.get("said"))

    async def ask_drop(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        """把我的电话删了: that one thing. Who only wants no more messages can say so beside it."""
        item, kept = Item(data["item"]), await self._view(turn)
        name = label("item", item)
        elsewhere = item is Item.PHONE and kept.matters + kept.registrations > 0
        stop = (button("stop", quiet=True, topics=[str(Topic.ALL)]),) if item is Item.PHONE else ()
        if item not in kept.items:
            reply = NothingKept(name, elsewhere, choices=(button("mine", quiet=True), *stop))
            return Outcome((reply,), replace(memory, step=Step.NONE).to_state())
        words = say_item(kept, item, self._regions) or label("kept", item)
        choices = (button("drop", item=str(item)), button("keep", quiet=True), *stop)
        memory = replace(memory, step=Step.DROP, item=str(item))
        return Outcome((ConfirmDrop(name, words, elsewhere, choices=choices),), memory.to_state(), stays=True)

    async def drop(self, turn: Turn, memory: Memory, data: Mapping[str, Any]) -> Outcome:
        item = Item(data.get("item") or memory.item)
        gone = await self._profiling.drop(turn.session, turn.conversation_id, item, now=turn.now)
        reply = ItemDropped(label("item", item), stays=not gone, choices=(button("mine", quiet=True),))
        if memory.step is Step.DROP:
            memory = replace(memory, step=Step.NONE, item="")
        return Outcome((reply,), memory.to_state())

    async def forget(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        await self._profiling.forget(turn.session, turn.conversation_id, now=turn.now)
        stays = (await self._view(turn)).of_ledger
        return Outcome((ItemDropped("", stays, choices=(button("mine", quiet=True),)),), memory.to_state())

    def _lines(self, kept: Kept) -> list[tuple[Item, Shown]]:
        regions = self._regions
        return [
            (item, Shown(label("item", item), say_item(kept, item, regions) or label("kept", item)))
            for item in kept.items
        ]

    async def _view(self, turn: Turn) -> Kept:
        return await self._profiling.view(turn.session, turn.conversation_id, now=turn.now)

    # -- all of it deleted --------------------------------------------------------------------------------

    async def delete(self, turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        of_ledger = (await self._view(turn)).of_ledger
        reply = ConfirmDelete(of_ledger, choices=(button("erase"), button("keep", quiet=True)))
        return Outcome((reply,), replace(memory, step=Step.DELETE).to_state(), stays=True)

    async def erase(self, turn: Turn, _memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        stays = await self._register.erase(turn.session, turn.conversation_id)
        return Outcome((Deleted(of_ledger=stays),), {}, forget=True)

    async def spare(self, _turn: Turn, memory: Memory, _data: Mapping[str, Any]) -> Outcome:
        return Outcome((DataKept(),), replace(memory, step=Step.NONE).to_state())
