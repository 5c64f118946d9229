"""Signing up, and off: one question before a seat is taken or given up; then who they are, for the door."""

from __future__ import annotations

import re

from bot.messages import Choice
from bot.sealing import find_phone
from handlers.offers.counter import Counter
from handlers.offers.labels import button, human, label
from handlers.offers.models import Offer, Registration
from handlers.offers.offer import MOST_TOGETHER, Standing
from handlers.offers.posting import place_in_line
from handlers.offers.replies import (
    CancelAskReply,
    CancelledReply,
    ConfirmReply,
    MineReply,
    OfferSayReply,
    RegisteredReply,
)
from handlers.offers.talk import Talk
from handlers.offers.views import Mine, OfferView, Viewer
from handlers.offers.wanting import act_in, aspect_in, load_words, party_in
from handlers.people.matching import Matching
from handlers.people.stand_ins import has_agreed
from handlers.people.trades import find_trades
from knowledge.language import plain
from knowledge.surnames import surname_shape

NAME = re.compile(
    rf"(?:[\u4e00-\u9fff]{{0,5}}?(?:叫|是|姓名|名字(?:是|叫)?)[:： ]*)?((?:{surname_shape()})[\u4e00-\u9fff·]{{1,2}})"
)
NO_NAMES = re.compile(
    r"电话|手机|号码|不留|不用|没有|知道|谢谢|好的|什么|怎么|多少|几点|哪|吗|呢|报|取消|[不没太谁的吃费钱莫]|毕业"
)
MOST_WORD = 14
"""Characters of what is said of another's yes."""
MOST_LISTED = 5
MOST_NAME = 8
"""Characters of a message that is a name."""


