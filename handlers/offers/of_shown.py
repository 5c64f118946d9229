"""What is said behind offers that were shown: one of them, something asked of one, something added to the wish."""

from __future__ import annotations

import re

from bot.sealing import find_phone
from handlers.offers.acting import Acting
from handlers.offers.offer import MOST_TOGETHER, Kind
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing, name_in
from handlers.offers.talk import KINDS, Talk
from handlers.offers.wanting import (
    Act,
    Party,
    Sought,
    Wanting,
    add_to,
    aspect_in,
    days_in,
    features_in,
    load_words,
    party_in,
    trades_in,
)
from knowledge.language import plain
from knowledge.routes import Route

WHOLE = frozenset({Act.REGISTER, Act.MORE, Act.YES, Act.NO, Act.STOP})
"""Acts that are a whole message."""
SHORT = 14
"""A question about what was shown has few characters; a longer one is about something else."""
OWN = frozenset({"when", "where", "pay", "seats"})
"""Aspects that every offer states; whoever is registered asks them of it, and not of the rules."""
DECIDES = re.compile("就.?(它|他|这|要|选|定)|定了|报|要了|我去")
"""第三个好，就它了: that one is to be registered for, which is asked once."""
PARTY = 22
"""A message that says who is to come may be longer: 我们村3个人都想去，一起报行不."""
ORDINAL = re.compile(r"(?:第([1-9])|(?<!\d)([1-9])(?:个|号|项|条|$))(?![\d人])")


