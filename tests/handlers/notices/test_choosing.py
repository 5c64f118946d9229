"""Whom a rule means: the database says the same as reading each record by hand; and who is left out, by why."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.clock import FixedClock
from bot.messages import ChannelName
from bot.settings import Settings
from handlers.notices.answers import Answered, note_answers
from handlers.notices.audience import Age, All, Any_, Employed, InGroup, Not, Region, Rule, Wishes
from handlers.notices.campaign import Exclusion, Kind
from handlers.notices.choosing import Wanted
from handlers.notices.models import GivenAnswer, Recipient
from handlers.notices.previewing import Preview
from handlers.people.ledger.service_rules import ServiceKind, target_of
from handlers.people.models import Person
from handlers.people.person import Employment, Group, Purpose, WishKind
from knowledge import interview
from tests.bureau import knowing
from tests.handlers.notices.test_sending import Fair
from tests.handlers.notices.town import HONGHU, TOWN, WUHAN, Town, open_town

BOOK = knowing().book
POLICY = next(shelf.policy for shelf in BOOK.shelves if shelf.policy.document.region == HONGHU)


def wanted(rule: Rule, **more: Any) -> Wanted:
    given = {"region": "000000", "kind": Kind.POLICY, "offer": "", "recent_days": 0, "weekly_cap": 0, **more}
    return Wanted(rule, **given)


async def chosen(town: Town, rule: Rule) -> set[int]:
    condition = town.office.previewing._choosing.condition(rule, now=town.now)
    async with town.app.database.reading() as session:
        return set(await session.scalars(select(Person.id).where(condition)))


async def preview(town: Town, rule: Any, **more: Any) -> Preview:
    return await town.office.previewing.preview(wanted(town.office.reading.rule_of(rule), **more), now=town.now)


def holds(rule: Rule, one: dict[str, Any]) -> bool | None:
    """The rule, read on a record by hand; None where it says nothing of it."""
    match rule:
        case All(parts):
            found = [holds(part, one) for part in parts]
            return False if False in found else None if None in found else True
        case Any_(parts):
            found = [holds(part, one) for part in parts]
            return True if True in found else None if None in found else False
        case Not(part):
            inner = holds(part, one)
            return None if inner is None else not inner
        case Region(codes):
            region = one["region"]
            return None if region is None else any(region.startswith(code.rstrip("0")) for code in codes)
        case InGroup(names):
            return bool(set(names) & set(one["groups"]))
        case Age(least, most):
            if one["birth_year"] is None:
                return None
            age = 2026 - one["birth_year"]
            return (least is None or age >= least) and (most is None or age <= most)
        case Employed(states):
            return one["employment"] in states if one["employment"] else None
        case Wishes(kind, trades):
            return any((not kind or wish[0] == kind) and (not trades or wish[1] in trades) for wish in one["wishes"])
    raise TypeError(rule)


def some_rule(chance: random.Random, depth: int = 0) -> Rule:
    if depth < 3 and chance.random() < 0.55:
        parts = tuple(some_rule(chance, depth + 1) for _ in range(chance.randint(1, 3)))
        return chance.choice((All(parts), Any_(parts), Not(parts[0])))
    return chance.choice(
        (
            Region(tuple(chance.sample([HONGHU, TOWN, WUHAN, "420000"], 2))),
            InGroup(tuple(map(str, chance.sample(list(Group), 2)))),
            Age(chance.choice([None, 30]), chance.choice([50, 60])),
            Employed((str(chance.choice(list(Employment))),)),
            Wishes(chance.choice(["", "work"]), chance.choice([(), ("welder",)])),
        )
    )


async def test_the_database_chooses_whom_reading_by_hand_would(town: Town):
    chance = random.Random(1129)
    people: dict[int, dict[str, Any]] = {}
    for _ in range(60):
        one: dict[str, Any] = {
            "region": chance.choice([None, HONGHU, TOWN, WUHAN]),
            "groups": chance.sample(list(Group), chance.randint(0, 3)),
            "birth_year": chance.choice([None, 1960, 1980, 2000]),
            "employment": chance.choice(["", *map(str, Employment)]),
            "wishes": chance.choice([[], [(WishKind.WORK, "welder")], [(WishKind.TRAINING, "welder")]]),
        }
        columns = {name: value for name, value in one.items() if name != "groups"}
        people[await town.person(*one["groups"], chats=(), consent=None, **columns)] = one
    for _ in range(120):
        rule = some_rule(chance)
        assert await chosen(town, rule) == {person for person, one in people.items() if holds(rule, one)}, rule


async def test_likely_qualifies_means_what_the_interview_would_say(town: Town):
    chance = random.Random(7)
    provisions = [one for shelf in BOOK.shelves for one in shelf.policy.provisions if one.conditions]
    names = sorted({leaf.name for one in provisions for leaf in interview.leaves(interview.tree_of(one.conditions))})
    counted = {
        leaf.name for one in provisions for leaf in interview.leaves(interview.tree_of(one.conditions)) if leaf.of
    }
    known: dict[int, dict[str, Any]] = {}
    for _ in range(40):
        told = {
            name: float(chance.randint(0, 40)) if name in counted else chance.random() < 0.85
            for name in names
            if chance.random() < 0.95
        }
        groups = [group for group in Group if chance.random() < 0.2]
        known[await town.person(*groups, chats=(), told=told)] = {**told, **{str(group): True for group in groups}}
    chosen_at_all = 0
    for shelf in BOOK.shelves:
        for one in (one for one in shelf.policy.provisions if one.conditions):
            rule = town.office.reading.rule_of({"qualifies": {"policy": shelf.policy.id, "provision": one.id}})
            tree = interview.tree_of(one.conditions)
            likely = {person for person, facts in known.items() if interview.evaluate(tree, facts) is True}
            assert await chosen(town, rule) == likely, one.id
            chosen_at_all += len(likely)
    assert chosen_at_all > 20


@pytest.mark.parametrize(
    ("name", "more", "holds"),
    [
        ("jobless", {"employment": "unemployed"}, True),
        ("jobless", {"employment": "employed", "told": {"jobless": True}}, False),
        ("jobless", {"told": {"jobless": True}}, True),
        ("jobless", {}, None),
        ("able_to_work", {"employment": "unable"}, False),
        ("wants_job", {"employment": "not_looking"}, False),
        ("wants_job", {"wishes": [(WishKind.WORK, "welder")]}, True),
        ("wants_training", {"wishes": [(WishKind.TRAINING, "any")]}, True),
        ("working_age", {"birth_year": 1990}, True),
        ("working_age", {"birth_year": 1960}, False),
        ("working_age", {"birth_year": 1970}, None),
        ("working_age", {"age_band": "16-29"}, True),
        ("working_age", {"age_band": "45-59"}, None),
    ],
)
async def test_what_the_record_says_is_a_condition_met_or_not(
    settings: Settings, clock: FixedClock, name: str, more: dict[str, Any], holds: bool | None
):
    async with open_town(settings, clock) as town:
        person = await town.person(chats=(), **more)
        choosing = town.office.gathering._choosing
        async with town.app.database.reading() as session:
            found = await session.scalar(
                select(choosing._holds(interview.Leaf(name), town.now)).where(Person.id == person)
            )
    assert (None if found is None else bool(found)) == holds


async def test_where_only_a_band_of_age_was_said_all_of_it_must_fit(town: Town):
    inside = await town.person(age_band="45-59")
    await town.person(age_band="30-44")
    await town.person()
    assert await chosen(town, Age(45, None)) == {inside}
    assert await chosen(town, Age(46, None)) == set()


async def test_the_preview_counts_each_person_once_by_the_first_reason(settings_on_each: Settings, clock: FixedClock):
    fair = Fair(seats=50)
    async with open_town(settings_on_each, clock, offers=fair) as town:  # type: ignore[arg-type]
        await town.person(Group.RETIRED_FISHER, consent=False)
        await town.person(Group.RETIRED_FISHER, consent=None)
        registered = await town.person(Group.RETIRED_FISHER)
        recent, gone = (
            await town.person(Group.RETIRED_FISHER),
            await town.person(Group.RETIRED_FISHER, chats=("blocked",)),
        )
        await town.person(Group.RETIRED_FISHER, chats=(), consent=None)
        await town.person(Group.RETIRED_FISHER, chats=(ChannelName.WEBCHAT,))
        for _ in range(3):
            await town.person(Group.RETIRED_FISHER, birth_year=1980)
        await town.person(Group.GRADUATE)
        fair.registered.add(registered)
        other = await town.campaign(start=False)
        async with town.app.database.transaction() as session:
            row = {"state": "sent", "at": town.now - timedelta(days=2)}
            session.add(Recipient(campaign_id=other, person_id=recent, **row))
            session.add(Recipient(campaign_id=other, person_id=gone, **{**row, "state": "unreachable"}))
        found = await preview(town, {"group": "退捕渔民"}, offer=fair.code, recent_days=7)
        assert found.excluded == {
            Exclusion.NO_CONSENT: 2,
            Exclusion.REGISTERED: 1,
            Exclusion.RECENT: 1,
            Exclusion.UNREACHABLE: 1,
            Exclusion.NO_CHANNEL: 1,
        }
        assert found.channels == {ChannelName.TELEGRAM: 3, ChannelName.WEBCHAT: 1}
        assert (found.matched, found.count, found.in_person) == (10, 4, 2)


async def test_samples_say_why_and_hide_half_of_a_name(town: Town):
    sealed = town.office.previewing._sealer.seal("张小三", "person.name")
    await town.person(Group.RETIRED_FISHER, name=sealed, birth_year=1970, village="界牌村")
    for _ in range(15):
        await town.person(Group.GRADUATE, birth_year=1970)
    rule = {
        "all": [
            {"any": [{"group": "退捕渔民"}, {"group": "高校毕业生"}]},
            {"age": "45-60"},
            {"not": {"group": "cadre"}},
        ]
    }
    found = await preview(town, rule)
    assert (found.count, len(found.samples)) == (16, 10)
    first = found.samples[0]
    assert (first.name, first.channel) == ("张*三", "telegram")
    assert first.place.endswith("界牌村")
    assert [why.key for why in first.why] == ["group", "age"]
    other = await town.office.previewing.preview(wanted(town.office.reading.rule_of(rule)), now=town.now, start=0.9)
    assert {one.person_id for one in other.samples} != {one.person_id for one in found.samples}


async def test_nobody_outside_the_campaigns_region_is_meant(town: Town):
    await town.person(region=WUHAN)
    here = await town.person()
    found = await preview(town, {"not": {"group": "cadre"}}, region=HONGHU)
    assert [one.person_id for one in found.samples] == [here]


async def test_who_lacks_a_service_of_the_year_is_found_by_the_target_of_their_place(
    settings_on_each: Settings,
):
    clock = FixedClock("2023-06-01T09:00:00+08:00")
    target = target_of(HONGHU, 2023)
    assert target is not None
    async with open_town(settings_on_each, clock) as town:
        lacking = await town.person(Group.RETIRED_FISHER)
        await town.person(Group.GRADUATE)
        await town.person(Group.RETIRED_FISHER, region=WUHAN)
        rule = town.office.reading.rule_of({"lacks": str(ServiceKind.TRAINING)})
        assert await chosen(town, rule) == {lacking}


async def test_who_asked_lately_about_a_matter_is_found(town: Town, clock: FixedClock):
    asked, long_ago, other = [await town.person() for _ in range(3)]
    provision = POLICY.provisions[0]
    async with town.app.database.transaction() as session:
        for person, about, days in ((asked, provision.id, 2), (long_ago, provision.id, 40), (other, "jobs", 2)):
            chat = (await town.register.chats_of(session, person))[0]
            fact = provision.facts[0]
            answer = Answered(POLICY.id, about, fact.id, fact.say) if about != "jobs" else Answered("", "jobs")
            await note_answers(session, chat, [answer], now=town.now - timedelta(days=days))
    assert await chosen(town, town.office.reading.rule_of({"asked": provision.id})) == {asked}
    assert await chosen(town, town.office.reading.rule_of({"asked": {"about": "找工作", "days": 7}})) == {other}


async def test_a_person_who_has_everything_deleted_is_known_for_no_answer(town: Town):
    person = await town.person()
    async with town.app.database.transaction() as session:
        chat = (await town.register.chats_of(session, person))[0]
        await note_answers(session, chat, [Answered("", "jobs")], now=town.now)
        await town.register.erase(session, chat)
    async with town.app.database.reading() as session:
        assert (await session.scalars(select(GivenAnswer.id))).all() == []


@pytest.mark.parametrize("kind", [Kind.FAIR, Kind.VACANCY])
async def test_who_wants_no_more_about_work_hears_of_courses_still(town: Town, kind: Kind):
    person = await town.person()
    async with town.app.database.transaction() as session:
        chat = (await town.register.chats_of(session, person))[0]
        await town.register.answer_consent(session, chat, Purpose.JOB_NOTICES, given=False, now=town.now)
    assert (await preview(town, {"region": "洪湖市"}, kind=kind)).count == 0
    assert (await preview(town, {"region": "洪湖市"}, kind=Kind.TRAINING)).count == 1
