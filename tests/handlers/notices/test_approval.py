"""Above the set size two persons have seen what is sent, and to how many."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from bot.staff.roles import Role
from handlers.notices.broadcast import By
from handlers.notices.campaign import ApprovalRefused, Kind, Reason, State, most_for
from handlers.notices.drafts import Draft
from handlers.notices.waiting import count_waiting
from tests.handlers.notices.town import HONGHU, LIMITS, Town, open_town

DRAFT = Draft(Kind.FAIR, "招聘会", HONGHU, {"all": "周六有招聘会"}, {"region": "洪湖市"})


async def test_who_began_a_draft_and_who_changed_it_last_do_not_approve_it_alone(town: Town):
    first, second = await town.staff("zhou"), await town.staff("sun", Role.SUPERVISOR)
    broadcast = town.office.broadcast
    async with town.app.database.transaction() as session:
        campaign = await broadcast.add(session, DRAFT, By(first), now=town.now)
        version = campaign.version
        changed = replace(DRAFT, texts={"all": "换了一个"})
        await broadcast.edit(session, campaign.id, changed, By(second), version=version, now=town.now)
        number = campaign.id
    began = await town.staff("wu", Role.SUPERVISOR)
    async with town.app.database.transaction() as session:
        (await broadcast.find(session, number)).author_id = began.id
    for who in (began, second):
        with pytest.raises(ApprovalRefused):
            await town.approve(number, By(who), size=501)
    await town.approve(number, By(await town.staff("lu", Role.SUPERVISOR)), size=501)


async def grown(town: Town) -> int:
    """Approved for one person, and three are found."""
    await town.person()
    campaign = await town.campaign(start=False)
    await town.approve(campaign)
    for _ in range(2):
        await town.person()
    await town.begin(campaign)
    await town.act()
    return campaign


async def test_many_more_than_were_approved_are_not_told_before_somebody_approved_them(
    settings_on_each: Settings, clock: FixedClock
):
    async with open_town(settings_on_each, clock, limits=replace(LIMITS, approve_above=2)) as town:
        leader = await town.staff("sun", Role.SUPERVISOR)
        campaign = await grown(town)
        found = await town.progress(campaign)
        assert (found.state, found.reason, await town.pushed()) == (State.PAUSED, Reason.GROWN, 0)
        async with town.app.database.reading() as session:
            assert await count_waiting(session, leader) == 1
        for by in (By(), By(await town.staff("zhou"))):
            with pytest.raises(ApprovalRefused):
                async with town.app.database.transaction() as session:
                    await town.office.broadcast.resume(session, campaign, by, now=town.now)
        async with town.app.database.transaction() as session:
            await town.office.broadcast.resume(session, campaign, By(leader), now=town.now)
        await town.act()
        assert await town.pushed() == 3
        async with town.app.database.reading() as session:
            kept = await town.office.broadcast.find(session, campaign)
            assert (kept.size, kept.approver_id, await count_waiting(session, leader)) == (3, leader.id, 0)


async def test_a_few_more_than_were_approved_are_told(town: Town):
    campaign = await grown(town)
    assert (await town.progress(campaign)).state is State.RUNNING
    assert await town.pushed() == 3


@pytest.mark.parametrize(("size", "most"), [(1, 500), (500, 500), (501, 1002)])
def test_how_many_may_be_found_after_an_approval(size: int, most: int):
    assert most_for(size, 500) == most
