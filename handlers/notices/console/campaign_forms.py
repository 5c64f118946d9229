"""What a notice says, as a form: read from what was posted or from a kept campaign, and back to a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from bot.door import drop_unwanted
from bot.messages import ChannelName
from bot.staff.managing import NoSuchPlace, find_place
from bot.staff.ports import PlaceNames
from bot.staff.roles import Scope
from handlers.notices.campaign import BRACED, EVERY_CHANNEL, MOST_TEXT, MOST_TITLE, Kind, telegram_length
from handlers.notices.drafts import Draft
from handlers.notices.labels import names_of
from handlers.notices.models import Campaign

GIVEN = ("when", "where", "old", "new")
"""Variables whose values staff write themselves."""
OWN_TEXTS = (ChannelName.TELEGRAM, ChannelName.WEBCHAT)
"""Channels that may have words of their own."""
MOST = {"title": MOST_TITLE, "place": 60, "offer": 8, "when": 60, "where": 80, "old": 300, "new": 300}
"""Characters of each field of one row."""
MOST_KEPT = 20_000
"""Characters of a text that are given back to be shortened."""


@dataclass(frozen=True)
class ContentForm:
    """As it was typed."""

    kind: Kind
    fields: Mapping[str, str] = field(default_factory=dict)
    """title, place, offer, clause (`policy.provision`), given values, `text`, `text.telegram`, `text.webchat`."""

    @classmethod
    def start(cls, kind: Kind, place: str) -> ContentForm:
        """A new notice: the words of its kind, to be changed."""
        return cls(kind, {"place": place, "text": in_words(str(_starts()[str(kind)]))})

    @classmethod
    def read(cls, form: Mapping[str, str]) -> ContentForm:
        kind = form.get("kind", "")
        fields = {name: " ".join(drop_unwanted(form.get(name, "")).split())[:most] for name, most in MOST.items()}
        fields["clause"] = form.get("clause", "")[:170]
        for name in TEXT_FIELDS:
            fields[name] = drop_unwanted(form.get(name, ""))[:MOST_KEPT]
        return cls(Kind(kind) if kind in set(Kind) else Kind.FAIR, fields)

    @classmethod
    def of(cls, campaign: Campaign, places: PlaceNames) -> ContentForm:
        clause = f"{campaign.policy}.{campaign.provision}" if campaign.policy else ""
        texts = {name: in_words(campaign.texts.get(channel, "")) for name, channel in TEXT_FIELDS.items()}
        rest = {"title": campaign.title, "place": places.whole(campaign.region), "offer": campaign.offer}
        return cls(Kind(campaign.kind), {**rest, **dict(campaign.given), **texts, "clause": clause})

    def of_field(self, name: str) -> str:
        return self.fields.get(name, "")

    def draft(self, places: PlaceNames, scope: Scope, kept: Campaign | None) -> tuple[Draft, dict[str, str]]:
        """-> (what is to be kept, faults found while reading); whom it is for stays as it was.

        A correction begins with those who were told of its clause what is not so any more, another notice with all
        of its place.
        """
        policy, _, provision = self.of_field("clause").partition(".")
        faults: dict[str, str] = {}
        region = ""
        try:
            region = find_place(places, self.of_field("place"), scope=scope)
        except NoSuchPlace:
            faults["place"] = "unknown"
        faults |= {name: "long" for name in TEXT_FIELDS if telegram_length(self.of_field(name)) > MOST_TEXT}
        audience: dict[str, Any] = {"region": region}
        if self.kind is Kind.CORRECTION and policy:
            audience = {"told": {"policy": policy, "provision": provision}}
        draft = Draft(
            kind=self.kind,
            title=self.of_field("title"),
            region=region,
            texts={
                channel: in_names(self.of_field(name)) for name, channel in TEXT_FIELDS.items() if self.of_field(name)
            },
            audience=dict(kept.audience) if kept is not None else audience,
            recent_days=kept.recent_days if kept is not None else None,
            given={name: self.of_field(name) for name in GIVEN if self.of_field(name)},
            offer=self.of_field("offer"),
            policy=policy,
            provision=provision,
        )
        return draft, faults


TEXT_FIELDS: Mapping[str, str] = {"text": EVERY_CHANNEL} | {f"text.{channel}": str(channel) for channel in OWN_TEXTS}
"""Name of the field -> channel."""


def in_words(text: str) -> str:
    """`{when}` as staff read it: {时间}."""
    return _renamed(text, names_of("variable"))


def in_names(text: str) -> str:
    """{时间} as it is kept; a name that is none stays, and is a fault of the text."""
    return _renamed(text, {word: name for name, word in names_of("variable").items()})


def _renamed(text: str, names: Mapping[str, str]) -> str:
    return BRACED.sub(lambda found: "{" + names.get(found[1].strip(), found[1]) + "}", text)


def draft_of(campaign: Campaign, **changed: Any) -> Draft:
    """A kept campaign as a draft, with something of it changed."""
    draft = Draft(
        kind=Kind(campaign.kind),
        title=campaign.title,
        region=campaign.region,
        texts=dict(campaign.texts),
        audience=dict(campaign.audience),
        recent_days=campaign.recent_days,
        given=dict(campaign.given),
        offer=campaign.offer,
        policy=campaign.policy,
        provision=campaign.provision,
    )
    return replace(draft, **changed)


@lru_cache(maxsize=1)
def _starts() -> Mapping[str, str]:
    text = (files("templates") / "console" / "notices" / "starts.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found
