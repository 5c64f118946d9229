"""Wires the notices service: what it says, the loop that sends, its pages."""

from __future__ import annotations

from bot.app import Parts, Service
from handlers.notices import replies
from handlers.notices.console import make_section
from handlers.notices.office import NoticeOffice
from knowledge.answers import PolicyBook
from knowledge.offices import Offices


def make_service(parts: Parts, notices: NoticeOffice, book: PolicyBook, offices: Offices) -> Service:
    return Service(
        replies=replies.KINDS,
        loops={"notices": notices.feeding.run},
        office=notices,
        console=make_section(parts, notices, book, offices),
    )
