"""Wires the people service: its dialogue, its commands, its line in the menu."""

from __future__ import annotations

from bot.app import Parts, Service
from bot.messages import Choice
from handlers.people.console import make_section
from handlers.people.dialogue import KINDS, PeopleDialogue, PlaceName
from handlers.people.ledger.desk import make_ledgers
from handlers.people.register import Register
from knowledge.regions import Regions


def make_service(parts: Parts, register: Register, regions: Regions, place_name: PlaceName) -> Service:
    ledgers = make_ledgers(parts, regions)
    return Service(
        dialogues=(PeopleDialogue(register, place_name),),
        replies=KINDS,
        commands={
            "我的资料": "people:mine",
            "我的信息": "people:mine",
            "/profile": "people:mine",
            "删除我的资料": "people:delete",
            "删除我的信息": "people:delete",
            "删掉我的资料": "people:delete",
            "把我的资料删了": "people:delete",
        },
        menu=(Choice("我的资料", "people:mine"),),
        loops={"ledgers": ledgers.runner.run},
        console=make_section(parts, register, regions, ledgers),
    )
