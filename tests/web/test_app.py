"""The web chat over the real conversation and database: what is said there is what the page shows."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import aiohttp
import pytest

from bot import sqlite
from bot.app import App, build
from bot.channels.webchat import make_channel
from bot.clock import FixedClock
from bot.messages import Address
from bot.settings import Settings
from bot.web.server import WebServer, make_site
from tests.fakes import wire_fakes


@asynccontextmanager
async def served(app: App) -> AsyncIterator[aiohttp.ClientSession]:
    """A device that has opened the page of the whole program."""
    site = make_site(app)
    channel = make_channel(app)
    channel.add_routes(site)
    app.channels.append(channel)
    server = WebServer(site, app.settings)
    await server.start()
    try:
        async with aiohttp.ClientSession(server.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
            async with http.get("/") as response:
                assert response.status == 200
            yield http
    finally:
        await server.stop()


@pytest.fixture
async def device(app_on_each: App) -> AsyncIterator[aiohttp.ClientSession]:
    async with served(app_on_each) as http:
        yield http


async def post(http: aiohttp.ClientSession, **body: str) -> list[dict[str, Any]]:
    async with http.post("/chat/messages", json={"id": str(uuid.uuid4())} | body) as response:
        assert response.status == 200
        messages: list[dict[str, Any]] = (await response.json())["messages"]
        return messages


async def test_first_message_is_greeted_and_answered(device: aiohttp.ClientSession) -> None:
    own, greeting, answer = await post(device, text="招渔民补多少")
    assert [own["from"], greeting["from"], answer["from"]] == ["you", "bot", "bot"]
    assert [own["seq"], greeting["seq"], answer["seq"]] == [1, 2, 3]
    assert "上岸" in greeting["text"]
    assert answer["text"] == "第 1 答：招渔民补多少"


async def test_same_id_is_answered_from_the_same_rows(device: aiohttp.ClientSession) -> None:
    turn = {"id": str(uuid.uuid4()), "text": "招渔民补多少"}
    first = await post(device, **turn)
    assert await post(device, **turn) == first
    async with device.get("/chat/messages", params={"after": "0"}) as response:
        assert (await response.json())["messages"] == first


async def test_button_works_by_value_and_in_the_page(device: aiohttp.ClientSession) -> None:
    *_, answer = await post(device, text="招渔民补多少")
    value = answer["buttons"][0]["value"]
    own, reply = await post(device, value=value)
    assert (own["text"], reply["text"]) == ("看原文", "按了 policy:original {'id': 1}")
    async with device.post("/chat", data={"id": "p", "value": value}, headers={"Accept": "text/html"}) as response:
        page = await response.text()
    assert page.count('<button class="opt') == 3
    assert 'class="opt done"' in page


async def test_forged_button_gets_a_kind_reply(device: aiohttp.ClientSession) -> None:
    assert (await post(device, value="zz-000000"))[-1]["text"]


@pytest.mark.parametrize("text", ["", "长" * 20_000, "\0\x1b[2J", "😀😀", "\u202eabc", "\ud800", "<b>{{ 7*7 }}</b>'--"])
async def test_strange_words_are_answered_and_shown(device: aiohttp.ClientSession, text: str) -> None:
    body = json.dumps({"id": str(uuid.uuid4()), "text": text})
    async with device.post("/chat/messages", data=body) as response:
        assert response.status == 200
        assert (await response.json())["messages"][-1]["text"]
    async with device.get("/", headers={"Accept": "text/html"}) as response:
        assert response.status == 200
        assert "<b>{{" not in await response.text()


async def test_news_of_another_part_comes_by_the_stream(app_on_each: App) -> None:
    async with served(app_on_each) as http:
        own, *_ = await post(http, text="招渔民补多少")
        async with http.get("/chat/events", headers={"Last-Event-ID": str(own["seq"])}) as response:
            async with asyncio.timeout(10):
                seen = [line async for line in _ids(response.content, 2)]
        assert seen == [2, 3]


async def test_place_of_the_services_is_shown(settings: Settings, clock: FixedClock) -> None:
    async def place_of(_address: Address) -> str | None:
        return "洪湖市"

    def wire(parts: Any) -> Any:
        return replace(wire_fakes(parts), place_of=place_of, places=(("洪湖", "湖北"),))

    async with build(settings, clock=clock, wire=wire) as app, served(app) as http:
        async with http.get("/", headers={"Accept": "text/html"}) as response:
            page = await response.text()
            assert 'name="text" value="洪湖"' in page
        await post(http, text="招渔民补多少")
        async with http.get("/", headers={"Accept": "text/html"}) as response:
            assert "您问的是 <b>洪湖市</b>" in await response.text()


async def test_ready_asks_the_database(app: App) -> None:
    async with served(app) as http, http.get("/readyz") as response:
        assert (response.status, (await response.json())["ready"]) == (200, True)


async def _ids(stream: aiohttp.StreamReader, count: int) -> AsyncIterator[int]:
    while count:
        line = (await stream.readline()).decode()
        if line.startswith("id: "):
            count -= 1
            yield int(line[4:])


async def test_while_nothing_can_be_written_nothing_is_acknowledged_and_readyz_says_so(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_SECONDS", 0.1)
    turn = {"id": str(uuid.uuid4()), "text": "招渔民补多少"}
    async with served(app) as http:
        with sqlite3.connect(app.database.url.database or "", isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            async with http.post("/chat/messages", json=turn) as response:
                assert (response.status, response.headers["Retry-After"]) == (503, "5")
                assert (await response.json())["error"] == "busy"
            async with http.get("/readyz") as response:
                assert (await response.json())["faults"] == {"database": "SQLITE_BUSY"}
            other.execute("ROLLBACK")
        async with http.get("/readyz") as response:
            assert response.status == 200
        assert (await post(http, **turn))[-1]["text"] == "第 1 答：招渔民补多少"
