"""The console pages of the people service: each kind of page is a `Section` of its own, joined here."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.people.register import Register
from knowledge.regions import Regions


def make_section(parts: Parts, register: Register, regions: Regions) -> Section:  # noqa: ARG001  # for those to come
    return join_sections()
