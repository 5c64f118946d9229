"""The parts of offers that the dialogue, commands and the console share. Knows no dialogue."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from bot.app import Parts
from bot.background import TimerHandler
from bot.quiet import QuietHours
from bot.sealing import Sealer
from handlers.offers.counter import Counter, OnCame, record_nothing
from handlers.offers.finding import Finder
from handlers.offers.moments import Moments
from handlers.offers.posting import Posting
from handlers.offers.publishing import Publishing
from handlers.offers.views import Viewer
from handlers.offers.wishes import Wishes
from handlers.people.register import Register
from knowledge.answers import PolicyBook


@dataclass(frozen=True)
class Office:
    """All of them, built once."""

    counter: Counter
    publishing: Publishing
    moments: Moments
    finder: Finder
    viewer: Viewer
    wishes: Wishes
    sealer: Sealer

    @property
    def timers(self) -> Mapping[str, TimerHandler]:
        """All that acts at a moment."""
        return {**self.moments.handlers, **self.wishes.handlers}


def make_office(parts: Parts, book: PolicyBook, register: Register, *, on_came: OnCame = record_nothing) -> Office:
    """`on_came`: keeps a record of who was at a fair or a course."""
    sealer = Sealer(parts.keys, "offers")
    viewer = Viewer(book, parts.clock.now)
    moments = Moments(parts.timers, Posting(parts.outbox, viewer), QuietHours.read(parts.settings.quiet_hours))
    counter = Counter(register, moments, sealer, on_came=on_came)
    return Office(
        counter,
        Publishing(counter, moments, viewer.serves, book.regions.ancestors, chance=random.Random()),  # noqa: S311  # numbers, no secrets
        moments,
        Finder(book.regions),
        viewer,
        Wishes(register, book.regions, viewer, parts.outbox, parts.timers, parts.database),
        sealer,
    )
