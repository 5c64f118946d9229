"""Calls spread over several HTTP clients."""

from __future__ import annotations

import asyncio

import pytest
from telegram.request import BaseRequest

from bot.channels.telegram.spread import Spread

URL = "http://127.0.0.1/none"


class Member(BaseRequest):
    """Answers when told to; a port's other side."""

    def __init__(self) -> None:
        self.most = self.held = 0
        self.open = asyncio.Event()
        self.broken = False

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(self, *args: object, **kwargs: object) -> tuple[int, bytes]:
        self.held += 1
        self.most = max(self.most, self.held)
        try:
            if self.broken:
                raise ConnectionError
            await self.open.wait()
        finally:
            self.held -= 1
        return 200, b"{}"


async def test_calls_go_where_fewest_are_in_hand_however_many_are_never_answered() -> None:
    members = [Member(), Member(), Member()]
    spread = Spread(members)
    stuck = [asyncio.create_task(spread.do_request(URL, "POST")) for _ in range(6)]
    await asyncio.sleep(0)
    members[1].open.set()
    await asyncio.wait(stuck, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(5):
        assert await spread.do_request(URL, "POST") == (200, b"{}")
    assert [member.most for member in members] == [2, 2, 2]
    for task in stuck:
        task.cancel()


async def test_a_call_that_fails_is_no_longer_in_hand() -> None:
    members = [Member(), Member()]
    members[0].broken = True
    spread = Spread(members)
    for _ in range(3):
        with pytest.raises(ConnectionError):
            await spread.do_request(URL, "POST")
    assert members[1].most == 0
