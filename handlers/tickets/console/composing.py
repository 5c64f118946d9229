"""写回复: what can be put into the composer of a ticket's page, and what must be said before it is sent.

A canned reply or a suggestion is put in by a button of the form itself (POST …/compose), so that nothing written is
lost without a script; `?canned=` and `?suggest=` do the same for a link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.door import drop_unwanted
from bot.web.bodies import read_number
from bot.web.console_pages import ConsolePages
from handlers.tickets.canned import Canned, NoSuchCanned
from handlers.tickets.citing import Basis, BasisEnded, Citing
from handlers.tickets.console.offers import Act
from handlers.tickets.labels import latest_holds
from handlers.tickets.models import Ticket
from handlers.tickets.suggesting import Suggesting, Suggestion
from handlers.tickets.timeline import EntryKind
from knowledge.answers import PolicyBook
from knowledge.regions import Regions

TO_PERSON = frozenset({Act.REPLY, Act.ANSWER, Act.SUBMIT})
"""What the person will read."""


@dataclass(frozen=True)
class Ready:
    """A canned reply, ready to be put in."""

    id: int
    title: str
    text: str
    policy: str
    basis: Basis | None


@dataclass(frozen=True)
class Composer:
    """What the page offers beside the text."""

    canned: Sequence[Ready]
    suggestions: Sequence[Suggestion]
    words: Mapping[str, str]
    """By suggestion: what it puts in."""
    weak: Sequence[Basis]
    """Documents of the text that may hold no longer, while it does not say so."""
    kept: Mapping[str, str]
    """What is in the form."""
    latest: str
    """What has to stand in a reply that rests on them."""
    latest_line: str


class Composing:
    def __init__(self, book: PolicyBook, regions: Regions) -> None:
        self.citing = Citing(book)
        self.canned = Canned(regions.ancestors, self.citing)
        self._suggesting = Suggesting(book)

    async def gather(
        self,
        session: AsyncSession,
        ticket: Ticket,
        lines: Sequence[Any],
        pages: ConsolePages,
        *,
        kept: Mapping[str, str],
        put: str,
        now: datetime,
    ) -> Composer:
        """`kept`: what was written; `put`: what is to be added to it: `canned:ID`, `suggest:ID`, `latest`."""
        today = _day(now)
        ready = [
            Ready(one.id, one.title, one.text, one.policy or "", self.citing.basis(one.policy or "", today=today))
            for one in await self.canned.of_ticket(session, ticket)
        ]
        told = next((line.text for line in lines if line.kind == EntryKind.OPENED), "")
        suggestions = self._suggesting.suggest(ticket.about, told, ticket.category, ticket.region, today=today)
        words = {one.id: pages.words("tickets/suggestion", one=one) for one in suggestions if one.id}
        line = pages.words("tickets/latest_line", latest=latest_holds())
        kept = self._put(kept, put, ready, words, line)
        weak = self.citing.find_weak(kept.get("text", ""), _cites(kept), today=today)
        return Composer(ready, suggestions, words, weak, kept, latest_holds(), line)

    def check(self, act: Act, form: Mapping[str, str], *, now: datetime) -> None:
        """Raises BasisEnded for a reply that rests on what may hold no longer, unless it says so or is meant."""
        if act not in TO_PERSON or form.get("confirm") == "1":
            return
        if self.citing.find_weak(form.get("text", ""), _cites(form), today=_day(now)):
            raise BasisEnded

    def _put(
        self, kept: Mapping[str, str], put: str, ready: Sequence[Ready], words: Mapping[str, str], line: str
    ) -> dict[str, str]:
        """The form with one thing more. Raises NoSuchCanned for what this ticket is not offered."""
        kind, _, name = put.partition(":")
        added = policy = ""
        if kind == "canned":
            one = next((one for one in ready if one.id == read_number(name)), None)
            if one is None:
                raise NoSuchCanned(id=name)
            added, policy = one.text, one.policy
        elif kind == "suggest":
            if name not in words:
                raise NoSuchCanned(id=name)
            added, policy = words[name], name.partition(".")[0]
        elif kind == "latest":
            added = line
        if not added:
            return dict(kept)
        text = drop_unwanted(kept.get("text", ""))
        joined = text if added in text else f"{text}\n{added}".strip()
        return {**kept, "text": joined, "cites": " ".join(dict.fromkeys((*_cites(kept), *filter(None, [policy]))))}


def put_by(query: Mapping[str, str]) -> str:
    """What a link puts in: `?canned=12`, `?suggest=honghu-2023-fishers.pension-subsidy`."""
    return next((f"{kind}:{query[kind]}" for kind in ("canned", "suggest") if query.get(kind)), "")


def _cites(form: Mapping[str, str]) -> list[str]:
    return form.get("cites", "").split()[:20]


def _day(now: datetime) -> date:
    return now.astimezone(LOCAL).date()
