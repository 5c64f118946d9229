"""The console pages of the people service: each kind of page is a `Section` of its own, joined here."""

from __future__ import annotations

from bot.app import Parts
from bot.sealing import Sealer
from bot.web.console import Section, join_sections
from handlers.people.adding import PersonAdding
from handlers.people.console.lacking_pages import LackingPages
from handlers.people.console.ledger_export_pages import LedgerExportPages
from handlers.people.console.ledger_pages import LedgerPages
from handlers.people.console.person_edit_pages import PersonEditPages
from handlers.people.console.person_new_pages import PersonNewPages
from handlers.people.console.person_pages import PersonPages
from handlers.people.console.service_pages import ServicePages
from handlers.people.console.task_pages import TaskPages
from handlers.people.files import PersonFiles
from handlers.people.finding import Finder
from handlers.people.ledger.desk import Ledgers
from handlers.people.register import Register
from handlers.people.tasks import Tasks
from knowledge.regions import Regions


def make_section(parts: Parts, register: Register, regions: Regions, ledgers: Ledgers, tasks: Tasks) -> Section:
    sealer = Sealer(parts.keys, "people")
    files = PersonFiles(sealer)
    return join_sections(
        PersonNewPages(parts.database, files, PersonAdding(sealer, files), regions).section(),
        PersonPages(parts.database, register, files, Finder(sealer), regions).section(),
        PersonEditPages(parts.database, files, regions).section(),
        TaskPages(parts.database, tasks, sealer, regions).section(),
        LedgerExportPages(parts.database, ledgers).section(),
        LedgerPages(parts.database, ledgers).section(),
        LackingPages(parts.database, ledgers).section(),
        ServicePages(parts.database, ledgers).section(),
    )
