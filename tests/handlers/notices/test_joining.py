"""A chat is found to be somebody of the ledger while notices are on their way to both records."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from handlers.notices.campaign import Standing
from handlers.notices.leaving import Leaving
from handlers.notices.models import Recipient
from handlers.people.models import PersonChat
from tests.handlers.notices.town import Town, finished


async def join(town: Town, chat_person: int, ledger_person: int) -> None:
    """As `Matching` does it."""
    async with town.app.database.transaction() as session:
        await session.execute(
            update(PersonChat).where(PersonChat.person_id == chat_person).values(person_id=ledger_person)
        )
        for move in town.register.movers:
            await move(session, chat_person, ledger_person)


async def test_who_could_not_be_reached_before_is_told_in_the_chat_that_is_theirs(town: Town):
    ledger = await town.person(chats=())
    chat = await town.person()
    campaign = await town.campaign()
    await town.office.feeding.act_once()
    assert await town.standing(campaign, ledger) == Standing.UNREACHABLE
    await join(town, chat, ledger)
    await finished(town, campaign)
    assert await town.counts(campaign) == {Standing.SENT: 1}
    assert len(town.sender.sent) == 1


async def test_who_was_told_in_one_chat_is_not_told_again_in_the_other(town: Town):
    first, second = await town.person(), await town.person()
    campaign = await town.campaign()
    await town.act(3)
    async with town.app.database.transaction() as session:
        one = Recipient.person_id == first
        await session.execute(update(Recipient).where(one).values(state=str(Standing.SENT), delivery_id=None))
    await join(town, first, second)
    assert await town.standing(campaign, second) == Standing.SENT
    await finished(town, campaign)
    assert await town.counts(campaign) == {Standing.SENT: 1}


@pytest.mark.parametrize(
    ("mine", "other", "kept"),
    [
        (Standing.WAITING, Standing.UNREACHABLE, Standing.WAITING),
        (Standing.FAILED, Standing.WAITING, Standing.WAITING),
        (Standing.FAILED, Standing.UNREACHABLE, Standing.UNREACHABLE),
        (Standing.TOLD_IN_PERSON, Standing.WAITING, Standing.TOLD_IN_PERSON),
        (Standing.WAITING, Standing.TOLD_IN_PERSON, Standing.TOLD_IN_PERSON),
        (Standing.SENT, Standing.QUEUED, Standing.SENT),
    ],
)
async def test_of_two_records_the_one_that_is_further_stands(
    town: Town, mine: Standing, other: Standing, kept: Standing
):
    one, two = await town.person(), await town.person()
    campaign = await town.campaign()
    await town.office.feeding.act_once()
    async with town.app.database.transaction() as session:
        for person, standing in ((one, mine), (two, other)):
            where = Recipient.person_id == person
            await session.execute(update(Recipient).where(where).values(state=str(standing), open_ends=1))
        await Leaving(town.clock).move(session, one, two)
    assert await town.counts(campaign) == {kept: 1}
    assert await town.standing(campaign, two) == kept
    assert (await town.progress(campaign)).maybe_repeated == (2 if kept is Standing.SENT else 1)
