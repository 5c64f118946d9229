"""The console pages of the people service: each kind of page is a `Section` of its own, joined here."""

from __future__ import annotations

from bot.app import Parts
from bot.web.console import Section, join_sections
from handlers.people.console.ledger_pages import LedgerPages
from handlers.people.ledger.desk import Ledgers
from handlers.people.register import Register
from knowledge.regions import Regions


def make_section(
    parts: Parts,
    register: Register,  # noqa: ARG001  # for those to come
    regions: Regions,  # noqa: ARG001  # for those to come
    ledgers: Ledgers,
) -> Section:
    return join_sections(LedgerPages(parts.database, ledgers).section())
