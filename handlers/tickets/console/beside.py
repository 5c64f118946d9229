"""Who else has the page of a ticket open, so that two do not work the same at once.

Kept in this process alone: of several processes each knows its own pages, and a restart forgets them. A page with
scripts counts while its stream is open, which is while it is in sight; one without for a minute after it was drawn.
Who only looks on (the auditor) is neither named nor told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.staff.models import Staff
from bot.staff.roles import Role

DRAWN_SECONDS = 60.0


@dataclass
class _Page:
    """One member of staff at one ticket."""

    name: str
    until: float = 0.0
    """Of a page that was only drawn."""
    streams: list[asyncio.Event] = field(default_factory=list)


class Beside:
    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._pages: dict[str, dict[int, _Page]] = {}
        """By number, by staff id."""

    def note(self, number: str, staff: Staff) -> None:
        """A page was drawn for them."""
        if staff.as_role is not Role.AUDITOR:
            self._tidy()
            self._page(number, staff).until = self._wall() + DRAWN_SECONDS
            self._wake(number)

    @contextmanager
    def watching(self, number: str, staff: Staff, changed: asyncio.Event) -> Iterator[None]:
        """Their stream is open; `changed` is set when others come or go."""
        if staff.as_role is Role.AUDITOR:
            yield
            return
        page = self._page(number, staff)
        page.streams.append(changed)
        self._wake(number)
        try:
            yield
        finally:
            page.streams.remove(changed)
            page.until = 0.0
            self._wake(number)
            self._tidy()

    def others(self, number: str, staff: Staff) -> tuple[tuple[int, str], ...]:
        """Id and name of everybody else, by id."""
        if staff.as_role is Role.AUDITOR:
            return ()
        pages = self._pages.get(number, {})
        return tuple((one, pages[one].name) for one in sorted(pages) if one != staff.id and self._is_open(pages[one]))

    def _page(self, number: str, staff: Staff) -> _Page:
        return self._pages.setdefault(number, {}).setdefault(staff.id, _Page(staff.display_name))

    def _is_open(self, page: _Page) -> bool:
        return bool(page.streams) or self._wall() < page.until

    def _wake(self, number: str) -> None:
        for page in self._pages.get(number, {}).values():
            for changed in page.streams:
                changed.set()

    def _tidy(self) -> None:
        for number, pages in list(self._pages.items()):
            for staff_id, page in list(pages.items()):
                if not self._is_open(page):
                    del pages[staff_id]
            if not pages:
                del self._pages[number]
