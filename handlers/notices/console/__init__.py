"""The console pages of the notices: each kind of page is a `Section` of its own, joined here."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.notices.console.audience_pages import AudiencePages
from handlers.notices.console.campaign_pages import CampaignPages
from handlers.notices.console.campaign_view import Bench
from handlers.notices.console.in_person_pages import InPersonPages
from handlers.notices.console.leaflet_pages import LeafletPages
from handlers.notices.console.progress_pages import ProgressPages
from handlers.notices.console.results_pages import ResultsPages
from handlers.notices.console.sending_pages import SendingPages
from handlers.notices.office import NoticeOffice
from handlers.people.places import PlaceBook
from knowledge.answers import PolicyBook
from knowledge.offices import Offices


def make_section(parts: Parts, notices: NoticeOffice, book: PolicyBook, offices: Offices) -> Section:
    places = PlaceBook(book.regions)
    bench = Bench(parts.database, notices, book, places, parts.book)
    in_person = InPersonPages(bench)
    return join_sections(
        ResultsPages(bench).section(),
        CampaignPages(bench, in_person).section(),
        AudiencePages(bench).section(),
        SendingPages(bench).section(),
        ProgressPages(bench, parts.clock).section(),
        in_person.section(),
        LeafletPages(book, offices, places, parts.settings, parts.handles).section(),
    )
