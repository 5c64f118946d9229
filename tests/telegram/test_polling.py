"""Polling acknowledges only what is committed, keeps each chat in order, and outlives every fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest

from bot.channels.telegram.api import Api
from bot.channels.telegram.lease import PollingLease
from bot.channels.telegram.polling import Pace, Poller
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.status import Fault, Status
from bot.clock import SystemClock
from bot.database import Database
from bot.messages import Incoming
from tests.telegram.server import FakeTelegram

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

QUICK = Pace(
    long_poll=5, first_pause=0.02, longest_pause=0.1, longest_refused=0.2, stand_by=0.05, renew=0.1, farewell=1.0
)


@dataclass
class Committing:
    """A conversation that commits by remembering; tests hold it back or let it fail."""

    committed: list[Incoming] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    hold: Callable[[Incoming], asyncio.Event | None] = lambda incoming: None
    failures: dict[str, int] = field(default_factory=dict)
    """How often the message with these words cannot be committed."""

    async def respond(self, incoming: Incoming) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if gate := self.hold(incoming):
                await gate.wait()
            await asyncio.sleep(0)
            if self.failures.get(incoming.text, 0) > 0:
                self.failures[incoming.text] -= 1
                raise OSError("the disk is full")
            if incoming.event_id not in [one.event_id for one in self.committed]:
                self.committed.append(incoming)
        finally:
            self.running -= 1

    def texts(self, chat: int | None = None) -> list[str]:
        return [one.text for one in self.committed if chat is None or one.address.key == str(chat)]


@dataclass
class Running:
    poller: Poller
    status: Status
    task: asyncio.Task[None]


@asynccontextmanager
async def polling(
    server: FakeTelegram,
    database: Database,
    conversation: Committing,
    *,
    pace: Pace = QUICK,
    seconds: float = 15.0,
) -> AsyncIterator[Running]:
    api = Api(token=server.token, root=server.url)
    status = Status()
    reception = Reception(api, conversation.respond, bot_id=str(server.bot_id), commands={"/menu": "菜单"})
    lease = PollingLease(database, SystemClock(), name="telegram:4242", seconds=seconds)
    poller = Poller(api, reception, lease, status, pace=pace)
    running = Running(poller, status, asyncio.create_task(poller.run()))
    try:
        yield running
    finally:
        poller.stop()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(running.task, 10)
        await reception.close()
        await api.close_connections()


async def test_what_is_sent_is_committed_and_then_acknowledged(server: FakeTelegram, database: Database):
    conversation = Committing()
    async with polling(server, database, conversation) as running:
        last = server.user(7).sends("招人补贴多少")
        await server.until(lambda: server.confirmed == last + 1)
        assert conversation.texts() == ["招人补贴多少"]
        assert running.status.fault is None


async def test_nothing_is_acknowledged_before_its_commit(server: FakeTelegram, database: Database):
    gate = asyncio.Event()
    conversation = Committing(hold=lambda incoming: gate if incoming.text == "慢" else None)
    async with polling(server, database, conversation):
        server.user(7).sends("慢")
        last = server.user(8).sends("快")
        await server.until(lambda: conversation.texts() == ["快"])
        assert server.confirmed == 0
        assert len(server.updates) == 2
        gate.set()
        await server.until(lambda: server.confirmed == last + 1)


async def test_an_update_that_cannot_be_committed_comes_again_and_holds_up_only_its_own_chat(
    server: FakeTelegram, database: Database
):
    conversation = Committing(failures={"一": 3})
    server.user(7).sends("一")
    server.user(7).sends("二")
    server.user(8).sends("别人")
    async with polling(server, database, conversation) as running:
        await server.until(lambda: running.status.fault is Fault.NOT_COMMITTED)
        assert "二" not in conversation.texts()
        await server.until(lambda: not server.updates)
        assert conversation.texts(7) == ["一", "二"]
        assert conversation.texts(8) == ["别人"]


async def test_each_chat_keeps_its_order_while_chats_run_side_by_side(server: FakeTelegram, database: Database):
    conversation = Committing()
    said = {chat: [f"{chat}-{number}" for number in range(6)] for chat in range(1, 40)}
    for number in range(6):
        for chat in said:
            server.user(chat).sends(f"{chat}-{number}")
    async with polling(server, database, conversation):
        await server.until(lambda: not server.updates)
    assert {chat: conversation.texts(chat) for chat in said} == said
    assert 1 < conversation.most_running <= 16


async def test_a_press_is_answered_before_the_work(server: FakeTelegram, database: Database):
    gate = asyncio.Event()
    conversation = Committing(hold=lambda incoming: gate)
    async with polling(server, database, conversation):
        server.user(7).presses_value("3-abcdef")
        await server.until(lambda: server.answered)
        assert conversation.committed == []
        gate.set()
        await server.until(lambda: [one.value for one in conversation.committed] == ["3-abcdef"])


async def test_a_command_says_its_word(server: FakeTelegram, database: Database):
    conversation = Committing()
    async with polling(server, database, conversation):
        server.user(7).sends("/menu@shangan_local_bot")
        await server.until(lambda: conversation.texts() == ["菜单"])


async def test_updates_that_are_not_for_us_are_acknowledged_in_silence(server: FakeTelegram, database: Database):
    conversation = Committing()
    async with polling(server, database, conversation):
        server.push({"message": {"message_id": 1, "date": 1, "chat": {"id": -9, "type": "group"}, "text": "闲聊"}})
        last = server.push({"message": "broken"})
        await server.until(lambda: server.confirmed == last + 1)
        assert conversation.committed == []


@pytest.mark.parametrize("code", [500, 502, 409, 429])
async def test_a_fault_of_telegram_is_waited_out(server: FakeTelegram, database: Database, code: int):
    conversation = Committing()
    server.fails("getUpdates", code, times=3, retry_after=1 if code == 429 else None)
    if code == 429:
        server.faults[-1].times = 1
    async with polling(server, database, conversation) as running:
        server.user(7).sends("在吗")
        await server.until(lambda: conversation.texts() == ["在吗"])
        await server.until(lambda: running.status.fault is None)


async def test_a_dropped_connection_loses_nothing(server: FakeTelegram, database: Database):
    conversation = Committing()
    server.user(7).sends("在吗")
    server.drops("getUpdates", times=2, accepted=True)
    async with polling(server, database, conversation) as running:
        await server.until(lambda: conversation.texts() == ["在吗"])
        await server.until(lambda: running.status.fault is None)


async def test_without_network_at_start_it_tries_again(database: Database):
    conversation = Committing()
    async with FakeTelegram() as server:
        port_is_free_again = server.url
    server = FakeTelegram()
    server.url = port_is_free_again
    async with polling(server, database, conversation) as running:
        await server.until(lambda: running.status.fault is Fault.UNREACHABLE)
        assert not running.task.done()


async def test_a_refused_token_is_told_and_tried_again_until_it_works(server: FakeTelegram, database: Database):
    conversation = Committing()
    async with polling(server, database, conversation) as running:
        await server.until(lambda: running.status.fault is None)
        server.revokes()
        server.user(7).sends("在吗")
        await server.until(lambda: running.status.fault is Fault.TOKEN_REFUSED)
        refused = len(server.calls)
        await server.until(lambda: len(server.calls) > refused + 2)
        assert running.status.fault is Fault.TOKEN_REFUSED
        server.heals()
        await server.until(lambda: conversation.texts() == ["在吗"])
        await server.until(lambda: running.status.fault is None)


async def test_who_is_refused_leaves_the_polling_to_a_process_with_the_new_token(
    server: FakeTelegram, database: Database
):
    conversation, new = Committing(), server.token
    async with polling(server, database, conversation) as old:
        await server.until(lambda: old.status.fault is None)
        server.token = f"{server.bot_id}:another"
        await server.until(lambda: old.status.fault is Fault.TOKEN_REFUSED)
        async with polling(server, database, conversation) as other:
            server.user(7).sends("在吗")
            await server.until(lambda: conversation.texts() == ["在吗"])
            assert other.status.fault is None
            assert old.status.fault is Fault.TOKEN_REFUSED
        server.token = new


def test_a_refused_token_is_tried_more_and_more_slowly():
    pauses = [Pace().pause(number, refused=True) for number in (1, 20)]
    assert pauses[0] <= 1.0
    assert 150 <= pauses[1] <= 300


async def test_a_webhook_set_before_is_deleted(server: FakeTelegram, database: Database):
    server.webhook = {"url": "http://127.0.0.1:9/"}
    conversation = Committing()
    server.user(7).sends("在吗")
    async with polling(server, database, conversation):
        await server.until(lambda: conversation.texts() == ["在吗"])
    assert server.webhook is None


async def test_of_two_pollers_one_stands_by_and_takes_over(server: FakeTelegram, database: Database):
    conversation = Committing()
    async with polling(server, database, conversation) as first:
        await server.until(lambda: first.status.fault is None)
        async with polling(server, database, conversation) as second:
            await server.until(lambda: second.status.fault is None)
            server.user(7).sends("一")
            await server.until(lambda: conversation.texts() == ["一"])
            assert not [call for call in server.called("getUpdates") if call.outcome == 409]
            first.poller.stop()
            await first.task
            server.user(7).sends("二")
            await server.until(lambda: conversation.texts() == ["一", "二"])


async def test_a_lease_that_ran_out_is_taken_over(server: FakeTelegram, database: Database):
    asleep = PollingLease(database, SystemClock(), name="telegram:4242", seconds=0.3)
    assert await asleep.take()
    assert not await PollingLease(database, SystemClock(), name="telegram:4242").take()
    conversation = Committing()
    async with polling(server, database, conversation):
        server.user(7).sends("在吗")
        await server.until(lambda: conversation.texts() == ["在吗"])
    assert await asleep.take()


async def test_stopping_acknowledges_what_is_committed(server: FakeTelegram, database: Database):
    conversation = Committing()
    gate = asyncio.Event()
    conversation.hold = lambda incoming: gate
    async with polling(server, database, conversation) as running:
        last = server.user(7).sends("在吗")
        await server.until(lambda: conversation.running)
        running.poller.stop()
        gate.set()
        await running.task
        assert conversation.texts() == ["在吗"]
        assert server.confirmed == last + 1