class Signing:
    def __init__(self, counter: Counter, viewer: Viewer, matching: Matching) -> None:
        self._counter = counter
        self._matching = matching
        self._viewer = viewer

    # -- up -----------------------------------------------------------------------------------------------

    async def may_act(self, talk: Talk, relation: str) -> bool:
        """Whether whoever is to come has agreed; oneself always has."""
        return not relation or await has_agreed(talk.turn.session, talk.turn.conversation_id, relation)

    async def confirm(self, talk: Talk, offer: Offer, *, people: int, relation: str) -> None:
        """Once; with it whether the one who is to come agrees, where that was never said."""
        people = min(max(people, 1), MOST_TOGETHER)
        talk.memory.about = offer.code
        talk.ask("confirm", code=offer.code, people=people, relation=relation)
        full = offer.seats is not None and offer.taken + people > offer.seats
        asks_consent = not await self.may_act(talk, relation)
        name = "sure_for" if asks_consent else "sure_queue" if full else "sure"
        sure = button(name, "sure", code=offer.code, people=people, relation=relation)
        view = self._viewer.of(offer, talk.home)
        reply = ConfirmReply(view, people, _whom(relation), asks_consent, choices=(sure, button("not_now", quiet=True)))
        talk.say(reply)

    async def hear_their_word(self, talk: Talk) -> bool:
        """她知道的, to whether she agrees: asked once more for a clear yes. -> False where nobody was asked for"""
        asking, said = talk.memory.asking, plain(talk.words)
        if await self.may_act(talk, asking["relation"]) or len(said) > MOST_WORD or aspect_in(talk.words):
            return False
        if not load_words().their_word.search(said) and not load_words().their_no.search(said):
            return False
        name = "consent_first" if load_words().their_no.search(said) else "consent_again"
        choices: tuple[Choice, ...] = (button("not_now", quiet=True),)
        if name == "consent_again":
            data = {key: asking[key] for key in ("code", "people", "relation")}
            choices = (button("sure_for", "sure", **data), *choices)
        talk.say(OfferSayReply(name, choices=choices))
        return True

    async def sign_up(self, talk: Talk, code: str, *, people: int, relation: str) -> None:
        """Raises NoSuchOffer, OfferShut, TooManyTogether."""
        turn = talk.turn
        taken = await self._counter.register(
            turn.session,
            code,
            conversation_id=turn.conversation_id,
            people=people,
            relation=relation,
            now=turn.now,
        )
        one = taken.registration
        asks = one.name is None and one.phone is None
        talk.memory.about = code
        talk.memory.asking = {}
        choices: tuple[Choice, ...] = (button("cancel", registration=one.id, quiet=True),)
        if asks:
            talk.ask("contact", registration=one.id)
            choices = (button("no_contact", quiet=True), *choices)
        line = await place_in_line(turn.session, one) if one.state == str(Standing.WAITING) else 0
        view = self._viewer.of(taken.offer, talk.home)
        reply = RegisteredReply(view, Mine.of(one, line), _whom(relation), taken.again, asks, choices=choices)
        talk.say(reply)

    async def hear_contact(self, talk: Talk) -> bool:
        """A name, a phone or both, after we asked; the phone may follow. -> False for words that are neither"""
        words = talk.words
        phone = find_phone(words) or ""
        name = name_in(words)
        if talk.memory.asking.get("what") != "contact" or not (name or phone) or (not phone and len(words) > MOST_NAME):
            return False
        one = await talk.turn.session.get(Registration, talk.memory.asking["registration"])
        if one is None or one.conversation_id != talk.turn.conversation_id:
            return False
        name = await self._counter.leave_contact(talk.turn.session, one, name=name, phone=phone)
        if one.relation:
            where = (talk.turn.session, talk.turn.conversation_id, one.relation)
            theirs = await self._matching.keep_for(*where, phone=phone, name=name, now=talk.turn.now)
            one.person_id = theirs.id if theirs is not None else one.person_id
        if one.phone is None:
            talk.say(OfferSayReply("contact_phone", choices=(button("no_contact", quiet=True),)))
            return True
        talk.memory.asking = {}
        talk.say(OfferSayReply("contact_kept"))
        return True

    # -- off ----------------------------------------------------------------------------------------------

    async def ask_cancel(self, talk: Talk, words: str = "") -> None:
        """Of what they are registered for, the one that the words name; of several: which."""
        items = await self._own(talk)
        talk.memory.asking = {}  # a yes that follows is none to what was asked before
        if not items:
            talk.say(OfferSayReply("nothing_registered", choices=(human(),)))
            return
        items = (_named(items, words) or items)[:MOST_LISTED]
        if len(items) == 1:
            registration = items[0][1].id
            talk.ask("cancel", registration=registration)
            choices: tuple[Choice, ...] = _yes_or_keep(registration)
        else:
            talk.ask("cancel_which")
            choices = tuple(
                button("cancel_yes", "cancel", words=f"{number} {offer.title[:10]}", registration=one.id)
                for number, (offer, one) in enumerate(items, 1)
            )
        bare = load_words().bare_drop.search(plain(words)) is not None
        talk.say(CancelAskReply(await self._views(talk, items), or_messages=bare, choices=choices))

    async def names_own(self, talk: Talk, *, but: str) -> bool:
        """Whether the words name something that they are registered for, other than one number."""
        return any(offer.code != but and _names(talk.words, offer) for offer, _ in await self._own(talk))

    async def has(self, talk: Talk, code: str) -> bool:
        """Whether whoever is to come is in, or waits, for it."""
        relation = talk.memory.party.relation
        return bool(code) and any(
            offer.code == code and one.relation == relation for offer, one in await self._own(talk)
        )

    async def names_one(self, talk: Talk) -> bool:
        """Whether the words tell one of theirs from the others: 电焊的, 我儿子那个."""
        return len(_named(await self._own(talk), talk.words)) == 1

    async def brings(self, talk: Talk) -> bool:
        """我能带个人去不, of somebody who is registered. -> False if they are not"""
        if not await self._own(talk):
            return False
        talk.say(OfferSayReply("brings"))
        return True

    async def swap(self, talk: Talk) -> bool:
        """换我妹妹去行不, of somebody who is registered: how that is done. -> False if they are not"""
        if not await self._own(talk):
            return False
        talk.say(OfferSayReply("swap", choices=(human(),)))
        return True

    async def drops(self, talk: Talk) -> bool:
        """我不去了，退掉: of somebody who is registered. -> False if they are not"""
        if not await self._own(talk):
            return False
        await self.ask_cancel(talk, talk.words)
        return True

    async def ask_cancel_of(self, talk: Talk, registration_id: int) -> None:
        items = [item for item in await self._own(talk) if item[1].id == registration_id]
        if not items:
            talk.say(OfferSayReply("nothing_registered", choices=(human(),)))
            return
        talk.ask("cancel", registration=registration_id)
        choices = _yes_or_keep(registration_id)
        talk.say(CancelAskReply(await self._views(talk, items), or_messages=False, choices=choices))

    async def cancel_by_code(self, talk: Talk, code: str) -> None:
        """取消报名 4831 names it: that is word enough."""
        items = [item for item in await self._own(talk) if item[0].code == code]
        if len(items) == 1:
            await self.cancel(talk, items[0][1].id)
        elif items:
            await self.ask_cancel(talk)
        else:
            talk.say(OfferSayReply("nothing_registered", choices=(human(),)))

    async def cancel(self, talk: Talk, registration_id: int) -> None:
        """Raises NoSuchRegistration."""
        turn = talk.turn
        offer, _ = await self._counter.cancel(
            turn.session, registration_id, conversation_id=turn.conversation_id, now=turn.now
        )
        talk.memory.asking = {}
        talk.say(CancelledReply(self._viewer.of(offer, talk.home)))

    # -- theirs -------------------------------------------------------------------------------------------

    async def list_own(self, talk: Talk) -> None:
        items = (await self._own(talk))[:MOST_LISTED]
        if not items:
            talk.say(OfferSayReply("nothing_registered", choices=(human(),)))
            return
        choices = tuple(
            button("cancel", registration=one.id, quiet=True)
            if len(items) == 1
            else button("cancel", words=f"取消第{number}个", registration=one.id, quiet=True)
            for number, (_, one) in enumerate(items, 1)
        )
        talk.say(MineReply(await self._views(talk, items), choices=choices))

    async def _own(self, talk: Talk) -> list[tuple[Offer, Registration]]:
        return await self._counter.of_chat(talk.turn.session, talk.turn.conversation_id)

    async def _views(self, talk: Talk, items: list[tuple[Offer, Registration]]) -> tuple[tuple[OfferView, Mine], ...]:
        found = []
        for offer, one in items:
            line = await place_in_line(talk.turn.session, one) if one.state == str(Standing.WAITING) else 0
            found.append((self._viewer.of(offer, talk.home), Mine.of(one, line)))
        return tuple(found)


