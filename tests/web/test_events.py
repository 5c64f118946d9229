"""The event stream: news as it comes, resumed without loss or repetition, never in the way of a stop."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bot.clock import FixedClock
from bot.settings import Settings
from bot.web.limits import Limits
from tests.web.conftest import Client, Site, open_client, serve


@asynccontextmanager
async def listening(client: Client, last: int | None = None, **params: str) -> AsyncIterator[aiohttp.StreamReader]:
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with client.http.get("/chat/events", headers=headers, params=params) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield response.content


async def read(stream: aiohttp.StreamReader, count: int) -> list[tuple[int, Any]]:
    """The next events, within a deadline."""
    events: list[tuple[int, Any]] = []
    seq = 0
    async with asyncio.timeout(10):
        while len(events) < count:
            line = (await stream.readline()).decode().rstrip("\n")
            name, _, value = line.partition(": ")
            if name == "id":
                seq = int(value)
            elif name == "data":
                events.append((seq, json.loads(value)))
    return events


async def say(client: Client, text: str) -> None:
    async with client.http.post("/chat/messages", json={"id": str(uuid.uuid4()), "text": text}) as response:
        assert response.status == 200


async def test_news_comes_as_it_is_said(client: Client) -> None:
    await say(client, "一")
    async with listening(client) as stream:
        await client.site.talk.push(client.address, "办好了")
        ((seq, message),) = await read(stream, 1)
    assert (seq, message["seq"], message["from"], message["text"]) == (3, 3, "staff", "办好了")
    assert client.site.talk.marked[client.address] == 3


async def test_broken_stream_resumes_without_loss_or_repetition(client: Client) -> None:
    seen: list[int] = []
    await say(client, "一")
    async with listening(client, last=0) as stream:
        seen += [seq for seq, _ in await read(stream, 2)]
    await say(client, "二")
    await client.site.talk.push(client.address, "三")
    async with listening(client, last=seen[-1]) as stream:
        seen += [seq for seq, _ in await read(stream, 3)]
        await say(client, "四")
        seen += [seq for seq, _ in await read(stream, 2)]
    assert seen == [1, 2, 3, 4, 5, 6, 7]


async def test_page_says_where_it_ended(client: Client) -> None:
    for text in ("一", "二"):
        await say(client, text)
    async with listening(client, after="2") as stream:
        assert [seq for seq, _ in await read(stream, 2)] == [3, 4]


async def test_two_windows_hear_the_same(client: Client) -> None:
    async with listening(client) as one, listening(client) as other:
        await say(client, "一")
        assert await read(one, 2) == await read(other, 2)


async def test_number_from_before_clearing_does_not_hide_what_comes(client: Client) -> None:
    async with listening(client, last=50) as stream:
        await say(client, "一")
        assert [seq for seq, _ in await read(stream, 2)] == [1, 2]


async def test_silence_is_filled_with_heartbeats(settings: Settings, clock: FixedClock) -> None:
    async with (
        serve(settings, clock, heartbeat=0.01) as site,
        open_client(site) as client,
        listening(client) as stream,
    ):
        async with asyncio.timeout(10):
            while not (await stream.readline()).startswith(b": "):
                pass


async def test_device_without_a_conversation_has_no_stream(site: Site) -> None:
    async with aiohttp.ClientSession() as http, http.get(f"{site.url}chat/events") as response:
        assert (response.status, (await response.json())["error"]) == (401, "no_conversation")


async def test_streams_of_one_conversation_are_limited_and_given_back(settings: Settings, clock: FixedClock) -> None:
    async with (
        serve(settings, clock, limits=Limits(streams=1), heartbeat=0.01) as site,
        open_client(site) as client,
    ):
        async with listening(client), client.http.get("/chat/events") as response:
            assert response.status == 429
        async with asyncio.timeout(10):
            while True:
                async with client.http.get("/chat/events") as response:
                    if response.status == 200:
                        break


@pytest.mark.parametrize("wrong", ["-1", "x", "99999999999999999999", "1.5"])
async def test_wrong_number_is_as_none(client: Client, wrong: str) -> None:
    await say(client, "一")
    async with listening(client, after=wrong) as stream:
        await say(client, "二")
        assert [seq for seq, _ in await read(stream, 2)] == [3, 4]


async def test_open_stream_does_not_hold_up_the_stop(settings: Settings, clock: FixedClock) -> None:
    async with asyncio.timeout(4):
        async with serve(settings, clock) as site, open_client(site) as client:
            response = await client.http.get("/chat/events")
            assert response.status == 200
            leaving = asyncio.create_task(response.read())
        await asyncio.gather(leaving, return_exceptions=True)
