"""What somebody does with offers: answers to questions of ours, acts in words, buttons."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import Pressed
from handlers.offers.errors import NoSuchOffer
from handlers.offers.labels import button
from handlers.offers.models import Offer
from handlers.offers.offer import Kind
from handlers.offers.replies import OfferSayReply
from handlers.offers.searching import Searching
from handlers.offers.signing import Signing
from handlers.offers.talk import Talk
from handlers.offers.wanting import Act, Party, Sought, Wanting, act_in, add_to, code_in, load_words, party_in
from handlers.offers.wishes import Wishes
from handlers.people.register import Register
from knowledge.language import plain
from knowledge.regions import Regions

LIVES = re.compile(r"^(我|俺|咱|我们|家|屋|里)+(现在|就|都|是|们)*[住在].{2,8}$")
"""我住峰口."""
PLACE = 12
"""Characters of an answer that names a place."""


class Acting:
    def __init__(
        self,
        searching: Searching,
        signing: Signing,
        wanting: Wanting,
        wishes: Wishes,
        register: Register,
        regions: Regions,
    ) -> None:
        self._searching = searching
        self._signing = signing
        self._wanting = wanting
        self._wishes = wishes
        self._register = register
        self._regions = regions

    async def hear_answer(self, talk: Talk, act: Act | None) -> bool:
        """The question that stands: yes, no, or what it asked for."""
        memory, asking = talk.memory, talk.memory.asking
        match asking["what"], act:
            case "confirm", Act.YES if asking.get("passed"):
                memory.party = Party(asking["relation"], asking["people"])
                await self.confirm(talk, asking["code"])
            case "cancel", Act.YES if asking.get("passed"):
                await self._signing.ask_cancel_of(talk, asking["registration"])
            case "confirm", Act.YES | Act.REGISTER:
                await self._signing.sign_up(talk, asking["code"], people=asking["people"], relation=asking["relation"])
            case "confirm", Act.NO | Act.STOP:
                self.say_and_end(talk, "not_now")
            case (("confirm" | "cancel"), Act.CANCEL):
                return await self.hear_withdrawal(talk)
            case "cancel", Act.YES:
                await self._signing.cancel(talk, asking["registration"])
            case "cancel_which", Act.YES:
                await self._signing.ask_cancel(talk)
            case "cancel_which", None if await self._signing.names_one(talk):
                await self._signing.ask_cancel(talk, talk.words)
            case (("cancel" | "cancel_which"), Act.NO | Act.STOP):
                self.say_and_end(talk, "kept")
            case "tell", Act.YES if load_words().theirs.search(plain(talk.words)):
                return False
            case "tell", Act.YES | Act.TELL:
                await self.keep_wish(talk)
            case "tell", Act.NO | Act.STOP:
                await self._do_not_tell(talk)
            case "contact", Act.YES:
                talk.say(OfferSayReply("contact_ask"))
            case "contact", Act.NO | Act.STOP:
                self.say_and_end(talk, "contact_none")
            case "place", _:
                return await self.hear_place(talk)
            case _:
                memory.asking = {} if act in (Act.NO, Act.STOP) else asking
                return False
        return True

    async def hear_withdrawal(self, talk: Talk) -> bool:
        """不去了, 取消 to a question that stands. -> False where none does, or words name something they have"""
        memory, asking = talk.memory, talk.memory.asking
        match asking.get("what"):
            case "cancel" if load_words().stays.search(plain(talk.words)):
                self.say_and_end(talk, "kept")
            case "confirm" if not await self._signing.names_own(talk, but=asking["code"]):
                self.say_and_end(talk, "not_now")
            case "cancel" if act_in(talk.words) is not Act.NO:
                await self._signing.cancel(talk, asking["registration"])
            case "tell" if memory.sought is not None:
                await self._do_not_tell(talk)
            case _:
                return False
        return True

    async def hear_place(self, talk: Talk) -> bool:
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

    async def hear_home(self, talk: Talk) -> bool:
        """我住峰口, behind a list: theirs from now on, and what was looked for is sorted anew."""
        sought, words = talk.memory.sought, plain(talk.words)
        if sought is None or len(words) > PLACE or not LIVES.match(words):
            return False
        lives = self._wanting.read(words, sought.kinds, home=talk.home, now=talk.turn.now).lives
        if lives is None or lives == talk.home:
            return False
        await self._register.set_place(talk.turn.session, talk.turn.conversation_id, lives, now=talk.turn.now)
        talk.home = lives
        await self._searching.search(talk, replace(sought, lives=None))
        return True

    async def act(self, talk: Talk, act: Act | None) -> bool:
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
                await self._sign_up_by_code(talk, code)
            case _ if code and not memory.asking and code in memory.shown:
                await self._searching.show(talk, code)
            case Act.YES if await self._signing.has(talk, memory.about):
                return False  # 嗯, of whoever is in or waits: it answers nothing
            case Act.REGISTER if await self._signing.has(talk, memory.about) and memory.party.relation != "other":
                await self._signing.sign_up(talk, memory.about, people=1, relation=memory.party.relation)
            case Act.REGISTER | Act.YES if memory.about:
                await self.confirm(talk, memory.about)
            case Act.REGISTER if len(memory.shown) == 1:
                await self.confirm(talk, memory.shown[0])
            case Act.REGISTER | Act.YES if memory.shown:
                self.ask_which(talk)
            case Act.MORE if memory.sought is not None:
                return await self._searching.more(talk)
            case Act.TELL if memory.sought is not None:
                more = self._wanting.read(talk.words, memory.sought.kinds, home=talk.home, now=talk.turn.now)
                memory.sought = add_to(memory.sought, more)
                await self.keep_wish(talk)
            case Act.STOP | Act.NO if memory.sought is not None and load_words().acts[Act.STOP].search(
                plain(talk.words)
            ):
                self.say_and_end(talk, "stopped")
            case _:
                return False
        return True

    # -- buttons ------------------------------------------------------------------------------------------

    async def press(self, talk: Talk, pressed: Pressed) -> None:
        data, memory = pressed.data, talk.memory
        match pressed.action.partition(":")[2]:
            case "show":
                await self._searching.show(talk, data["code"])
            case "register" if code := data.get("code") or memory.about:
                await self.confirm(talk, code)
            case "sure":
                await self._signing.sign_up(talk, data["code"], people=data["people"], relation=data["relation"])
            case "not_now":
                self.say_and_end(talk, "not_now")
            case "cancel" if "registration" in data:
                await self._signing.ask_cancel_of(talk, data["registration"])
            case "cancel":
                await self._signing.ask_cancel(talk)
            case "cancel_yes":
                await self._signing.cancel(talk, data["registration"])
            case "keep":
                self.say_and_end(talk, "kept")
            case "more" if await self._searching.more(talk):
                pass
            case "tell" if memory.sought is not None:
                await self.keep_wish(talk)
            case "no_tell":
                await self._do_not_tell(talk)
            case "no_contact":
                self.say_and_end(talk, "contact_none")
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

    async def confirm(self, talk: Talk, code: str) -> None:
        offer, party = await self._searching.offer(talk, code), talk.memory.party
        if offer is None:
            talk.say(OfferSayReply("nothing_earlier"))
        else:
            await self._signing.confirm(talk, offer, people=party.people, relation=party.relation)

    async def _sign_up_by_code(self, talk: Talk, code: str) -> None:
        """报名 4831 is word enough; for somebody else it is asked first whether they agree."""
        party = party_in(talk.words)
        if await self._signing.may_act(talk, party.relation):
            await self._signing.sign_up(talk, code, people=max(party.people, 1), relation=party.relation)
            return
        offer = await self._searching.offer(talk, code)
        if offer is None:
            raise NoSuchOffer(number=code)
        await self._signing.confirm(talk, offer, people=party.people, relation=party.relation)

    async def take(self, talk: Talk, offer: Offer) -> None:
        """就报象山那个, 就看门的那个: that one, to be registered for or to be looked at."""
        if re.search("报(?!名费)", talk.words):
            await self.confirm(talk, offer.code)
        else:
            await self._searching.show(talk, offer.code)

    def ask_wish(self, talk: Talk) -> None:
        """What else they would like: 工资太低了, 都没有啊."""
        talk.say(OfferSayReply("ask_wish", choices=(button("more"), button("tell"))))

    def ask_which(self, talk: Talk) -> None:
        choices = tuple(
            button("show", words=f"第{number}个", code=code) for number, code in enumerate(talk.memory.shown, 1)
        )
        talk.say(OfferSayReply("which_one", choices=choices))

    async def keep_wish(self, talk: Talk) -> None:
        """They want to be told: that is a yes to notices, and what they look for is kept."""
        assert talk.memory.sought is not None
        turn = talk.turn
        await self._wishes.keep(turn.session, turn.conversation_id, talk.memory.sought, now=turn.now)
        if talk.memory.asking.get("what") != "place":
            talk.memory.asking = {}
        talk.say(OfferSayReply("will_tell"))

    async def _do_not_tell(self, talk: Talk) -> None:
        sought = talk.memory.sought or Sought((Kind.VACANCY,))
        await self._wishes.refuse(talk.turn.session, talk.turn.conversation_id, sought, now=talk.turn.now)
        self.say_and_end(talk, "not_tell")

    def say_and_end(self, talk: Talk, what: str) -> None:
        """The question that stood is answered."""
        talk.memory.asking = {}
        talk.say(OfferSayReply(what))
