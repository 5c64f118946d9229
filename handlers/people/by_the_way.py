"""What somebody told of themselves while they asked for something else: a button by which it can be kept.

It is no question: it stands last below the answer, and takes no number or yes from what is above it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.messages import Choice
from handlers.people.labels import button
from handlers.people.person import Purpose
from handlers.people.profiling import Profiling, new_in
from handlers.people.reading import Reader
from handlers.people.said import Said
from knowledge.language import plain

FEWEST = 2
"""So many facts of one message are worth a button."""


ASKED = re.compile("有没有?|有不有")
"""有没有活干 asks, and says of nobody that they have no work."""


class ByTheWay:
    def __init__(self, profiling: Profiling, reader: Reader) -> None:
        self._profiling = profiling
        self._reader = reader

    async def offer(
        self, session: AsyncSession, conversation_id: int, words: str, *, now: datetime
    ) -> tuple[Choice, ...]:
        """The button, where there is something new beside the wish and keeping was never refused; nothing sensitive
        waits in it, only that it was said."""
        words = ASKED.sub("有", plain(words))
        said = self._reader.read(words, today=now.astimezone(LOCAL).date())
        if said.weight < FEWEST or not _tells(said):
            return ()
        kept = await self._profiling.view(session, conversation_id, now=now)
        if Purpose.PROFILE in kept.profile.refused or not _tells(new_in(said, kept)):
            return ()
        data = {**said.without_sensitive().to_data(), "sensitive": bool(said.sensitive)}
        return (button("note", quiet=True, said=data),)


def _tells(said: Said) -> bool:
    """Whether anything is in it beside what they look for."""
    return replace(said, wishes=()).weight > 0
