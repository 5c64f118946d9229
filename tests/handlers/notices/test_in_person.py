"""Whom no channel reaches is on the list of somebody who can tell them, wherever they live."""

from __future__ import annotations

import pytest

from bot.staff.roles import EVERYWHERE, Role
from handlers.notices.campaign import Kind, NoSuchCampaign, Standing
from tests.handlers.notices.test_corrections import BOTH, TOLD, hears
from tests.handlers.notices.town import HONGHU, WUHAN, Town


async def corrected(town: Town) -> int:
    """A correction of Honghu, to all who heard the old answer."""
    campaign = await town.campaign(TOLD, text="有变化。", kind=Kind.CORRECTION, title="更正", given=BOTH)
    await town.act(4)
    return campaign


async def test_a_correction_is_told_by_the_helper_of_another_place_where_they_live_now(town: Town):
    person = await town.person(region=WUHAN, chats=("blocked",))
    await hears(town, person)
    there, elsewhere = await town.staff("wu", Role.HELPER, WUHAN), await town.staff("lu", Role.HELPER, "371311")
    campaign = await corrected(town)
    in_person = town.office.in_person
    async with town.app.database.transaction() as session:
        assert [(row[0].id, *row[1:]) for row in await in_person.to_tell(session, there)] == [(campaign, 1, 0)]
        (one,) = await in_person.unreached(session, campaign, there)
        with pytest.raises(NoSuchCampaign):
            await in_person.tell(session, campaign, [one.recipient_id], elsewhere, now=town.now)
        assert await in_person.tell(session, campaign, [one.recipient_id], there, now=town.now) == 1
    assert await town.standing(campaign, person) == Standing.TOLD_IN_PERSON


async def test_whose_place_nobody_knows_is_on_the_list_of_who_sees_all_places(town: Town):
    await hears(town, await town.person(region=None, chats=("blocked",)))
    everywhere, here = await town.staff("all", Role.SUPERVISOR, EVERYWHERE), await town.staff("zhou", region=HONGHU)
    campaign = await corrected(town)
    async with town.app.database.reading() as session:
        found = [len(await town.office.in_person.unreached(session, campaign, who)) for who in (everywhere, here)]
    assert found == [1, 0]
