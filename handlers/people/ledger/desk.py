"""All parts of the ledgers together, as pages, commands and other services get them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app import Parts
from bot.sealing import Sealer
from handlers.people.ledger.importing import Importer
from handlers.people.ledger.imports import Imports
from handlers.people.ledger.running import Runner
from handlers.people.ledger.services import ServiceBook
from knowledge.regions import Regions


@dataclass(frozen=True)
class Ledgers:
    sealer: Sealer
    regions: Regions
    services: ServiceBook
    importer: Importer
    imports: Imports
    runner: Runner


def make_ledgers(parts: Parts, regions: Regions) -> Ledgers:
    sealer = Sealer(parts.keys, "people")
    services = ServiceBook(sealer)
    importer = Importer(parts.database, sealer, regions, services)
    imports = Imports(sealer, parts.clock)
    return Ledgers(sealer, regions, services, importer, imports, Runner(parts.database, parts.clock, imports, importer))
