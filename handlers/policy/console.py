"""The console pages of the policy service."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.people.places import PlaceBook
from handlers.policy.console_offices import OfficePages
from handlers.policy.knowing import Knowing


def make_section(parts: Parts, knowing: Knowing) -> Section:
    regions = knowing.book.regions
    places = PlaceBook(regions)
    return join_sections(
        OfficePages(parts.database, parts.bureau, knowing.offices, regions, places).section(),
    )
