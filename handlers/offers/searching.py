"""Answers what somebody looks for: a list, one offer, one thing asked of it, or plainly that there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from bot.clock import LOCAL
from bot.messages import Choice
from handlers.offers.finding import MOST, Finder, Found, shares
from handlers.offers.labels import button, human, label, show_buttons
from handlers.offers.models import Offer
from handlers.offers.offer import MOST_TOGETHER, TAKING, Kind, State
from handlers.offers.replies import AspectReply, ListReply, NoneReply, OfferReply, OfferSayReply, SoughtView
from handlers.offers.talk import Talk
from handlers.offers.views import Viewer
from handlers.offers.wanting import FEE, Sought, days_in, trades_in
from handlers.offers.wishes import purpose_of
from handlers.people.by_the_way import ByTheWay
from handlers.people.person import Purpose
from handlers.people.register import Register
from handlers.people.trades import load_trades
from knowledge.offices import Offices
from knowledge.regions import Regions


class Searching:
    def __init__(
        self,
        finder: Finder,
        viewer: Viewer,
        register: Register,
        offices: Offices,
        regions: Regions,
        by_the_way: ByTheWay,
    ) -> None:
        self._by_the_way = by_the_way
        self._finder = finder
        self._viewer = viewer
        self._register = register
        self._offices = offices
        self._regions = regions

    @property
    def hotline(self) -> str:
        return self._offices.fallback[0].number

    # -- lists --------------------------------------------------------------------------------------------

    async def search(self, talk: Talk, sought: Sought, *, skip: int = 0, aspect: str = "") -> None:
        """What fits, the nearest first; for work a fair where there is no vacancy.

        `aspect`: what was asked of it in the same breath, told where one alone fits.
        """
        memory = talk.memory
        found = await self._find(talk, sought, skip)
        if not found.offers and sought.kinds == (Kind.VACANCY,) and not skip:
            fairs = Sought((Kind.FAIR,), place=sought.place, near=sought.near, words=sought.words)
            if not sought.trades and not sought.pay_from:
                found = await self._find(talk, fairs, skip)
        memory.sought, memory.skip = sought, skip + len(found.offers)
        memory.shown = [offer.code for offer in found.offers]
        memory.about = memory.shown[0] if len(memory.shown) == 1 else ""
        memory.asking = {}
        if not found.offers:
            await self._say_none(talk, sought)
            return
        if aspect and memory.about and not found.missed:
            await self.tell_aspect(talk, found.offers[0], aspect)
            return
        home = sought.lives or talk.home
        asks_place = home is None and sought.place is None and self._scattered(found.offers)
        if asks_place:
            talk.ask("place")
        choices = [*show_buttons(found.offers)]
        if found.more:
            choices.append(button("more", quiet=True))
        if found.missed and await self._may_ask(talk, sought):
            choices.append(button("tell"))
        note = await self._note(talk)
        talk.say(
            ListReply(
                tuple(self._viewer.of(offer, home) for offer in found.offers),
                found.fits,
                self._say_sought(talk, _met_by_all(sought, found)),
                _missed(sought, found),
                # Further down it is no news that those that state it came first.
                () if skip else tuple(name for name in sought.features if found.none_meets(name)),
                asks_place,
                found.more,
                bool(note),
                choices=(*choices, human(), *note),
            )
        )

    async def _note(self, talk: Talk) -> tuple[Choice, ...]:
        """A last button, by which what they told of themselves is kept: no number below the list means another."""
        turn = talk.turn
        if turn.pressed is not None:
            return ()
        return await self._by_the_way.offer(turn.session, turn.conversation_id, talk.words, now=turn.now)

    async def more(self, talk: Talk) -> bool:
        """The next ones. -> False if nothing was looked for before"""
        memory = talk.memory
        if memory.sought is None:
            return False
        shown = memory.shown
        found = await self._find(talk, memory.sought, memory.skip)
        if found.offers:
            await self.search(talk, memory.sought, skip=memory.skip)
        else:
            memory.shown = shown
            choices = (*((button("tell"),) if await self._may_ask(talk, memory.sought) else ()), human())
            talk.say(OfferSayReply("no_more", choices=choices))
        return True

    async def _find(self, talk: Talk, sought: Sought, skip: int) -> Found:
        turn = talk.turn
        return await self._finder.find(turn.session, sought, home=talk.home, now=turn.now, skip=skip)

    async def _say_none(self, talk: Talk, sought: Sought) -> None:
        """Nothing fits, and that is said; they may be told when there is."""
        may_tell = await self._may_ask(talk, sought)
        kinds = {*sought.kinds, *((Kind.FAIR,) if Kind.VACANCY in sought.kinds else ())}
        entered = await self._finder.any_of(talk.turn.session, kinds)
        office = self._offices.serving(sought.place or sought.lives or talk.home, self._regions)
        choices: list[Choice] = []
        if may_tell:
            talk.ask("tell")
            choices += [button("tell"), button("no_tell", quiet=True)]
        if entered and (sought.trades or sought.other):
            choices.append(button("look_wide", "wide", quiet=True))
        note = await self._note(talk)
        talk.say(
            NoneReply(
                self._say_sought(talk, replace(sought, features=())),  # no offer is left out for what it does not state
                not entered,
                may_tell,
                self.hotline,
                office.name if office else "",
                (office.phone or "") if office else "",
                (office.address or "") if office else "",
                (office.hours or "") if office else "",
                choices=(*choices, human(), *note),
            )
        )

    async def _may_ask(self, talk: Talk, sought: Sought) -> bool:
        """Whether they can be told later: whoever said no to it is not asked again.

        Beside a yes to notices of the other kind, a no to this one may never have been said.
        """
        profile = await self._register.read_profile(talk.turn.session, talk.turn.conversation_id)
        return profile.may(Purpose.NOTICES) or not profile.refused & {Purpose.NOTICES, purpose_of(sought)}

    def _say_sought(self, talk: Talk, sought: Sought) -> SoughtView:
        center = sought.place or sought.lives or talk.home
        return SoughtView(
            str(sought.kinds[0]) if len(sought.kinds) == 1 else "",
            tuple(load_trades().name(trade) for trade in sought.trades) or ((sought.other,) if sought.other else ()),
            sought.pay_from,
            sought.features,
            self._regions.full_name(center[:6]) if center else "",
            self._regions.name(sought.place) if sought.place and len(sought.place) > 6 else "",
        )

    def _scattered(self, offers: Sequence[Offer]) -> bool:
        return len({offer.region[:6] for offer in offers}) > 1

    # -- one ----------------------------------------------------------------------------------------------

    async def show(self, talk: Talk, code: str) -> None:
        """One offer, whole, and what can be done with it."""
        offer = await self.offer(talk, code)
        if offer is None:
            talk.say(OfferSayReply("nothing_earlier", choices=(human(),)))
            return
        talk.memory.about = offer.code
        talk.memory.asking = {}
        talk.say(OfferReply(self._viewer.of(offer, talk.home), choices=(*self.ways(talk, offer), human())))

    async def tell_aspect(self, talk: Talk, offer: Offer, aspect: str) -> None:
        """One thing asked of it: 管饭不."""
        view = self._viewer.of(offer, talk.home)
        said = view.details.get(aspect, "")
        talk.memory.about = offer.code
        reply = AspectReply(view, aspect, said, label("aspect", aspect))
        talk.say(AspectReply(view, aspect, said, reply.aspect_name, choices=(*self.ways(talk, offer), human())))

    def ways(self, talk: Talk, offer: Offer) -> tuple[Choice, ...]:
        """To register, or to wait in line; others that were found."""
        choices: list[Choice] = []
        if State(offer.state) in TAKING:
            name = "queue" if offer.state == str(State.FULL) else "register"
            choices.append(button(name, "register", code=offer.code))
        if len(talk.memory.shown) > 1 or talk.memory.skip >= MOST:
            choices.append(button("more", quiet=True))
        return tuple(choices)

    async def offer(self, talk: Talk, code: str) -> Offer | None:
        return await talk.turn.session.scalar(select(Offer).where(Offer.code == code)) if code else None

    async def named(self, talk: Talk) -> Offer | None:
        """The one of those shown that the words name, by its trade, its day or words of it: 电焊的还有位置没."""
        shown = talk.memory.shown
        if not shown:
            return None
        found = (await talk.turn.session.scalars(select(Offer).where(Offer.code.in_(shown)))).all()
        trades, days = trades_in(talk.words), days_in(talk.words, talk.turn.now)
        named = [offer for offer in found if offer.trade in trades or offer.title in talk.words]
        if not named and days is not None:
            named = [offer for offer in found if offer.starts and days[0] <= _day_of(offer.starts) <= days[1]]
        elif not named and not trades:
            named = [offer for offer in found if shares(talk.words, f"{offer.title} {offer.place} {offer.employer}")]
        return named[0] if len(named) == 1 else None

    async def earlier(self, talk: Talk, sought: Sought) -> Offer | None:
        """The one that 上次发的那个 means."""
        turn = talk.turn
        return await self._finder.earlier(turn.session, sought, talk.words, home=talk.home, now=turn.now)

    def say_employer(self, talk: Talk) -> None:
        """Whoever hires is helped by a person, who publishes the vacancy."""
        talk.say(OfferSayReply("employer", self.hotline, choices=(human(),)))

    def say_group(self, talk: Talk) -> None:
        talk.say(OfferSayReply("group", self.hotline, MOST_TOGETHER, choices=(human(),)))


def _day_of(at: datetime) -> date:
    return at.astimezone(LOCAL).date()


def _met_by_all(sought: Sought, found: Found) -> Sought:
    """What may be said of the list as a whole; of the rest each line says its own."""
    return replace(
        sought,
        trades=sought.trades if found.all_meet("trade") else (),
        pay_from=sought.pay_from if found.all_meet("pay") else None,
        features=tuple(name for name in sought.features if name != FEE and found.all_meet(name)),
    )


def _missed(sought: Sought, found: Found) -> tuple[str, ...]:
    """Where only what is near to the trade was found, it is not that trade."""
    if sought.trades and "trade" not in found.missed and found.none_meets("trade"):
        return (*found.missed, "named")
    return found.missed
