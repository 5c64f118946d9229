"""The headers further down one sheet: on each printed page, above each village, in front of another table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.people.ledger.cells import Line, plain
from handlers.people.ledger.columns import Columns, Template
from handlers.people.ledger.heading import MOST_LINES, Heading, find_heading, is_data

MOST_KNOWN = 50
"""Headers that are remembered: where one stands above each person it is read once."""


class Blocks:
    """Follows the lines below the first header. `heading` is what the next lines are read with."""

    def __init__(self, heading: Heading, columns: Columns) -> None:
        self.heading = heading
        self.barred = False
        """Whether the header above says that the next lines are no rows of this ledger."""
        self._columns = columns
        self._head: list[Line] = []
        self._titles: list[Line] = []
        self._known: dict[tuple[tuple[str, ...], ...], tuple[Heading | None, bool]] = {}

    def begin(self, line: Line) -> bool:
        """At a line of headers or titles. Whether `heading` is another from here on."""
        self._head = [line]
        return self._switch()

    def goes_on(self, line: Line) -> bool | None:
        """At the line below a header: None where it is no part of it, else whether `heading` is another."""
        if not self._head:
            return None
        whole = len(self._head) < MOST_LINES and not is_data(line) and self._find([*self._head, line])[1]
        if not whole:
            self._head, self._titles = [], []
            return None
        self._head.append(line)
        return self._switch()

    def pass_by(self, line: Line) -> None:
        """A line that is no person's: it may be the title of the next block."""
        self._titles = [*self._titles[1 - MOST_LINES :], line]

    def rows_begin(self) -> None:
        self._titles = []

    def _switch(self) -> bool:
        found, _ = self._find(self._head)
        if found is None or not any(one.field == "id_number" for one in found.columns):
            return False  # a title once more, or the first line of several
        names = {one.field for one in found.columns}
        titles = {**self.heading.titles, **found.titles}
        titles = {name: said for name, said in titles.items() if name not in names}
        missing = any(not names.union(titles).intersection(needs) for needs in self._columns.needs[found.template])
        # What stands beside is read by another reader, from the first header's place on.
        beside = found.beside not in (0, self.heading.beside)
        # Whether a name is that of each row nobody has looked ahead for, as for the first header.
        guessed = found.by_householder and not self.heading.by_householder
        self.barred = missing or beside or guessed or found.template is not self.heading.template
        if self.barred or (titles == self.heading.titles and _layout(found) == _layout(self.heading)):
            return False
        texts = list(dict.fromkeys([*self.heading.texts, *found.texts]))
        self.heading = replace(found, titles=titles, texts=texts)
        return True

    def _find(self, head: Sequence[Line]) -> tuple[Heading | None, bool]:
        """What they say, and whether the last of them belongs to it."""
        lines = [*self._titles, *head]
        key = tuple(tuple(plain(cell) for cell in line.cells) for line in lines)
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            found = self._look(head)
            self._known[key] = (found, found is not None and found.last_row == lines[-1].number)
        return self._known[key]

    def _look(self, head: Sequence[Line]) -> Heading | None:
        own = self.heading.template
        again = find_heading(head, self._columns, wanted=own)
        if again is not None and (_layout(again), again.unknown) == (_layout(self.heading), self.heading.unknown):
            wanted: Template | None = own  # the same once more
        else:
            # A roster's block may turn out a list of payments; those may have their year in the first title.
            wanted = None if own is Template.T2 else own
        found = find_heading([*self._titles, *head], self._columns, wanted=wanted)
        titles = [line for line in self._titles if len({plain(cell) for cell in line.cells} - {""}) < 2]
        alone = find_heading([*titles, *head], self._columns, wanted=wanted)
        # Who stands above it without a number is no line of the header, unless more is known with that.
        return found if alone is None or (found is not None and found.weight > alone.weight) else alone


def _layout(heading: Heading) -> list[tuple[str, int, str]]:
    return [(one.field, one.index, one.header) for one in heading.columns]
