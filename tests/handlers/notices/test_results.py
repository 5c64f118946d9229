"""What came of a campaign is counted from what people did after it."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import update

from bot.clock import FixedClock
from bot.messages import Address, ChannelName, Incoming
from bot.models import Conversation
from bot.settings import Settings
from handlers.notices.models import Campaign
from handlers.notices.results import write_results
from handlers.people.parts import PartAsked
from handlers.people.person import Purpose
from tests.handlers.notices.test_sending import Fair
from tests.handlers.notices.town import BOT, Town, finished, open_town


async def test_reached_read_registered_asked_and_stopped_are_counted(settings_on_each: Settings, clock: FixedClock):
    fair = Fair(seats=50)
    async with open_town(settings_on_each, clock, offers=fair) as town:  # type: ignore[arg-type]
        town.connect()
        people = [await town.person() for _ in range(4)]
        web = [await town.person(chats=(ChannelName.WEBCHAT,)) for _ in range(2)]
        campaign = await town.campaign(offer=fair.code)
        await finished(town, campaign)
        clock.advance(hours=1)
        fair.registered.add(people[0])
        chat = await town.chat_of(people[1])
        address = Address(ChannelName.TELEGRAM, chat, BOT)
        async with town.app.database.transaction() as session:
            await session.execute(
                update(Conversation).where(Conversation.chat == await town.chat_of(web[0])).values(seen_seq=9)
            )
            stopped = (await town.register.chats_of(session, people[2]))[0]
            await town.register.answer_consent(session, stopped, Purpose.NOTICES, given=False, now=town.now)
        await town.app.conversation.respond(Incoming(address, "e1", "在哪里办"))
        async with town.app.database.reading() as session:
            row = await session.get(Campaign, campaign)
            assert row is not None
            (found,) = await town.office.counting.results(session, [row], now=town.now)
            assert (found.chosen, found.reached, found.readable, found.read) == (6, 6, 2, 1)
            assert (found.registered, found.came, found.asked, found.opted_out) == (1, 0, 1, 1)
            assert (found.share("read"), found.share("registered")) == (0.5, 1 / 6)
            file = BytesIO()
            await write_results(file, [row], [found])
        in_person = replace(found, reached=10, told_in_person=50, registered=20)
        assert in_person.share("registered") == 20 / 60
    rows = list(load_workbook(file).active.iter_rows(values_only=True))
    assert rows[1][0] == campaign
    assert list(rows[1][5:]) == [6, 6, 1, 1, 0, 1, 1, 0, 0]


async def test_a_persons_file_holds_the_notices_they_got_and_links_them_for_whom_they_concern(town: Town):
    person = await town.person()
    campaign = await town.campaign()
    await finished(town, campaign)
    clerk, stranger = await town.staff("clerk"), await town.staff("stranger", region="420100")
    links = []
    for staff in (clerk, stranger):
        asked = PartAsked(person, [], None, staff, town.now, 0, 10)
        async with town.app.database.reading() as session:
            found = await town.register.parts["notices"](session, asked)
        assert (found.total, [row.title for row in found.rows]) == (1, ["招聘会"])
        links.append(found.rows[0].link)
    assert links == [f"/staff/notices/{campaign}", ""]