def name_in(words: str) -> str:
    """The name in words that hold nothing else but a phone; empty without one."""
    rest = re.sub(r"[\d\s\-+，,。、:：]+", " ", words).strip()
    found = NAME.fullmatch(re.sub(r"([我俺他她]的?)?(电话|手机)(号码?)?(是)?", "", rest).strip())
    return found[1] if found and not NO_NAMES.search(found[1]) else ""


def is_name(words: str) -> bool:
    """王小军, and nothing else."""
    return len(words) <= MOST_NAME and act_in(words) is None and not aspect_in(words) and bool(name_in(words))


def _yes_or_keep(registration_id: int) -> tuple[Choice, ...]:
    return button("cancel_yes", registration=registration_id), button("keep", quiet=True)


def _whom(relation: str) -> str:
    return label("relation", relation) if relation else ""


def _named(items: list[tuple[Offer, Registration]], words: str) -> list[tuple[Offer, Registration]]:
    """Those that the words mean: by trade or title, by whose they are."""
    named = [item for item in items if _names(words, item[0])] or items
    relation = party_in(words).relation
    theirs = [one for one in named if one[1].relation == relation] if relation else []
    if not theirs and re.search("[她他]", words):
        theirs = [one for one in named if one[1].relation]
    if not theirs and re.search("[我俺](自己|个人|本人)", words):
        theirs = [one for one in named if not one[1].relation]
    return theirs or (named if named is not items else [])


def _names(words: str, offer: Offer) -> bool:
    """帮我把叉车班取消了 names the course by its trade, or by words of its title."""
    return bool(words) and (offer.trade in find_trades(words) or offer.title[:4] in words)
