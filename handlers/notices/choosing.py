"""The rule of an audience as conditions on `Person`, and for each who fits, why not or through which channel.

Unknown is neither: a condition about what is not known of somebody is NULL, `not` of it too, and NULL chooses nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any as Whatever

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from bot.clock import LOCAL
from bot.messages import ChannelName
from bot.models import Conversation
from bot.staff.models import is_within
from bot.staff.roles import EVERYWHERE, Scope
from handlers.notices.audience import (
    Age,
    All,
    Any_,
    Asked,
    Employed,
    InGroup,
    Lacks,
    Not,
    Qualifies,
    Region,
    Registered,
    Rule,
    WasTold,
    Wishes,
    years_of,
)
from handlers.notices.campaign import Exclusion, Kind, Standing
from handlers.notices.heard import FindProvision, Heard
from handlers.notices.lacking import lacks
from handlers.notices.models import GivenAnswer, Recipient
from handlers.notices.ports import Offers
from handlers.notices.recorded import of_record
from handlers.people.ledger.service_rules import ServiceKind
from handlers.people.models import Consent, Person, PersonChat, PersonGroup, Wish
from handlers.people.person import AgeBand, Group, Purpose, WishKind
from knowledge import interview

WEEK = timedelta(days=7)
REACHED = (str(Standing.QUEUED), str(Standing.SENT))
"""States in which somebody counts as having got a notice."""


@dataclass(frozen=True)
class Wanted:
    """A campaign as far as it decides who gets it."""

    rule: Rule
    region: str
    kind: Kind
    offer: str
    recent_days: int
    weekly_cap: int
    campaign_id: int | None = None
    """None: it is not kept yet."""
    found: bool = False
    """Its recipients themselves are judged, when their turn comes."""


class Choosing:
    def __init__(self, offers: Offers | None, provision: FindProvision, *, bot: str, sqlite: bool) -> None:
        """`offers`: None where there is no such service.

        `bot`: id of the Telegram bot we are; empty without one, then every bot's chats count.
        """
        self.heard = Heard(provision, sqlite=sqlite)
        self._offers = offers
        self._provision = provision
        self._bot = bot
        self._sqlite = sqlite

    # -- the rule -----------------------------------------------------------------------------------------

    def fits(self, wanted: Wanted, *, now: datetime) -> ColumnElement[bool]:
        """Who the rule means, within the campaign's region; only who heard its old answer may live anywhere."""
        rule = self.condition(wanted.rule, now=now)
        if wanted.region == EVERYWHERE:
            return rule  # also whose place is not known
        here = is_within(Scope(wanted.region), Person.region)
        return and_(rule, or_(here, self._heard(wanted)))

    def _heard(self, wanted: Wanted) -> ColumnElement[bool]:
        """To whom a correction is owed, wherever they live."""
        return self.heard.any_of(wanted.rule, few=wanted.found) if wanted.kind is Kind.CORRECTION else false()

    def condition(self, rule: Rule, *, now: datetime) -> ColumnElement[bool]:
        match rule:
            case All(parts):
                return and_(true(), *(self.condition(part, now=now) for part in parts))
            case Any_(parts):
                return or_(false(), *(self.condition(part, now=now) for part in parts))
            case Not(part):
                return not_(self.condition(part, now=now))
            case Region(codes):
                return or_(false(), *(is_within(Scope(code), Person.region) for code in codes))
            case InGroup(names):
                return self._has(PersonGroup.person_id, PersonGroup.name.in_(names))
            case Age():
                return _is_aged(rule, now)
            case Employed(states):
                return func.nullif(Person.employment, "").in_(states)
            case Wishes(kind, trades):
                kinds = [Wish.kind == kind] if kind else []
                return self._has(Wish.person_id, *kinds, *([Wish.trade.in_(trades)] if trades else []))
            case Registered(code):
                return self._is_registered(code)
            case Lacks(service):
                return lacks(ServiceKind(service), now=now)
            case Asked(about, days):
                return self.heard.was_told(GivenAnswer.provision == about, GivenAnswer.at > now - timedelta(days=days))
            case Qualifies(policy, name):
                return self._qualifies(policy, name, now)
            case WasTold():
                return self.heard.was_told(*self.heard.old_answer(rule))
        raise TypeError(rule)

    def _has(self, person_id: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ColumnElement[bool]:
        """Whether a table holds a row of the person. SQLite walks to it by index, PostgreSQL hashes all of them."""
        if self._sqlite:
            return exists(select(1).where(person_id == Person.id, *where).correlate(Person))
        return Person.id.in_(select(person_id).where(*where))

    def _is_registered(self, code: str) -> ColumnElement[bool]:
        return self._offers.is_registered(Person.id, code) if self._offers else false()

    # -- likely qualifies ---------------------------------------------------------------------------------

    def _qualifies(self, policy: str, name: str, now: datetime) -> ColumnElement[bool]:
        found = self._provision(policy, name)
        return self._holds(interview.tree_of(found.conditions), now) if found else false()

    def _holds(self, tree: interview.Tree, now: datetime) -> ColumnElement[bool]:
        """As the interview judges it: SQL's third value is what is still open."""
        if isinstance(tree, interview.Leaf):
            met = self._bare(tree, now)
            return not_(met) if tree.negated else met
        parts = [self._holds(part, now) for part in tree.parts]
        return and_(true(), *parts) if isinstance(tree, interview.All) else or_(false(), *parts)

    def _bare(self, leaf: interview.Leaf, now: datetime) -> ColumnElement[bool]:
        # As text: the databases read a yes and a figure of JSON differently.
        told = cast(Person.told[leaf.name].as_string(), String)
        known: ColumnElement[bool]
        if leaf.of is None:
            known = case((told.is_(None), null()), (told.in_(("false", "0")), false()), else_=true())
        else:
            figure = cast(case((told.in_(("true", "false")), null()), else_=told), Float)
            known = figure >= leaf.of if leaf.bound == "min" else figure <= leaf.of
        if (recorded := of_record(leaf.name, self._wishes, now=now)) is not None:
            # Kept up to date by the ledger, staff and check-ins; what was once answered may be long ago.
            return case((recorded.is_not(None), recorded), else_=known)
        if leaf.name not in set(Group):
            return known
        return case((self._has(PersonGroup.person_id, PersonGroup.name == leaf.name), true()), else_=known)

    def _wishes(self, kind: WishKind) -> ColumnElement[bool]:
        return self._has(Wish.person_id, Wish.kind == str(kind))

    # -- why not, or how ----------------------------------------------------------------------------------

    def verdict(self, wanted: Wanted, *, now: datetime) -> ColumnElement[str]:
        """An `Exclusion`, or the `ChannelName` through which they are told. `Person` must be joined with `ASKED`."""
        heard = self._heard(wanted)
        whens: list[tuple[ColumnElement[bool], Exclusion]] = [
            (Consent.given.is_(False), Exclusion.NO_CONSENT),
            # Whom the ledger alone knows has not been asked; their helper may tell them what the bureau must tell.
            (and_(Consent.given.is_(None), self._has_chat(), not_(heard)), Exclusion.NO_CONSENT),
        ]
        if (purpose := KIND_PURPOSES.get(wanted.kind)) is not None:
            other = aliased(Consent)
            refused = select(1).where(other.person_id == Person.id, other.purpose == str(purpose), ~other.given)
            whens.append((exists(refused.correlate(Person)), Exclusion.NO_CONSENT))
        if wanted.campaign_id is not None and not wanted.found:
            mine = Recipient.campaign_id == wanted.campaign_id
            whens.append((self._is_recipient(mine), Exclusion.IN_CAMPAIGN))
        if wanted.offer:
            whens.append((self._is_registered(wanted.offer), Exclusion.REGISTERED))
        # A correction is owed to whoever heard what does not hold, however much they got this week.
        whens += [(and_(found, not_(heard)), exclusion) for found, exclusion in self._told_lately(wanted, now=now)]
        unreached = case((self._has_chat(), str(Exclusion.UNREACHABLE)), else_=str(Exclusion.NO_CHANNEL))
        how = func.coalesce(self.newest_chat(Conversation.channel), unreached)
        return case(*((condition, literal(str(exclusion))) for condition, exclusion in whens), else_=how)

    def _told_lately(self, wanted: Wanted, *, now: datetime) -> list[tuple[ColumnElement[bool], Exclusion]]:
        """Who got notices of other campaigns lately, or enough of them."""
        # One of whose end nobody heard may have arrived.
        others: list[ColumnElement[bool]] = [or_(Recipient.state.in_(REACHED), Recipient.open_ends > 0)]
        if wanted.campaign_id is not None:
            others = [*others, Recipient.campaign_id != wanted.campaign_id]
        found: list[tuple[ColumnElement[bool], Exclusion]] = []
        if wanted.recent_days:
            since = Recipient.at > now - timedelta(days=wanted.recent_days)
            found.append((self._is_recipient(since, *others), Exclusion.RECENT))
        if wanted.weekly_cap and timedelta(days=wanted.recent_days) < WEEK:
            count = select(func.count()).select_from(Recipient).where(Recipient.person_id == Person.id, *others)
            used = count.where(Recipient.at > now - WEEK).correlate(Person).scalar_subquery()
            found.append((used >= wanted.weekly_cap, Exclusion.WEEKLY_CAP))
        return found

    def newest_chat(self, column: InstrumentedAttribute[Whatever]) -> ColumnElement[Whatever]:
        """A column of the chat that they used last, of those that take something; NULL without one."""
        found = (
            select(column)
            .join(PersonChat, PersonChat.conversation_id == Conversation.id)
            .where(
                PersonChat.person_id == Person.id,
                self._takes(),
            )
            .order_by(Conversation.updated_at.desc(), Conversation.id.desc())
            .limit(1)
            .correlate(Person)
        )
        return found.scalar_subquery()

    def _takes(self) -> ColumnElement[bool]:
        """A chat that takes something."""
        ours = or_(Conversation.channel != str(ChannelName.TELEGRAM), Conversation.bot == self._bot)
        return and_(Conversation.unreachable_at.is_(None), ours if self._bot else true())

    def unknown_chats(self, wanted: Wanted, *, now: datetime) -> Select[*tuple[Whatever, ...]]:
        """Chats of nobody we know who were given the old answer of a correction, by verdict."""
        verdict = case((self._takes(), Conversation.channel), else_=str(Exclusion.UNREACHABLE)).label("verdict")
        theirs = self.heard.chat_fits(wanted.rule, now=now)
        return select(verdict, func.count()).select_from(Conversation).where(theirs).group_by(verdict)

    def _has_chat(self) -> ColumnElement[bool]:
        return exists(select(1).where(PersonChat.person_id == Person.id).correlate(Person))

    def _is_recipient(self, *where: ColumnElement[bool]) -> ColumnElement[bool]:
        return exists(select(1).where(Recipient.person_id == Person.id, *where).correlate(Person))


KIND_PURPOSES = {
    Kind.FAIR: Purpose.JOB_NOTICES,
    Kind.VACANCY: Purpose.JOB_NOTICES,
    Kind.TRAINING: Purpose.COURSE_NOTICES,
}
"""What one can say no to by itself, beside a yes to notices."""
ASKED = (Consent, and_(Consent.person_id == Person.id, Consent.purpose == str(Purpose.NOTICES)))
"""For an outer join: what each person said to notices; `Consent.given` is NULL where nothing was said."""

_BANDS: Mapping[AgeBand, tuple[int, int]] = {
    AgeBand.UNDER_16: (0, 15),
    AgeBand.YOUNG: (16, 29),
    AgeBand.MIDDLE: (30, 44),
    AgeBand.OLDER: (45, 59),
    AgeBand.SIXTY: (60, 150),
}


def _is_aged(age: Age, now: datetime) -> ColumnElement[bool]:
    """By the year of birth; where only a band was said, the whole of it must lie within."""
    earliest, latest = years_of(age, now.astimezone(LOCAL).date())
    born = [Person.birth_year >= earliest] if earliest is not None else []
    born += [Person.birth_year <= latest] if latest is not None else []
    least, most = age.least or 0, 150 if age.most is None else age.most
    bands = [str(band) for band, (low, high) in _BANDS.items() if least <= low and high <= most]
    said = func.nullif(Person.age_band, "").in_(bands)
    return case((Person.birth_year.is_not(None), and_(true(), *born)), else_=said)
