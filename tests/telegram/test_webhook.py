"""The webhook says 200 only after commit, and refuses what is not from Telegram."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.channels.telegram.api import Api
from bot.channels.telegram.reception import Reception
from bot.channels.telegram.status import Fault, Status
from bot.channels.telegram.webhook import BODY_LIMIT, SECRET_HEADER, Webhook
from tests.telegram.server import FakeTelegram
from tests.telegram.test_polling import QUICK, Committing

SECRET = "a-secret_of-the_test"
UPDATE = {
    "update_id": 5,
    "message": {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "我的身份证丢了"},
}


@dataclass
class Site:
    url: str
    webhook: Webhook
    status: Status
    conversation: Committing

    async def post(self, body: Any, *, secret: str | None = SECRET) -> int:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=data, headers=headers) as answer,
        ):
            return answer.status


@asynccontextmanager
async def serving(server: FakeTelegram) -> AsyncIterator[Site]:
    site = web.Application()
    runner = web.AppRunner(site, shutdown_timeout=0.1)
    api = Api(token=server.token, root=server.url)
    conversation, status = Committing(), Status()
    reception = Reception(api, conversation.respond, bot_id=str(server.bot_id))
    parts: list[Webhook] = []

    async def handle(request: web.Request) -> web.Response:
        return await parts[0].handle(request)

    site.router.add_post("/telegram/updates", handle)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/updates"
    parts.append(Webhook(api, reception, status, url=url, secret=SECRET, pace=QUICK))
    try:
        yield Site(url, parts[0], status, conversation)
    finally:
        await reception.close()
        await runner.cleanup()
        await api.close_connections()


@pytest.fixture
async def site(server: FakeTelegram) -> AsyncIterator[Site]:
    async with serving(server) as running:
        yield running


async def test_telegram_is_told_where_to_post_and_posts_there(server: FakeTelegram, site: Site):
    await site.webhook.run()
    assert site.webhook.path == "/telegram/updates"
    server.user(7).sends("招人补贴多少")
    await server.until(lambda: not server.updates)
    assert site.conversation.texts() == ["招人补贴多少"]
    assert server.webhook_answers == [200]
    assert site.status.fault is None


async def test_telegram_is_told_again_until_it_hears(server: FakeTelegram, site: Site):
    server.fails("setWebhook", 500, times=2)
    await site.webhook.run()
    assert server.webhook is not None
    assert site.status.fault is None


async def test_a_refused_token_is_told_and_tried_again(server: FakeTelegram, site: Site):
    server.revokes()
    telling = asyncio.create_task(site.webhook.run())
    await server.until(lambda: site.status.fault is Fault.TOKEN_REFUSED)
    server.heals()
    await telling
    assert server.webhook is not None
    assert site.status.fault is None


async def test_200_comes_only_after_the_commit(server: FakeTelegram, site: Site):
    gate = asyncio.Event()
    site.conversation.hold = lambda incoming: gate
    posting = asyncio.create_task(site.post(UPDATE))
    await server.until(lambda: site.conversation.running)
    assert not posting.done()
    gate.set()
    assert await posting == 200
    assert site.conversation.texts() == ["我的身份证丢了"]


async def test_500_when_it_could_not_commit_and_telegram_posts_again(server: FakeTelegram, site: Site):
    await site.webhook.run()
    site.conversation.failures["在吗"] = 2
    server.user(7).sends("在吗")
    await server.until(lambda: not server.updates)
    assert server.webhook_answers == [500, 500, 200]
    assert site.conversation.texts() == ["在吗"]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "密"])
async def test_a_wrong_secret_is_refused_and_its_body_is_not_logged(
    site: Site, secret: str | None, capsys: pytest.CaptureFixture[str]
):
    assert await site.post(UPDATE, secret=secret) == 403
    assert site.conversation.committed == []
    logged = "".join(capsys.readouterr())
    assert "telegram_webhook_wrong_secret" in logged
    assert "身份证" not in logged


async def test_a_body_over_one_megabyte_is_refused(site: Site):
    assert await site.post(b" " * (BODY_LIMIT + 1)) == 413
    assert await site.post(json.dumps(UPDATE).encode().ljust(BODY_LIMIT)) == 200


async def test_a_long_body_of_unknown_length_is_refused(site: Site):
    async def pour() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100_000

    headers = {SECRET_HEADER: SECRET}
    async with aiohttp.ClientSession() as session, session.post(site.url, data=pour(), headers=headers) as it:
        assert it.status == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"{}",
        b'{"update_id":"5"}',
        b'{"update_id":true}',
        b"\xff\xfe",
        b"[" * 9999,
    ],
)
async def test_a_malformed_body_is_refused(site: Site, body: bytes):
    assert await site.post(body) == 400
    assert site.conversation.committed == []


@pytest.mark.parametrize("update", [{"update_id": 5}, {"update_id": 5, "message": 3}, {"update_id": 5, "poll": {}}])
async def test_an_update_without_a_user_is_taken_and_passed_over(site: Site, update: dict[str, Any]):
    assert await site.post(update) == 200
    assert site.conversation.committed == []


async def test_the_same_update_twice_is_one_message(site: Site):
    assert [await site.post(UPDATE), await site.post(UPDATE)] == [200, 200]
    assert len(site.conversation.committed) == 1
