"""All parts of the ledgers together, as pages, commands and other services get them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.app import Parts
from bot.sealing import Sealer
from handlers.people.ledger.file_parts import OTHERS, TRAINING, read_contributions, read_services
from handlers.people.ledger.giving import Giving
from handlers.people.ledger.importing import Importer
from handlers.people.ledger.imports import Imports
from handlers.people.ledger.privacy import Masked
from handlers.people.ledger.running import Runner
from handlers.people.ledger.services import ServiceBook
from handlers.people.register import Register
from knowledge.regions import Regions


@dataclass(frozen=True)
class Ledgers:
    sealer: Sealer
    regions: Regions
    services: ServiceBook
    importer: Importer
    imports: Imports
    runner: Runner
    giving: Giving

    def add_parts(self, register: Register) -> None:
        """Their parts of a person's file."""
        masked = Masked(self.sealer)
        register.add_part("services", read_services(self.services, masked, OTHERS))
        register.add_part("training", read_services(self.services, masked, TRAINING))
        register.add_part("insurance", read_contributions(self.sealer))


def make_ledgers(parts: Parts, regions: Regions) -> Ledgers:
    sealer = Sealer(parts.keys, "people")
    services = ServiceBook(sealer)
    importer = Importer(parts.database, sealer, regions, services)
    imports = Imports(sealer, parts.clock)
    runner = Runner(parts.database, parts.clock, imports, importer)
    return Ledgers(sealer, regions, services, importer, imports, runner, Giving(sealer, regions))
