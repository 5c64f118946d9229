"""The offers dialogue: looking for work, courses and fairs, signing up and off, from any channel.

The policy dialogue hands over wishes for work and courses (`_take_over`); afterwards the next words come here first
(`_hear`), and what is not about offers passes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import HandOver, Outcome, Turn
from bot.messages import Reply
from bot.sealing import find_phone
from handlers.offers.acting import Acting
from handlers.offers.giving_up import GivingUp
from handlers.offers.labels import button, human
from handlers.offers.of_shown import OfShown
from handlers.offers.offer import MOST_TOGETHER, Kind
from handlers.offers.replies import AspectReply, ListReply, NoneReply, OfferSayReply, RegisteredReply
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing, is_name
from handlers.offers.talk import ASKS_AFTER, DIALOGUE, GIVES_UP, KINDS, Memory, Talk
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
from handlers.people import intents
from handlers.people.register import Register
from knowledge.language import plain
from knowledge.phrases import Talking, phrases
from knowledge.routes import Route
from knowledge.stating import tells_unpaid

ANSWERS = frozenset({Act.YES, Act.NO, Act.STOP})


class OffersDialogue:
    name = DIALOGUE

    def __init__(
        self,
        searching: Searching,
        signing: Signing,
        wanting: Wanting,
        acting: Acting,
        register: Register,
        *,
        policy: str,
    ) -> None:
        """`policy`: the dialogue that tells what the documents say."""
        self._policy = policy
        self._searching = searching
        self._signing = signing
        self._wanting = wanting
        self._acting = acting
        self._of_shown = OfShown(searching, wanting, acting, signing)
        self._giving_up = GivingUp(signing, acting)
        self._register = register

    async def step(self, turn: Turn) -> Outcome:
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        talk = Talk(turn, Memory.read(turn.state, turn.now), profile.region)
        if not talk.is_current:
            talk.memory.asking = {}  # a yes that missed another's question is none to ours of hours ago
        back = bool(turn.slots.get("back"))
        if turn.slots.get("intent") == GIVES_UP:
            await self._signing.ask_cancel(talk, talk.words)
        elif turn.slots.get("intent") == ASKS_AFTER:
            await self._signing.list_own(talk)
        elif turn.slots:
            await self._take_over(talk, turn.slots)
        elif turn.pressed is not None:
            await self._acting.press(talk, turn.pressed)
        elif not await self._hear(talk):
            return _let_pass(talk)
        state = talk.memory.to_state(turn.now)
        told = any(map(_tells, talk.replies))
        next_one = HandOver(self._policy, {"beside": True}) if back and not told else _keeping(talk)
        return Outcome(tuple(talk.replies), state, stays=bool(state), hand_over=next_one)

    # -- handed over --------------------------------------------------------------------------------------

    async def _take_over(self, talk: Talk, slots: Mapping[str, Any]) -> None:
        """What somebody said who wants work or a course."""
        memory, kinds = talk.memory, KINDS.get(slots["intent"], (Kind.VACANCY,))
        party = self._note_party(talk)  # before anything is done: it is done for them
        if await self._acting.act(talk, act_in(talk.words)):
            return
        if load_words().hires.search(plain(talk.words)):
            self._searching.say_employer(talk)
            return
        sought = self._wanting.read(talk.words, kinds, home=talk.home, now=talk.turn.now)
        if load_words().earlier.search(plain(talk.words)) and await self._tell_earlier(talk, sought):
            return
        if slots["more"] and phrases(Talking).taken_back.search(plain(talk.words)):
            self._acting.say_and_end(talk, "stopped")
            return
        if memory.sought is not None and (slots["more"] or sought.only_adds):
            if slots["more"] and not sought.adds:
                talk.say(OfferSayReply("ask_wish", choices=(button("more"), button("tell"))))
                return
            sought = add_to(memory.sought, sought)
        await self._searching.search(talk, sought)
        if load_words().once.search(plain(talk.words)):
            await self._keep_wish(talk)
        if party.people == 0 or party.people > MOST_TOGETHER:
            self._searching.say_group(talk)

    async def _keep_wish(self, talk: Talk) -> None:
        """They asked to be told in the same breath: that is no question any more, whatever is listed now."""
        said = talk.replies.pop() if talk.replies else None
        if isinstance(said, NoneReply):
            talk.say(replace(said, may_tell=False, choices=(human(),)))
        elif said is not None:
            talk.say(replace(said, choices=tuple(one for one in said.choices if one.action != "offers:tell")))
        await self._acting.keep_wish(talk)

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
        memory, found = talk.memory, talk.recognised
        if found.urgent or found.route is Route.CRISIS:
            likeness = found.reason.startswith("classifier")
            return likeness and (self._of_shown.hear_too_hard(talk) or await self._giving_up.hear_likeness(talk))
        if tells_unpaid(talk.words):
            return False  # pay that is owed asks nothing of the pay that is offered
        match memory.asking.get("what"):
            case "contact" if await self._signing.hear_contact(talk):
                return True  # a name and a number sound like anything
            case "contact" if load_words().no_contact.search(plain(talk.words)):
                self._acting.say_and_end(talk, "contact_none")
                return True
            case "confirm" if find_phone(talk.words):
                if not await self._signing.may_act(talk, memory.asking["relation"]):
                    await self._acting.confirm(talk, memory.about)  # a phone is no word of hers that she agrees
                    return True
                await self._acting.hear_answer(talk, Act.YES)
                return await self._signing.hear_contact(talk)
        act = act_in(talk.words)
        if act in ANSWERS and talk.turn.below and not memory.asking:
            return False  # an answer to whoever asked last
        if act is Act.CANCEL and code_in(talk.words):
            memory.asking = {}  # named by its number, whatever is asked just now
            return await self._acting.act(talk, act)
        if await self._giving_up.hear(talk):
            return True  # it sounds like a stop to messages
        if memory.asking and act in ANSWERS and not _names_messages(talk) and await self._acting.hear_answer(talk, act):
            return True
        if load_words().swaps.search(plain(talk.words)) and await self._signing.swap(talk):
            return True
        if load_words().brings.search(plain(talk.words)) and act is None and await self._signing.brings(talk):
            return True
        if found.route is Route.OPTOUT:
            return False
        if memory.asking.get("what") == "confirm" and act is None and await self._signing.hear_their_word(talk):
            return True
        if await self._of_shown.hear_contact(talk):
            return True
        if found.route is Route.GRIEVANCE and not self._of_shown.is_meant(talk, act):
            return False
        self._note_party(talk)
        if await self._of_shown.wants_another(talk):
            return True
        if memory.asking and await self._acting.hear_answer(talk, act):
            return True
        if await self._acting.act(talk, act):
            return True
        if talk.home is None and await self._acting.hear_place(talk):
            return True
        if await self._acting.hear_home(talk):
            return True
        if await self._of_shown.hear_party(talk) or await self._of_shown.hear(talk):
            return True
        if memory.asking.get("what") == "confirm" and is_name(talk.words):
            await self._acting.confirm(talk, memory.about)  # who they are is no yes: 路太远 is made like a name
            return True
        return False

    def _note_party(self, talk: Talk) -> Party:
        """Whom the words name, from now on; 我自己 ends that it is for somebody else."""
        party = party_in(talk.words)
        if party.relation == "other" and load_words().pronoun.search(plain(talk.words)) and talk.memory.party.relation:
            party = talk.memory.party  # 给他报, after the son was spoken of
        if party != Party():
            talk.memory.party = party
        elif load_words().oneself.search(plain(talk.words)):
            talk.memory.party = Party()
        return party


WEIGHTY = frozenset({"confirm", "cancel"})
"""Questions of ours after which something is done."""
CONTACTED = frozenset({"contact_kept", "contact_none"})
"""What is said last when somebody has registered."""


def _let_pass(talk: Talk) -> Outcome:
    """Something else was said to a question of ours: a yes that comes later takes no seat, and gives none up."""
    asking = talk.memory.asking
    if asking.get("what") not in WEIGHTY or talk.memory.at is None:
        return Outcome(passed=True)
    talk.memory.asking = {} if talk.recognised.route is Route.OPTOUT else {**asking, "passed": True}
    return Outcome(state=talk.memory.to_state(talk.memory.at), passed=True)


def _tells(reply: Reply) -> bool:
    """Whether it says what there is, so that the documents need not be asked beside it."""
    return isinstance(reply, ListReply | AspectReply | RegisteredReply) or (
        isinstance(reply, OfferSayReply) and reply.what == "will_tell"
    )


def _names_messages(talk: Talk) -> bool:
    return load_words().of_messages.search(plain(talk.words)) is not None


def _keeping(talk: Talk) -> HandOver | None:
    """Whether they want notices, or have kept what they told of themselves; never while a question of ours stands.

    Nor below a list: a number that is typed presses what was said last, and 1 is no yes to being kept.
    """
    if talk.memory.asking:
        return None
    said = {reply.what for reply in talk.replies if isinstance(reply, OfferSayReply)}
    if said & CONTACTED or any(isinstance(reply, RegisteredReply) for reply in talk.replies):
        return intents.ask_notices()
    pressable = any(reply.choices for reply in talk.replies)
    return intents.notice() if talk.turn.pressed is None and not pressable else None
