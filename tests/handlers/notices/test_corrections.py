"""Corrections: owed to exactly those who were told what does not hold any more, whoever and wherever they are."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.notices.answers import Answered, note_answers
from handlers.notices.campaign import Exclusion, Kind, State
from handlers.notices.drafts import Draft
from handlers.notices.previewing import Preview
from handlers.people.models import Person
from tests.bureau import knowing
from tests.handlers.notices.town import HONGHU, WUHAN, Town, finished, sending

POLICY = next(shelf.policy for shelf in knowing().book.shelves if shelf.policy.document.region == HONGHU)
PROVISION = POLICY.provisions[0]
FACT = PROVISION.facts[0]
TOLD = {"told": {"policy": POLICY.id, "provision": PROVISION.id}}
BOTH = {"old": "500 元。", "new": "1000 元。"}


async def hears(town: Town, person: int, words: str = "原来是 500 元。", provision: str = PROVISION.id) -> None:
    async with town.app.database.transaction() as session:
        chat = (await town.register.chats_of(session, person))[0]
        await note_answers(session, chat, [Answered(POLICY.id, provision, FACT.id, words)], now=town.now)


async def forget_record(town: Town, person: int) -> None:
    """Somebody who asked and told nothing of themselves: a chat without a record."""
    async with town.app.database.transaction() as session:
        await session.delete(await session.get(Person, person))


async def correct(town: Town, audience: Any = None, text: str = "有变化。", **more: Any) -> int:
    given = {"kind": Kind.CORRECTION, "title": "更正", "given": BOTH, **more}
    return await town.campaign(audience or TOLD, text=text, start=False, **given)


async def previewed(town: Town, audience: Any, *, kind: Kind = Kind.CORRECTION, region: str = HONGHU) -> Preview:
    draft = Draft(kind, "更正", region, {"all": "有变化。"}, audience, 7, BOTH)
    return await town.office.previewing.preview(town.office.reading.wanted(draft), now=town.now)


async def test_a_correction_goes_to_exactly_those_who_heard_the_old_answer(town: Town):
    old, new, both, refused = [await town.person(consent=None) for _ in range(3)] + [await town.person(consent=False)]
    provision = POLICY.provisions[0]
    fact = provision.facts[0]
    stranger = await town.person(consent=None)
    async with town.app.database.transaction() as session:
        for person in (old, both, refused, stranger):
            chat = (await town.register.chats_of(session, person))[0]
            await note_answers(
                session, chat, [Answered(POLICY.id, provision.id, fact.id, "原来是 500 元。")], now=town.now
            )
        for person in (new, both):
            chat = (await town.register.chats_of(session, person))[0]
            await note_answers(session, chat, [Answered(POLICY.id, provision.id, fact.id, fact.say)], now=town.now)
        # Somebody who asked and told nothing of themselves: a chat without a record.
        await session.delete(await session.get(Person, stranger))
    campaign = await town.campaign(
        {"told": {"policy": POLICY.id, "provision": provision.id}},
        text="原来说：{old}现在是：{new}",
        kind=Kind.CORRECTION,
        title="更正",
        given={"old": "500 元。", "new": "1000 元。"},
        start=False,
    )
    await town.approve(campaign)
    await town.begin(campaign)
    done = await finished(town, campaign)
    assert done.recipients == 3
    told = {chat for chat, _ in town.sender.sent}
    assert {await town.chat_of(old), await town.chat_of(both)} < told
    assert all("500 元" in text and "1000 元" in text for _, text in town.sender.sent)


async def test_a_correction_by_place_alone_is_owed_to_nobody_who_did_not_agree(town: Town):
    for consent in (None, True):
        await town.person(consent=consent)
    await hears(town, await town.person(consent=None))
    found = await previewed(town, {"region": "洪湖市"})
    assert (found.count, found.excluded[Exclusion.NO_CONSENT]) == (1, 2)
    found = await previewed(town, {"any": [TOLD, {"region": "洪湖市"}]})
    assert (found.count, found.excluded[Exclusion.NO_CONSENT]) == (2, 1)


async def test_the_weekly_cap_holds_for_whom_nothing_is_owed(town: Town):
    await hears(town, await town.person())
    await town.person()
    async with sending(town):
        for _ in range(2):
            campaign = await town.campaign(recent_days=0)
            await town.until(lambda found: found.state is State.DONE, campaign)
    found = await previewed(town, {"any": [TOLD, {"region": "洪湖市"}]})
    assert (found.count, found.matched) == (1, 2)


async def test_chats_of_nobody_known_are_counted_before(town: Town):
    for _ in range(3):
        person = await town.person(consent=None)
        await hears(town, person)
        await forget_record(town, person)
    found = await previewed(town, TOLD)
    assert (found.count, found.matched) == (3, 3)
    wanted = town.office.reading.wanted
    async with town.app.database.reading() as session:
        campaign = await town.office.broadcast.find(session, await correct(town))
    assert (await town.office.previewing.reach(wanted(campaign), now=town.now)).size == 3
    assert (await previewed(town, {"all": [TOLD, {"group": "退捕渔民"}]})).count == 0
    assert (await previewed(town, {"all": [TOLD, {"not": {"group": "退捕渔民"}}]})).count == 3
    assert (await previewed(town, {"all": [TOLD, {"region": "洪湖市"}]})).count == 0


async def test_a_correction_says_both_though_its_text_names_neither(town: Town):
    await hears(town, await town.person())
    campaign = await correct(town)
    await town.approve(campaign)
    await town.begin(campaign)
    await finished(town, campaign)
    ((_, said),) = town.sender.sent
    assert (said.count(BOTH["old"]), said.count(BOTH["new"])) == (1, 1)


async def test_what_was_taken_out_of_the_record_is_corrected_all_the_same(town: Town):
    person = await town.person(region=WUHAN)
    await hears(town, person, provision="gone")
    found = await previewed(town, {"told": {"policy": POLICY.id, "provision": "gone"}})
    assert found.count == 1


@pytest.mark.parametrize("region", ["000000", HONGHU])
async def test_whose_place_is_not_known_hears_what_is_for_everywhere(town: Town, region: str):
    await town.person(region=None)
    found = await previewed(town, {"not": {"group": "企业"}}, kind=Kind.POLICY, region=region)
    assert found.count == (1 if region == "000000" else 0)
