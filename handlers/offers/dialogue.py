"""The offers dialogue: looking for work, courses and fairs, signing up and off, from any channel.

The policy dialogue hands over wishes for work and courses (`_take_over`); afterwards the next words come here first
(`_hear`), and what is not about offers passes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue import HandOver, Outcome, Turn
from bot.messages import Reply
from bot.sealing import find_phone
from handlers.offers.acting import Acting
from handlers.offers.labels import button, human
from handlers.offers.offer import MOST_TOGETHER, Kind
from handlers.offers.replies import AspectReply, ListReply, NoneReply, OfferSayReply, RegisteredReply
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing, is_name
from handlers.offers.talk import ASKS_AFTER, BARE, COMPLAINING, DIALOGUE, GIVES_UP, KINDS, Memory, Talk
from handlers.offers.wanting import (
    Act,
    Party,
    Sought,
    Wanting,
    act_in,
    add_to,
    aspect_in,
    code_in,
    days_in,
    features_in,
    gives_up,
    load_words,
    party_in,
    trades_in,
)
from handlers.people import intents
from handlers.people.register import Register
from knowledge.language import plain
from knowledge.phrases import Talking, phrases
from knowledge.routes import Route

WHOLE = frozenset({Act.REGISTER, Act.MORE, Act.YES, Act.NO, Act.STOP})
"""Acts that are a whole message."""
SHORT = 14
"""A question about what was shown has few characters; a longer one is about something else."""
DECIDES = re.compile("就.?(它|他|这|要|选|定)|定了|报|要了|我去")
"""第三个好，就它了: that one is to be registered for, which is asked once."""
ANSWERS = frozenset({Act.YES, Act.NO, Act.STOP})
PARTY = 22
"""A message that says who is to come may be longer: 我们村3个人都想去，一起报行不."""
ORDINAL = re.compile(r"(?:第([1-5])|([1-5])(?:个|号|项|条)|^([1-5])$)(?![0-9人])")


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
        self._register = register

    async def step(self, turn: Turn) -> Outcome:
        profile = await self._register.read_profile(turn.session, turn.conversation_id)
        talk = Talk(turn, Memory.read(turn.state, turn.now), profile.region)
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
            if talk.recognised.route is not Route.OPTOUT or "asking" not in turn.state:
                return Outcome(passed=True)
            talk.memory.asking = {}  # 退订 behind 取消这个报名吗: a later yes gives up no seat
            return Outcome(state=talk.memory.to_state(turn.now), passed=True)
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
            return self._only_seems_danger(talk) and await self._signing.drops(talk)
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
        if act is Act.CANCEL and code_in(talk.words):
            memory.asking = {}  # named by its number, whatever is asked just now
            return await self._acting.act(talk, act)
        if await self._gives_up(talk) and await self._give_up(talk):
            return True  # it sounds like a stop to messages
        if memory.asking and act in ANSWERS and not _names_messages(talk) and await self._acting.hear_answer(talk, act):
            return True
        if load_words().swaps.search(plain(talk.words)) and await self._signing.swap(talk):
            return True
        if found.route is Route.OPTOUT:
            return False
        if memory.asking.get("what") == "confirm" and act is None and await self._signing.hear_their_word(talk):
            return True
        if found.route is Route.GRIEVANCE and not self._is_of_shown(talk, act):
            return False
        self._note_party(talk)
        if await self._wants_another(talk):
            return True
        if memory.asking and await self._acting.hear_answer(talk, act):
            return True
        if await self._acting.act(talk, act):
            return True
        if talk.home is None and await self._acting.hear_place(talk):
            return True
        if await self._acting.hear_home(talk):
            return True
        if await self._hear_party(talk) or await self._hear_of_shown(talk):
            return True
        if memory.asking.get("what") == "confirm" and is_name(talk.words):
            await self._acting.confirm(talk, memory.about)  # who they are is no yes: 路太远 is made like a name
            return True
        return False

    def _only_seems_danger(self, talk: Talk) -> bool:
        """不想去了, by a likeness and by no sign of danger: of somebody who is registered it gives up a seat."""
        found = talk.recognised
        return found.reason.startswith("classifier") and gives_up(talk.words) and len(plain(talk.words)) <= BARE

    async def _gives_up(self, talk: Talk) -> bool:
        """不去了; 不想学电焊了, of whoever is registered for that."""
        found, said = talk.recognised, plain(talk.words)
        if found.route is Route.GRIEVANCE and found.lead >= COMPLAINING and len(said) > BARE:
            return False  # 不发工资我不去了
        if gives_up(talk.words):
            return True
        named = load_words().drops_named.search(said)
        return named is not None and await self._signing.names_own(talk, but="")

    async def _give_up(self, talk: Talk) -> bool:
        """A no to what is asked just now; else a seat that they have, or one that they were about to take."""
        if await self._acting.hear_withdrawal(talk):
            return True
        if await self._signing.drops(talk):
            return True
        memory, bare = talk.memory, load_words().bare_drop.search(plain(talk.words))
        if bare or not (memory.about or memory.shown) or talk.recognised.route in (Route.OPTOUT, Route.GRIEVANCE):
            return False
        self._acting.say_and_end(talk, "not_now")
        return True

    def _is_of_shown(self, talk: Talk, act: Act | None) -> bool:
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

    async def _wants_another(self, talk: Talk) -> bool:
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

    async def _hear_of_shown(self, talk: Talk) -> bool:
        """One of those that were shown, something asked of it, or something added to the wish."""
        memory, said = talk.memory, plain(talk.words)
        if (memory.shown or memory.about) and (number := _picked(said)):
            return await self._pick(talk, number)
        if self._wanting.pay_in(talk.words) and self._only_adds(talk) and await self._narrow(talk):
            return True
        if memory.sought is not None and load_words().grumbles.search(said):
            self._acting.ask_wish(talk)
            return True
        aspect = aspect_in(talk.words)
        if aspect and len(said) <= SHORT and await self._hear_aspect(talk, aspect):
            return True
        if await self._hear_name(talk):
            return True
        return (talk.is_wish or talk.may_narrow or self._only_adds(talk)) and await self._narrow(talk)

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

    async def _hear_party(self, talk: Talk) -> bool:
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
        if not 1 <= number <= len(shown):
            return False
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


CONTACTED = frozenset({"contact_kept", "contact_none"})
"""What is said last when somebody has registered."""


def _tells(reply: Reply) -> bool:
    """Whether it says what there is, so that the documents need not be asked beside it."""
    return isinstance(reply, ListReply | AspectReply | RegisteredReply) or (
        isinstance(reply, OfferSayReply) and reply.what == "will_tell"
    )


def _picked(said: str) -> int:
    """The number of one of a list, where words hold nothing else but that it is liked; 0 without one."""
    found = ORDINAL.search(said)
    if found is None:
        return 0
    rest = load_words().picked.sub("", said[: found.start()] + said[found.end() :].lstrip("个号项条"))
    return 0 if rest else int(found[1] or found[2] or found[3])


def _names_messages(talk: Talk) -> bool:
    return load_words().of_messages.search(plain(talk.words)) is not None


def _joined(before: Sought, more: Sought) -> Sought:
    """Of another kind, a course after vacancies, it is a wish of its own."""
    return add_to(before, more) if more.kinds == before.kinds else more


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
