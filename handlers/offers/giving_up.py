"""Words by which somebody who is registered gives up a seat, though they sound like a stop, or like danger."""

from __future__ import annotations

from handlers.offers.acting import Acting
from handlers.offers.signing import Signing
from handlers.offers.talk import BARE, COMPLAINING, Talk
from handlers.offers.wanting import gives_up, load_words
from knowledge.language import plain
from knowledge.routes import Route


class GivingUp:
    def __init__(self, signing: Signing, acting: Acting) -> None:
        self._signing = signing
        self._acting = acting

    async def hear_likeness(self, talk: Talk) -> bool:
        """不想去了, 我爸他晓得: like words of danger, without a sign of it, and an answer to what is asked here."""
        if talk.memory.asking.get("what") == "confirm" and await self._signing.hear_their_word(talk):
            return True
        return len(plain(talk.words)) <= BARE and gives_up(talk.words) and await self._signing.drops(talk)

    async def _gives_up(self, talk: Talk) -> bool:
        """不去了; 不想学电焊了, of whoever is registered for that."""
        found, said = talk.recognised, plain(talk.words)
        if found.route is Route.GRIEVANCE and found.lead >= COMPLAINING and len(said) > BARE:
            return False  # 不发工资我不去了
        if gives_up(talk.words):
            return True
        named = load_words().drops_named.search(said)
        return named is not None and await self._signing.names_own(talk, but="")

    async def hear(self, talk: Talk) -> bool:
        """A no to what is asked just now; else a seat that they have, or one that they were about to take."""
        stays = talk.memory.asking.get("what") == "cancel" and load_words().stays.search(plain(talk.words))
        if not stays and not await self._gives_up(talk):
            return False
        if await self._acting.hear_withdrawal(talk):
            return True
        if await self._signing.drops(talk):
            return True
        memory, bare = talk.memory, load_words().bare_drop.search(plain(talk.words))
        if bare or not (memory.about or memory.shown) or talk.recognised.route in (Route.OPTOUT, Route.GRIEVANCE):
            return False
        self._acting.say_and_end(talk, "not_now")
        return True
