"""Wires the notices service."""

from __future__ import annotations

from bot.app import Parts, Service
from handlers.notices.console import make_section
from knowledge.answers import PolicyBook
from knowledge.offices import Offices


def make_service(parts: Parts, book: PolicyBook, offices: Offices) -> Service:
    return Service(console=make_section(parts, book, offices))
