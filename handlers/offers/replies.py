"""What offers say in a chat; worded by `templates/replies/offers`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from bot.messages import Choice, Reply
from handlers.offers.fitting import Fit
from handlers.offers.views import Mine, OfferView


@dataclass(frozen=True)
class SoughtView:
    """What was looked for, as it is said back: 电焊, 5000元以上, 管饭."""

    kind: str
    """fair, vacancy, course; empty where it was left open."""
    trades: tuple[str, ...]
    pay_from: int | None
    features: tuple[str, ...]
    """Names of `features` in words.yaml."""
    place: str
    """The county around which was looked, by name."""
    town: str
    """The township that was named; empty where none was."""

    @classmethod
    def sample(cls) -> SoughtView:
        return cls("vacancy", ("电焊工",), 5000, ("meals",), "洪湖市", "新堤街道")


@dataclass(frozen=True)
class ListReply(Reply):
    """What fits, one line each, and below it how it stands to what was asked."""

    template: ClassVar[str] = "offers/list"
    offers: tuple[OfferView, ...]
    fits: tuple[tuple[Fit, ...], ...]
    """For each of them."""
    sought: SoughtView
    """What all of them meet."""
    missed: tuple[str, ...]
    """Wishes that none of them meets and that were let go: place, pay, when, trade.

    `named`: only what is near to that trade; `beyond`: the town has no more."""
    unsaid: tuple[str, ...]
    """Features that none of them states."""
    asks_place: bool
    """Their place is not known: nothing could be sorted by it."""
    more: bool
    may_note: bool
    """What they said of themselves can be kept, by a button below."""

    @classmethod
    def sample(cls) -> ListReply:
        view = OfferView.sample()
        fits = ((Fit.sample(),), ())
        missed, unsaid = ("place", "pay"), ("meals",)
        return cls(
            (view, view), fits, SoughtView.sample(), missed, unsaid, True, True, True, choices=(Choice("看第1个"),)
        )


@dataclass(frozen=True)
class NoneReply(Reply):
    """There is none, said plainly."""

    template: ClassVar[str] = "offers/none"
    sought: SoughtView
    none_at_all: bool
    """Nothing of this kind is entered anywhere."""
    may_tell: bool
    """They can be told when there is one."""
    hotline: str
    office: str
    phone: str
    address: str
    hours: str

    @classmethod
    def sample(cls) -> NoneReply:
        return cls(SoughtView.sample(), False, True, "12333", "洪湖市人社局", "0716-1234567", "文泉大道", "8:30-17:30")


@dataclass(frozen=True)
class OfferReply(Reply):
    """One offer, whole."""

    template: ClassVar[str] = "offers/offer"
    offer: OfferView

    @classmethod
    def sample(cls) -> OfferReply:
        return cls(OfferView.sample(), choices=(Choice("报名"),))


@dataclass(frozen=True)
class AspectReply(Reply):
    """One thing asked of an offer: what it states, or that it does not."""

    template: ClassVar[str] = "offers/aspect"
    offer: OfferView
    aspect: str
    """Name of `aspect` in labels.yaml."""
    said: str
    """Its words; empty where they are its own fields, or where nothing is written."""
    aspect_name: str

    @classmethod
    def sample(cls) -> AspectReply:
        return cls(OfferView.sample(), "meals", "中午管一顿", "吃饭")


@dataclass(frozen=True)
class ConfirmReply(Reply):
    """Once, before they are registered."""

    template: ClassVar[str] = "offers/confirm"
    offer: OfferView
    people: int
    for_whom: str
    """By name; empty for themselves."""
    asks_consent: bool
    """Whether that one agrees was never said."""

    @classmethod
    def sample(cls) -> ConfirmReply:
        return cls(OfferView.sample(), 2, "您儿子", asks_consent=True, choices=(Choice("是，报名"),))


@dataclass(frozen=True)
class RegisteredReply(Reply):
    """They are in, or in line."""

    template: ClassVar[str] = "offers/registered"
    offer: OfferView
    mine: Mine
    for_whom: str
    again: bool
    asks_contact: bool

    @classmethod
    def sample(cls) -> RegisteredReply:
        return cls(OfferView.sample(), Mine.sample(), "", False, True, choices=(Choice("取消报名"),))


@dataclass(frozen=True)
class MineReply(Reply):
    """What they are registered for."""

    template: ClassVar[str] = "offers/mine"
    items: tuple[tuple[OfferView, Mine], ...]

    @classmethod
    def sample(cls) -> MineReply:
        return cls(((OfferView.sample(), Mine.sample()),))


@dataclass(frozen=True)
class CancelAskReply(Reply):
    """Once, before a seat is given up; of several: which one."""

    template: ClassVar[str] = "offers/cancel_ask"
    items: tuple[tuple[OfferView, Mine], ...]
    or_messages: bool
    """The words could have meant our messages as well."""

    @classmethod
    def sample(cls) -> CancelAskReply:
        return cls(((OfferView.sample(), Mine.sample()),), or_messages=True, choices=(Choice("是，取消"),))


@dataclass(frozen=True)
class CancelledReply(Reply):
    template: ClassVar[str] = "offers/cancelled"
    offer: OfferView

    @classmethod
    def sample(cls) -> CancelledReply:
        return cls(OfferView.sample())


@dataclass(frozen=True)
class OfferSayReply(Reply):
    """A sentence: nothing_registered, kept, not_now, will_tell, not_tell, contact_kept, contact_phone, contact_none,
    no_more, group, employer, which_one, nothing_earlier, ask_wish, stopped, swap, brings,
    consent_again, consent_first."""

    template: ClassVar[str] = "offers/say"
    what: str
    hotline: str = ""
    most: int = 0

    @classmethod
    def sample(cls) -> OfferSayReply:
        return cls("group", "12333", 5)


@dataclass(frozen=True)
class NewsReply(Reply):
    """What happened to something they are registered for."""

    template: ClassVar[str] = "offers/news"
    what: str
    """moved_up, moved_back, changed, cancelled, day, hours."""
    offer: OfferView
    mine: Mine
    before: Mapping[str, Any]
    """How it was: starts, ends (ISO), place, title; only what is another now."""
    now: datetime

    @classmethod
    def sample(cls) -> NewsReply:
        view = OfferView.sample()
        assert view.starts is not None
        return cls("changed", view, Mine.sample(), {"place": "镇政府"}, view.starts)


@dataclass(frozen=True)
class FreshReply(Reply):
    """What is new and fits a wish that was kept."""

    template: ClassVar[str] = "offers/fresh"
    offers: tuple[OfferView, ...]

    @classmethod
    def sample(cls) -> FreshReply:
        return cls((OfferView.sample(),), choices=(Choice("看第1个"),))


KINDS: tuple[type[Reply], ...] = (
    ListReply,
    NoneReply,
    OfferReply,
    AspectReply,
    ConfirmReply,
    RegisteredReply,
    MineReply,
    CancelAskReply,
    CancelledReply,
    OfferSayReply,
    NewsReply,
    FreshReply,
)
