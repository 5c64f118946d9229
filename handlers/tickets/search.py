"""Finding tickets: by number, by a full name or phone (digests), by a phone's last digits, by words.

Words are found by pairs of neighbouring characters (拖欠, 欠工, 工资), so no dictionary has to know them. A ticket's
pairs lie in one row of `ticket_search`, with a keyed digest of its phone's last digits; never a name or a number. The
row is written in the transaction that changes the ticket, and on PostgreSQL an inverted index (GIN) stands over it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable

from sqlalchemy import ARRAY, ColumnElement, Text, delete, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import Database
from bot.sealing import Sealer
from handlers.tickets.models import SearchTerms, Ticket

ERASED = "-"
"""`Ticket.search_key` of a ticket whose words were erased: it is not found by words again."""
BATCH = 500
TAIL = 4
"""Digits at the end of a phone by which people are looked for."""
_LETTERS = str.maketrans("0123456789abcdef", "ABCDEFGHIJKLMNOP")
_LONG_NUMBER = re.compile(r"[0-9][0-9 -]{5,}[0-9]")


def plain_runs(words: str) -> list[str]:
    """What counts of a text: runs of characters and digits, whatever their width or case."""
    plain = unicodedata.normalize("NFKC", words).casefold()
    return re.findall(r"[^\W_]+", plain)


def pairs_of(words: str) -> set[str]:
    """Every two neighbours; a character that stands alone is no pair."""
    return {run[at : at + 2] for run in plain_runs(words) for at in range(len(run) - 1)}


class SearchIndex:
    def __init__(self, sealer: Sealer, place_name: Callable[[str], str]) -> None:
        self._sealer = sealer
        self._place_name = place_name

    # -- keeping ------------------------------------------------------------------------------------------

    async def keep(self, session: AsyncSession, ticket: Ticket) -> None:
        """Called at the end of every change; writes only when something it is found by is new."""
        words = self._words(ticket)
        said = "\n".join((*words, ticket.phone_digest or ""))
        key = hashlib.sha256(said.encode()).hexdigest()[:16]
        if ticket.search_key in (key, ERASED):
            return
        ticket.search_key = key
        await session.flush()
        await self._write(session, ticket.id, self._terms(ticket, words))

    async def forget(self, session: AsyncSession, ticket: Ticket) -> None:
        ticket.search_key = ERASED
        await session.execute(delete(SearchTerms).where(SearchTerms.ticket_id == ticket.id))

    async def fill(self, database: Database) -> None:
        """Rows from before there was a search, in batches, the newest first."""
        while True:
            async with database.transaction() as session:
                wanted = select(Ticket).where(text("search_key = ''")).order_by(Ticket.id.desc()).limit(BATCH)
                found = (await session.scalars(wanted.with_for_update(skip_locked=True))).all()
                for ticket in found:
                    await self.keep(session, ticket)
            if not found:
                return

    def _words(self, ticket: Ticket) -> tuple[str, ...]:
        place = self._place_name(ticket.region) if ticket.region else ""
        employer = str(ticket.facts.get("employer") or "")
        return (_LONG_NUMBER.sub(" ", ticket.about), place, ticket.village, _LONG_NUMBER.sub(" ", employer))

    def _terms(self, ticket: Ticket, words: Iterable[str]) -> str:
        terms = set[str]().union(*map(pairs_of, words))
        if ticket.phone is not None:
            terms.add(self.tail_term(self._sealer.open(ticket.phone, "ticket.phone")))
        return " ".join(sorted(terms))

    def tail_term(self, phone: str) -> str:
        """In letters that no word has after `plain_runs`, so that it is never taken for a pair."""
        digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone))
        return self._sealer.digest(f"tail:{digits[-TAIL:]}")[:12].translate(_LETTERS)

    async def _write(self, session: AsyncSession, ticket_id: int, terms: str) -> None:
        dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
        statement = dialect.insert(SearchTerms).values(ticket_id=ticket_id, terms=terms)
        await session.execute(
            statement.on_conflict_do_update(index_elements=["ticket_id"], set_={"terms": statement.excluded.terms})
        )


def has_terms(session: AsyncSession, terms: Iterable[str]) -> ColumnElement[bool]:
    """All of them, on a row of `ticket_search`."""
    if session.get_bind().dialect.name == "sqlite":
        found: ColumnElement[bool] = literal(value=True)
        for term in terms:
            found = found & (func.instr(SearchTerms.terms, term) > 0)
        return found
    return func.string_to_array(SearchTerms.terms, " ").op("@>", is_comparison=True)(
        literal(sorted(terms), ARRAY(Text))
    )
