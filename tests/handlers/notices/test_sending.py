"""Campaigns on their way: nobody twice, nobody who said no, and everything acts at once."""

from __future__ import annotations

from bot.messages import ChannelName
from handlers.notices.campaign import Standing, State
from handlers.people.person import Group
from tests.handlers.notices.town import Town, sending


async def test_everybody_who_agreed_is_told_once_in_the_chat_they_used_last(town: Town):
    both = await town.person(Group.RETIRED_FISHER, chats=(ChannelName.TELEGRAM, ChannelName.TELEGRAM))
    await town.person(Group.RETIRED_FISHER)
    silent = await town.person(Group.RETIRED_FISHER, consent=None)
    refused = await town.person(Group.RETIRED_FISHER, consent=False)
    other = await town.person(Group.GRADUATE)
    campaign = await town.campaign({"region": "洪湖市", "group": "退捕渔民"})
    async with sending(town):
        done = await town.until(lambda found: found.state is State.DONE, campaign)
    assert done.counts[Standing.SENT] == done.recipients == 2
    assert len(town.sender.sent) == len({chat for chat, _ in town.sender.sent}) == 2
    assert await town.chat_of(both) in {chat for chat, _ in town.sender.sent}
    for person in (silent, refused, other):
        assert await town.said_to(person) == []