class OfShown:
    def __init__(self, searching: Searching, wanting: Wanting, acting: Acting, signing: Signing) -> None:
        self._searching = searching
        self._wanting = wanting
        self._acting = acting
        self._signing = signing

    def is_meant(self, talk: Talk, act: Act | None) -> bool:
        """Words that sound like a complaint, and after a list are about it: 我去, 都没有啊, 四五千的也行."""
        memory = talk.memory
        if not (memory.shown or memory.about or memory.sought or memory.asking):
            return False
        short = len(plain(talk.words)) <= SHORT
        if act in WHOLE or (act in (Act.TELL, Act.MINE) and short) or load_words().grumbles.search(plain(talk.words)):
            return True
        asks = short and memory.about and load_words().asks_whether.search(plain(talk.words)) is not None
        return bool(asks and aspect_in(talk.words)) or talk.may_narrow or self._only_adds(talk)

    def _only_adds(self, talk: Talk) -> bool:
        return self._wanting.only_adds(talk.words, home=talk.home, now=talk.turn.now)

    async def wants_another(self, talk: Talk) -> bool:
        """帮我儿子报电焊班, while a sorter's job is spoken of: never is that one taken for what was named."""
        memory, trades = talk.memory, trades_in(talk.words)
        about = await self._searching.offer(talk, memory.about)
        if about is None or not trades or about.trade in trades or not load_words().comes.search(plain(talk.words)):
            return False
        memory.asking = {}
        if (offer := await self._searching.named(talk)) is not None:
            await self._acting.confirm(talk, offer.code)
            return True
        memory.about = ""
        kinds = KINDS.get(str(talk.turn.understood.route), (Kind.COURSE, Kind.VACANCY))
        sought = self._wanting.read(talk.words, kinds, home=talk.home, now=talk.turn.now)
        await self._searching.search(talk, sought)
        return True

    async def hear(self, talk: Talk) -> bool:
        """One of those that were shown, something asked of it, or something added to the wish."""
        memory, said = talk.memory, plain(talk.words)
        if (memory.shown or memory.about) and (number := _picked(said)):
            return await self._pick(talk, number)
        aspect = aspect_in(talk.words)
        if not talk.is_current:
            return bool(aspect) and len(said) <= SHORT and await self._hear_aspect(talk, aspect)
        if self._wanting.pay_in(talk.words) and self._only_adds(talk) and await self._narrow(talk):
            return True
        if memory.sought is not None and load_words().grumbles.search(said):
            self._acting.ask_wish(talk)
            return True
        if aspect and len(said) <= SHORT and await self._hear_aspect(talk, aspect):
            return True
        if await self._hear_name(talk):
            return True
        return (talk.is_wish or talk.may_narrow or self._only_adds(talk)) and await self._narrow(talk)

    async def hear_contact(self, talk: Talk) -> bool:
        """刘大柱13822223333, with no word of which: they want in, and are asked what for."""
        memory = talk.memory
        if memory.asking or not (memory.shown and talk.is_fresh and find_phone(talk.words) and name_in(talk.words)):
            return False
        code = memory.about or (memory.shown[0] if len(memory.shown) == 1 else "")
        if await self._signing.has(talk, code):
            return False
        if code:
            await self._acting.confirm(talk, code)
        else:
            self._acting.ask_which(talk)
        return True

    def hear_too_hard(self, talk: Talk) -> bool:
        """都太累了 of the work that has just been shown; of life it is no matter of ours."""
        memory = talk.memory
        if not (memory.shown and talk.is_current and load_words().too_hard.fullmatch(plain(talk.words))):
            return False
        self._acting.ask_wish(talk)
        return True

    async def _hear_name(self, talk: Talk) -> bool:
        """象山那个, 12月5号那场, 贴瓷砖的呢: one of those that were shown, or another trade to look for."""
        memory, said = talk.memory, plain(talk.words)
        if len(said) > SHORT or not (talk.may_narrow or talk.is_wish or talk.is_fresh) or memory.sought is None:
            return False
        offer = await self._searching.named(talk)
        if offer is not None and load_words().that_one.search(said):
            await self._acting.take(talk, offer)
            return True
        trades = trades_in(talk.words)
        if offer is not None or not trades or talk.asks_policy or talk.is_wish:
            return False
        sought = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
        await self._searching.search(talk, _joined(memory.sought, sought))
        return True

    async def _narrow(self, talk: Talk) -> bool:
        """Pay, days, a place: added to what was looked for."""
        memory = talk.memory
        if memory.sought is None:
            return False
        sought = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
        if not sought.only_adds or (sought.lives is not None and sought.lives != talk.home):
            return False  # where they live now is told to whoever keeps it
        if talk.recognised.route is Route.OFFTOPIC and sought.start and not self._only_adds(talk):
            return False  # 今天天气好
        await self._searching.search(talk, _joined(memory.sought, sought))
        return True

    async def hear_party(self, talk: Talk) -> bool:
        """给我儿子报, 我们两个人去: who is to come, and with that to the question. -> False if nobody is named"""
        memory, said, party = talk.memory, plain(talk.words), party_in(talk.words)
        spoken_of = bool(memory.shown or memory.about)
        if party == Party() or not spoken_of or len(said) > PARTY or not load_words().comes.search(said):
            return False
        memory.party = party
        if party.people == 0 or party.people > MOST_TOGETHER:
            self._searching.say_group(talk)
        elif memory.about:
            await self._acting.confirm(talk, memory.about)
        else:
            self._acting.ask_which(talk)
        return True

    async def _pick(self, talk: Talk, number: int) -> bool:
        shown = talk.memory.shown
        if number > len(shown):
            self._acting.ask_which(talk)
            return bool(shown)
        offer = await self._searching.offer(talk, shown[number - 1])
        if offer is not None and DECIDES.search(talk.words):
            await self._acting.confirm(talk, offer.code)
        else:
            await self._searching.show(talk, shown[number - 1])
        return True

    async def _hear_aspect(self, talk: Talk, aspect: str) -> bool:
        """-> False where it is a question of policy, or of which offer is not known"""
        memory, said = talk.memory, plain(talk.words)
        if load_words().asks_for.search(said) or (talk.asks_policy and load_words().of_policy.search(said)):
            return False
        offer = await self._searching.named(talk)
        if offer is None and (days_in(talk.words, talk.turn.now) or trades_in(talk.words)):
            # Another than the one that was spoken of: 12月20号那个几点开始.
            return await self._find_other(talk, aspect)
        offer = offer or await self._searching.offer(talk, memory.about)
        if offer is None:
            if memory.shown and memory.sought is not None and features_in(talk.words):
                return await self._narrow(talk)
            # A trade that is none of those shown is looked for.
            of_them = not talk.asks_policy or (talk.is_fresh and aspect == "needs")
            if memory.shown and of_them and not trades_in(talk.words):
                self._acting.ask_which(talk)
                return True
            return False
        stated = offer.details.get(aspect) or (aspect == "allowance" and offer.provision)
        stated = stated or (aspect in OWN and await self._signing.has(talk, offer.code))
        if not stated and (aspect == "allowance" or (talk.asks_policy and not talk.is_fresh)):
            return False
        await self._searching.tell_aspect(talk, offer, aspect)
        return True

    async def _find_other(self, talk: Talk, aspect: str) -> bool:
        """A day or a trade that none of those shown has is looked for; of the only one what was asked is told."""
        memory = talk.memory
        if memory.sought is None or talk.asks_policy or not (talk.is_fresh or talk.is_wish or talk.may_narrow):
            return False
        sought = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
        await self._searching.search(talk, _joined(memory.sought, sought), aspect=aspect)
        return True


def _picked(said: str) -> int:
    """The number of one of a list, where words hold nothing else but that it is liked; 0 without one."""
    found = ORDINAL.search(said)
    if found is None:
        return 0
    rest = load_words().picked.sub("", said[: found.start()] + said[found.end() :].lstrip("个号项条"))
    return 0 if rest else int(found[1] or found[2])


def _joined(before: Sought, more: Sought) -> Sought:
    """Of another kind, a course after vacancies, it is a wish of its own."""
    return add_to(before, more) if more.kinds == before.kinds else more
