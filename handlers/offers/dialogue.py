"""The offers dialogue: looking for work, courses and fairs, signing up and off, from any channel.

The policy dialogue hands over wishes for work and courses (`_take_over`); afterwards the next words come here first
(`_hear`), and what is not about offers passes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import HandOver, Outcome, Pressed, Turn
from handlers.offers.labels import button
from handlers.offers.offer import MOST_TOGETHER, Kind
from handlers.offers.replies import AspectReply, ListReply, OfferSayReply, RegisteredReply
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing
from handlers.offers.talk import KINDS, Memory, Talk
from handlers.offers.wanting import (
    Act,
    Party,
    Sought,
    Wanting,
    act_in,
    add_to,
    aspect_in,
    code_in,
    load_words,
    party_in,
)
from handlers.offers.wishes import Wishes
from handlers.people import intents
from handlers.people.register import Register
from knowledge.language import plain
from knowledge.phrases import Talking, phrases
from knowledge.regions import Regions
from knowledge.routes import Route

SHORT = 14
"""A question about what was shown has few characters; a longer one is about something else."""
PLACE = 12
ORDINAL = re.compile(r"^(?:第|就|要|选|看)?第?([1-5])(?:个|号|项|条)?(?:吧|的|怎么样|咋样|详细|看看)*[。.]?$")


class OffersDialogue:
    name = "offers"

    def __init__(
        self,
        searching: Searching,
        signing: Signing,
        wanting: Wanting,
        wishes: Wishes,
        register: Register,
        regions: Regions,
        *,
        policy: str,
    ) -> None:
        """`policy`: the dialogue that tells what the documents say."""
        self._policy = policy
        self._searching = searching
        self._signing = signing
        self._wanting = wanting
        self._wishes = wishes
        self._register = register
        self._regions = regions

    async def step(self, turn: Turn) -> Outcome:
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        talk = Talk(turn, Memory.read(turn.state, turn.now), profile.region)
        back = False
        if turn.slots:
            await self._take_over(talk, turn.slots)
            back = turn.slots["back"]
        elif turn.pressed is not None:
            await self._press(talk, turn.pressed)
        elif not await self._hear(talk):
            return Outcome(passed=True)
        state = talk.memory.to_state(turn.now)
        told = any(isinstance(reply, ListReply | AspectReply | RegisteredReply) for reply in talk.replies)
        next_one = HandOver(self._policy, {"beside": True}) if back and not told else _keeping(talk)
        return Outcome(tuple(talk.replies), state, stays=bool(state), hand_over=next_one)

    # -- handed over --------------------------------------------------------------------------------------

    async def _take_over(self, talk: Talk, slots: Mapping[str, Any]) -> None:
        """What somebody said who wants work or a course."""
        memory, kinds = talk.memory, KINDS.get(slots["intent"], (Kind.VACANCY,))
        if await self._act(talk, act_in(talk.words)):
            return
        sought = self._wanting.read(talk.words, kinds, home=talk.home, now=talk.turn.now)
        if load_words().earlier.search(plain(talk.words)) and await self._tell_earlier(talk, sought):
            return
        party = party_in(talk.words)
        if party != Party():
            memory.party = party
        if slots["more"] and phrases(Talking).taken_back.search(plain(talk.words)):
            self._say_and_end(talk, "stopped")
            return
        if memory.sought is not None and (slots["more"] or sought.only_adds):
            if slots["more"] and not sought.adds:
                talk.say(OfferSayReply("ask_wish", choices=(button("more"), button("tell"))))
                return
            sought = add_to(memory.sought, sought)
        await self._searching.search(talk, sought)
        if party.people == 0 or party.people > MOST_TOGETHER:
            self._searching.say_group(talk)

    async def _tell_earlier(self, talk: Talk, sought: Sought) -> bool:
        """上次发的那个象山的岗位还要人吗. -> False if no such offer is found and they may look for a new one"""
        offer = await self._searching.earlier(talk, sought)
        if offer is not None:
            await self._searching.tell_aspect(talk, offer, aspect_in(talk.words) or "seats")
            return True
        return False

    # -- words --------------------------------------------------------------------------------------------

    async def _hear(self, talk: Talk) -> bool:
        """-> False for what is not about what was shown or asked here"""
        understood, memory = talk.turn.understood, talk.memory
        if understood.urgent or str(understood.route) in (Route.CRISIS, Route.OPTOUT):
            return False
        if memory.asking.get("what") == "contact" and await self._signing.hear_contact(talk):
            return True  # a name and a number sound like anything
        act = act_in(talk.words)
        if str(understood.route) == Route.GRIEVANCE:
            return talk.may_narrow and ((act is Act.MORE and await self._act(talk, act)) or await self._narrow(talk))
        if memory.asking and await self._hear_answer(talk, act):
            return True
        if await self._act(talk, act):
            return True
        if talk.home is None and await self._hear_place(talk):
            return True
        if (memory.shown or memory.about) and (found := ORDINAL.match(plain(talk.words))):
            return await self._pick(talk, int(found[1]))
        aspect = aspect_in(talk.words)
        if aspect and len(plain(talk.words)) <= SHORT and await self._hear_aspect(talk, aspect):
            return True
        return (talk.is_wish or talk.may_narrow) and await self._narrow(talk)

    async def _narrow(self, talk: Talk) -> bool:
        """Pay, days, a place: added to what was looked for."""
        memory = talk.memory
        if memory.sought is None:
            return False
        sought = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
        if not sought.only_adds:
            return False
        await self._searching.search(talk, add_to(memory.sought, sought))
        return True

    async def _hear_answer(self, talk: Talk, act: Act | None) -> bool:
        """The question that stands: yes, no, or what it asked for."""
        memory, asking = talk.memory, talk.memory.asking
        match asking["what"], act:
            case "confirm", Act.YES | Act.REGISTER:
                await self._signing.sign_up(talk, asking["code"], people=asking["people"], relation=asking["relation"])
            case "confirm", Act.NO | Act.STOP:
                self._say_and_end(talk, "not_now")
            case "cancel", Act.YES | Act.CANCEL:
                await self._signing.cancel(talk, asking["registration"])
            case "cancel", Act.NO | Act.STOP:
                self._say_and_end(talk, "kept")
            case "tell", Act.YES | Act.TELL:
                await self._tell_me(talk)
            case "tell", Act.NO | Act.STOP:
                await self._do_not_tell(talk)
            case "contact", Act.YES:
                talk.say(OfferSayReply("contact_ask"))
            case "contact", Act.NO | Act.STOP:
                self._say_and_end(talk, "contact_none")
            case "place", _:
                return await self._hear_place(talk)
            case _:
                memory.asking = {} if act in (Act.NO, Act.STOP) else asking
                return False
        return True

    async def _hear_place(self, talk: Talk) -> bool:
        """A bare place, or one after we asked: theirs from now on."""
        words = plain(talk.words)
        code = self._regions.resolve_whole(words)
        if code is None and talk.memory.asking and len(words) <= PLACE:
            code = next((mention.code for mention in self._regions.find(words)), None)
        if code is None or talk.memory.sought is None:
            return False
        await self._register.set_place(talk.turn.session, talk.turn.conversation_id, code, now=talk.turn.now)
        talk.home = code
        await self._searching.search(talk, talk.memory.sought)
        return True

    async def _act(self, talk: Talk, act: Act | None) -> bool:
        """What they want done, whatever stood before. -> False if nothing"""
        memory, code = talk.memory, code_in(talk.words)
        match act:
            case Act.CANCEL if code:
                await self._signing.cancel_by_code(talk, code)
            case Act.CANCEL:
                await self._signing.ask_cancel(talk, talk.words)
            case Act.MINE:
                await self._signing.list_own(talk)
            case _ if code and re.search("报", talk.words):
                party = party_in(talk.words)
                await self._signing.sign_up(talk, code, people=max(party.people, 1), relation=party.relation)
            case _ if code and not memory.asking and code in memory.shown:
                await self._searching.show(talk, code)
            case Act.REGISTER | Act.YES if memory.about:
                await self._confirm(talk, memory.about)
            case Act.REGISTER | Act.YES if memory.shown:
                self._ask_which(talk)
            case Act.MORE if memory.sought is not None:
                return await self._searching.more(talk)
            case Act.TELL if memory.sought is not None:
                more = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
                memory.sought = add_to(memory.sought, more)
                await self._tell_me(talk)
            case Act.STOP if memory.sought is not None:
                self._say_and_end(talk, "stopped")
            case _:
                return False
        return True

    async def _pick(self, talk: Talk, number: int) -> bool:
        shown = talk.memory.shown
        if not 1 <= number <= len(shown):
            return False
        await self._searching.show(talk, shown[number - 1])
        return True

    async def _hear_aspect(self, talk: Talk, aspect: str) -> bool:
        """-> False where it is a question of policy, or of which offer is not known"""
        memory = talk.memory
        code = memory.about or (memory.shown[0] if len(memory.shown) == 1 else "")
        offer = await self._searching.offer(talk, code)
        if offer is None:
            if memory.shown and not talk.asks_policy:
                self._ask_which(talk)
                return True
            return False
        stated = offer.details.get(aspect) or (aspect == "allowance" and offer.provision)
        if not stated and (aspect == "allowance" or talk.asks_policy):
            return False
        await self._searching.tell_aspect(talk, offer, aspect)
        return True

    # -- buttons ------------------------------------------------------------------------------------------

    async def _press(self, talk: Talk, pressed: Pressed) -> None:
        data, memory = pressed.data, talk.memory
        match pressed.action.partition(":")[2]:
            case "show":
                await self._searching.show(talk, data["code"])
            case "register" if code := data.get("code") or memory.about:
                await self._confirm(talk, code)
            case "sure":
                await self._signing.sign_up(talk, data["code"], people=data["people"], relation=data["relation"])
            case "not_now":
                self._say_and_end(talk, "not_now")
            case "cancel" if "registration" in data:
                await self._signing.ask_cancel_of(talk, data["registration"])
            case "cancel":
                await self._signing.ask_cancel(talk)
            case "cancel_yes":
                await self._signing.cancel(talk, data["registration"])
            case "keep":
                self._say_and_end(talk, "kept")
            case "more" if await self._searching.more(talk):
                pass
            case "tell" if memory.sought is not None:
                await self._tell_me(talk)
            case "no_tell":
                await self._do_not_tell(talk)
            case "no_contact":
                self._say_and_end(talk, "contact_none")
            case "mine":
                await self._signing.list_own(talk)
            case "wide" if memory.sought is not None:
                await self._searching.search(talk, replace(memory.sought, trades=(), other="", pay_from=None))
            case "training":
                await self._searching.search(talk, Sought((Kind.COURSE,)))
            case "fairs":
                await self._searching.search(talk, Sought((Kind.FAIR,)))
            case "register":
                await self._searching.search(talk, Sought((Kind.COURSE, Kind.FAIR)))
            case _:
                await self._searching.search(talk, Sought((Kind.VACANCY,)))

    async def _confirm(self, talk: Talk, code: str) -> None:
        offer, party = await self._searching.offer(talk, code), talk.memory.party
        if offer is None:
            talk.say(OfferSayReply("nothing_earlier"))
        else:
            self._signing.confirm(talk, offer, people=party.people, relation=party.relation)

    def _ask_which(self, talk: Talk) -> None:
        choices = tuple(
            button("show", words=f"第{number}个", code=code) for number, code in enumerate(talk.memory.shown, 1)
        )
        talk.say(OfferSayReply("which_one", choices=choices))

    async def _tell_me(self, talk: Talk) -> None:
        """They want to be told: that is a yes to notices, and what they look for is kept."""
        assert talk.memory.sought is not None
        turn = talk.turn
        await self._wishes.keep(turn.session, turn.conversation_id, talk.memory.sought, now=turn.now)
        self._say_and_end(talk, "will_tell")

    async def _do_not_tell(self, talk: Talk) -> None:
        sought = talk.memory.sought or Sought((Kind.VACANCY,))
        await self._wishes.refuse(talk.turn.session, talk.turn.conversation_id, sought, now=talk.turn.now)
        self._say_and_end(talk, "not_tell")

    def _say_and_end(self, talk: Talk, what: str) -> None:
        """The question that stood is answered."""
        talk.memory.asking = {}
        talk.say(OfferSayReply(what))


CONTACTED = frozenset({"contact_kept", "contact_none"})
"""What is said last when somebody has registered."""


def _keeping(talk: Talk) -> HandOver | None:
    """Whether they want notices, or have kept what they told of themselves; never while a question of ours stands."""
    if talk.memory.asking:
        return None
    said = {reply.what for reply in talk.replies if isinstance(reply, OfferSayReply)}
    if said & CONTACTED or any(isinstance(reply, RegisteredReply) for reply in talk.replies):
        return intents.ask_notices()
    return intents.notice() if talk.turn.pressed is None else None
