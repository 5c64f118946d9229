"""The console pages of the policy service."""

from __future__ import annotations

from bot.app import Parts
from bot.talking import Talks
from bot.web.console import Section, join_sections
from handlers.people.places import PlaceBook
from handlers.policy.console_crises import CrisisPages
from handlers.policy.console_crisis_chat import CrisisChat
from handlers.policy.console_gaps import GapPages
from handlers.policy.console_offices import OfficePages
from handlers.policy.gap_desk import GapDesk
from handlers.policy.gap_news import GapNews
from handlers.policy.knowing import Knowing


def make_section(parts: Parts, knowing: Knowing, talks: Talks, news: GapNews) -> Section:
    regions = knowing.book.regions
    places = PlaceBook(regions)
    return join_sections(
        CrisisPages(parts.database, parts.changes, regions.full_name).section(),
        CrisisChat(parts.database, parts.clock, parts.changes, talks, regions.full_name).section(),
        GapPages(parts.database, GapDesk(news), places).section(),
        OfficePages(parts.database, parts.bureau, knowing.offices, regions, places).section(),
    )
