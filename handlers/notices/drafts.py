"""A campaign as it was written, and a kept one, as what decides who gets which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL
from bot.staff.roles import EVERYWHERE
from handlers.notices.audience import Rule, WasTold, leaves
from handlers.notices.campaign import Kind
from handlers.notices.choosing import Wanted
from handlers.notices.limits import Limits
from handlers.notices.models import Campaign
from handlers.notices.names import BureauNames
from handlers.notices.ports import Advertised, Offers
from handlers.notices.replies import Clause
from handlers.notices.rule_reading import AudienceUnfit, read_rule
from knowledge.answers import PolicyBook
from knowledge.policy import Policy, Provision
from knowledge.telling import cite


@dataclass(frozen=True)
class Draft:
    """What staff wrote."""

    kind: Kind
    title: str
    region: str
    """A division code."""
    texts: Mapping[str, str]
    """Channel, or `all` -> text with variables."""
    audience: Any
    """The rule as JSON, with names or ids."""
    recent_days: int | None = None
    """None: as the limits say."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Values of variables: when, where, old, new."""
    offer: str = ""
    policy: str = ""
    provision: str = ""


class Reading:
    """Reads drafts and kept campaigns by what the bureau knows."""

    def __init__(self, book: PolicyBook, offers: Offers | None, limits: Limits) -> None:
        self.names = BureauNames(book)
        self._policies: dict[str, Policy] = {shelf.policy.id: shelf.policy for shelf in book.shelves}
        self._regions = book.regions
        self._offers = offers
        self.limits = limits

    @property
    def has_offers(self) -> bool:
        """Whether there is anything that a notice could advertise."""
        return self._offers is not None

    async def offer(self, session: AsyncSession, code: str) -> Advertised | None:
        """What a notice would advertise; None if there is no such offer."""
        return await self._offers.look(session, code) if self._offers is not None else None

    def provision(self, policy: str, name: str) -> Provision | None:
        found = self._policies.get(policy)
        return found.by_id.get(name) if found else None

    def check_theirs(self, rule: Rule, region: str) -> None:
        """Whoever heard an answer is reached wherever they live, so it must be of a document of this region.

        Raises AudienceUnfit.
        """
        regions = self._regions
        for leaf in leaves(rule):
            if isinstance(leaf, WasTold) and region != EVERYWHERE:
                document = self._policies.get(leaf.policy)
                own = document.document.region if document else EVERYWHERE  # of one that is gone nothing is known
                if own == EVERYWHERE or not (regions.is_within(own, region) or regions.is_within(region, own)):
                    raise AudienceUnfit(faults={"": "unknown"})

    def rule_of(self, audience: Any) -> Rule:
        """Raises AudienceUnfit."""
        return read_rule(audience, self.names)

    def wanted(self, what: Draft | Campaign) -> Wanted:
        """Who gets it. Raises AudienceUnfit."""
        days = self.limits.recent_days if what.recent_days is None else what.recent_days
        return Wanted(
            self.rule_of(what.audience),
            what.region,
            Kind(what.kind),
            what.offer,
            days,
            self.limits.weekly_cap,
            what.id if isinstance(what, Campaign) else None,
        )

    def clause(self, what: Draft | Campaign, *, now: datetime) -> Clause | None:
        """The clause it rests on; None without one, or where the document was taken out."""
        found = self.provision(what.policy, what.provision)
        if found is None:
            return None
        cited = cite(self._policies[what.policy], found, found.facts[:1], now.astimezone(LOCAL).date())
        return Clause(cited.title, cited.number or "", cited.section, str(cited.state), cited.period_words)

    async def values(self, session: AsyncSession, what: Draft | Campaign, *, now: datetime) -> dict[str, str]:
        """What the variables of its texts stand for; empty or absent where nothing is known."""
        found = {"title": what.title, "place": self._regions.full_name(what.region)}
        if (clause := self.clause(what, now=now)) is not None:
            found["clause"] = clause.words
        if what.offer and self._offers:
            offer = await self._offers.look(session, what.offer)
            if offer is not None:
                found |= {"title": offer.title, "when": offer.when, "where": offer.where, "code": offer.code}
                found["seats"] = "" if offer.seats_left is None else str(offer.seats_left)
        return found | {name: value for name, value in what.given.items() if value}
