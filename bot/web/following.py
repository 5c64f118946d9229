"""The event stream under a page that is open: looks again at every change, and tells what is another than before.

Listening is no sign of life: `tell` looks whether whoever listens is still signed in, and raises once they are not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from aiohttp import web

from bot.clock import Clock
from bot.database import Database
from bot.errors import UserFacingError
from bot.staff.models import Staff
from bot.staff.sessions import Ended, find_session

POLL_SECONDS = 2.0
"""How often one looks for what another process wrote, and whether anybody listens still."""
HEARTBEAT_SECONDS = 5.0
"""How often `tell` is asked though nothing is another; before anything is told it is asked anyhow."""
STILL_HERE = b": still here\n\n"
Mark = TypeVar("Mark")


class SignedOut(Exception):
    """The session of whoever listens has ended."""


async def who_listens(database: Database, token: str, clock: Clock) -> Staff:
    """Raises SignedOut."""
    async with database.reading() as session:
        found = await find_session(session, token, now=clock.now())
    if isinstance(found, Ended):
        raise SignedOut
    return found.staff


async def follow(
    request: web.Request,
    changed: asyncio.Event,
    closing: asyncio.Event,
    clock: Clock,
    *,
    seen: Mark,
    look: Callable[[], Awaitable[Mark]],
    tell: Callable[[Mark, Mark], Awaitable[bytes]],
) -> web.StreamResponse:
    """The answer to a request for a stream; it ends when the server stops, the browser leaves, or `tell` raises
    SignedOut or a refusal.

    `look`: one cheap question, asked at every change of anything; `tell`: what is there now and what was -> an event.
    """
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    looked = clock.wall()
    ending = asyncio.create_task(closing.wait())
    # Whoever leaves the page hears no more; so does who may no longer see it.
    with suppress(ConnectionError, UserFacingError, SignedOut):
        try:
            await response.write(b": open\n\n")
            while not ending.done() and request.transport is not None:
                changed.clear()  # before looking: what is committed while we look must wake us
                found = await look()
                if found != seen or clock.wall() > looked + HEARTBEAT_SECONDS:
                    looked = clock.wall()
                    await response.write(await tell(found, seen))
                    seen = found
                await _wait(changed, ending)
        finally:
            ending.cancel()
    return response


async def _wait(changed: asyncio.Event, ending: asyncio.Task[bool]) -> None:
    waking = asyncio.create_task(changed.wait())
    try:
        await asyncio.wait({waking, ending}, timeout=POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waking.cancel()
