"""A strict Bot API server on 127.0.0.1: what it accepts, Telegram would; what it refuses is recorded.

Tests drive it: `server.user(7).sends("…")`, `await server.expect_message(7)`,
`server.fails("sendMessage", 500)`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web

from tests.telegram.methods import HONEST_REFUSALS, Chats, Sent
from tests.telegram.schema import METHODS, ApiError, bad, read_parameters
from tests.telegram.users import User


@dataclass
class Call:
    """One request that reached us, in order."""

    method: str
    parameters: dict[str, Any]
    at: float
    outcome: int | str = "under way"
    """HTTP status, or `hung` and `dropped` where no answer left."""


@dataclass
class Fault:
    method: str
    code: int = 500
    times: int | None = 1
    """How often it strikes; None is for ever."""
    chat: int | None = None
    retry_after: int | None = None
    migrate_to: int | None = None
    description: str = "Internal Server Error"
    silent: str = ""
    """`hung` or `dropped`: no answer at all."""
    accepted: bool = False
    """The work was done before the answer was lost: the sender cannot know."""


@dataclass
class FakeTelegram(Chats):
    per_second: int | None = None
    per_chat_per_second: int | None = None
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """Methods, parameters and markup that Telegram does not know or we must not use."""
    webhook_answers: list[int] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    """Files that were asked for, by path; `hangs("download")` keeps one back."""
    confirmed: int = 0
    """Every update below this id was acknowledged by polling."""

    def __post_init__(self) -> None:
        self.faults: list[Fault] = []
        self.changed = asyncio.Event()
        self.seen: defaultdict[int, int] = defaultdict(int)
        self._poll: asyncio.Future[None] | None = None
        self._stamps: defaultdict[int | None, deque[float]] = defaultdict(deque)
        self._tasks: list[asyncio.Task[None]] = []

    # --- life

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=50 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._receive)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._tasks.append(asyncio.create_task(self._post_updates()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.cleanup()

    # --- what tests say

    def user(self, chat_id: int) -> User:
        return User(self, chat_id)

    def fails(self, method: str, code: int, **more: Any) -> None:
        self.faults.append(Fault(method, code, **more))

    def limits(self, method: str, seconds: int, **more: Any) -> None:
        self.fails(method, 429, retry_after=seconds, description=f"Too Many Requests: retry after {seconds}", **more)

    def hangs(self, method: str, **more: Any) -> None:
        self.faults.append(Fault(method, silent="hung", **more))

    def drops(self, method: str, **more: Any) -> None:
        self.faults.append(Fault(method, silent="dropped", **more))

    def blocks(self, chat_id: int) -> None:
        text = "Forbidden: bot was blocked by the user"
        self.fails("*", 403, chat=chat_id, times=None, description=text)

    def migrates(self, chat_id: int, new: int) -> None:
        """The group is a supergroup from now on; its old id is refused with the new one."""
        text = "Bad Request: group chat was upgraded to a supergroup chat"
        self.fails("*", 400, chat=chat_id, times=None, description=text, migrate_to=new)

    def revokes(self) -> None:
        self.fails("*", 401, times=None, description="Unauthorized")

    def heals(self) -> None:
        self.faults.clear()

    def push(self, update: dict[str, Any]) -> int:
        """An update waits for the bot; returns its id."""
        update_id = update.setdefault("update_id", self.number("update"))
        self.updates[update_id] = update
        self._wake()
        return int(update_id)

    def texts(self, chat_id: int) -> list[str]:
        return [message.text for message in self.sent if message.chat_id == chat_id]

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    async def until(self, condition: Callable[[], Any], *, deadline: float = 10.0, what: str = "") -> None:
        """Waits until `condition` holds; it is asked again whenever anything happens here."""
        end = time.monotonic() + deadline
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"not in {deadline} s: {what or condition}; last calls {self.calls[-5:]}")
            self.changed.clear()
            try:
                await asyncio.wait_for(self.changed.wait(), min(left, 0.1))
            except TimeoutError:
                continue

    async def expect_message(self, chat_id: int, containing: str = "", *, deadline: float = 10.0) -> Sent:
        """The next message in that chat not looked at yet; those without the words are passed over."""

        def fresh() -> Sent | None:
            own = [message for message in self.sent if message.chat_id == chat_id]
            for place, message in enumerate(own[self.seen[chat_id] :], self.seen[chat_id]):
                if containing in message.text:
                    found.append((place, message))
                    return message
            return None

        found: list[tuple[int, Sent]] = []
        await self.until(fresh, deadline=deadline, what=f"a message to {chat_id} with {containing!r}")
        self.seen[chat_id] = found[0][0] + 1
        return found[0][1]

    # --- the HTTP side

    def _wake(self) -> None:
        self.changed.set()
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        call = Call(method, {}, time.monotonic())
        self.calls.append(call)
        try:
            raw = await self._read(request)
            call.parameters = raw
            result = await self._answer(request, method, raw, call)
        except ApiError as error:
            call.outcome = error.code
            body: dict[str, Any] = {"ok": False, "error_code": error.code, "description": error.description}
            hints = {"retry_after": error.retry_after, "migrate_to_chat_id": error.migrate_to}
            if any(hints.values()):
                body["parameters"] = {name: value for name, value in hints.items() if value}
            return web.json_response(body, status=error.code)
        finally:
            self._wake_tests()
        call.outcome = 200
        return web.json_response({"ok": True, "result": result})

    def _wake_tests(self) -> None:
        self.changed.set()

    async def _read(self, request: web.Request) -> dict[str, Any]:
        if request.content_type == "application/json":
            parsed = await request.json()
            return parsed if isinstance(parsed, dict) else {}
        return {**request.query, **await request.post()}

    async def _answer(self, request: web.Request, method: str, raw: dict[str, Any], call: Call) -> Any:
        if request.match_info["token"] != self.token:
            raise ApiError(401, "Unauthorized")
        if method not in METHODS:
            self.violations.append(f"method {method} is not ours to use")
            raise ApiError(404, "Not Found")
        try:
            parameters = read_parameters(method, raw)
        except ApiError as error:
            self.violations.append(f"{method}: {error.description}")
            raise
        call.parameters = parameters
        fault = self._take_fault(method, parameters.get("chat_id"))
        if fault and not fault.silent:
            raise ApiError(fault.code, fault.description, retry_after=fault.retry_after, migrate_to=fault.migrate_to)
        if fault is None or fault.accepted:
            if method.startswith(("send", "edit")):
                self._count(parameters["chat_id"])
            result = await self._do(method, parameters, request)
        if fault:
            call.outcome = fault.silent
            self._wake_tests()
            if fault.silent == "hung":
                await asyncio.sleep(3600)
            assert request.transport is not None
            request.transport.abort()
            raise asyncio.CancelledError
        return result

    def _take_fault(self, method: str, chat_id: int | None) -> Fault | None:
        for fault in self.faults:
            hit = fault.method in ("*", method) and fault.chat in (None, chat_id)
            if hit and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def _count(self, chat_id: int) -> None:
        for key, limit in ((None, self.per_second), (chat_id, self.per_chat_per_second)):
            if limit is None:
                continue
            stamps, now = self._stamps[key], time.monotonic()
            while stamps and stamps[0] <= now - 1:
                stamps.popleft()
            if len(stamps) >= limit:
                raise ApiError(429, "Too Many Requests: retry after 1", retry_after=1)
            stamps.append(now)

    # --- methods

    async def _do(self, method: str, given: dict[str, Any], request: web.Request) -> Any:
        if method == "getUpdates":
            return await self._get_updates(given, request)
        try:
            return getattr(self, "_" + re.sub(r"(?=[A-Z])", "_", method).lower())(given)
        except ApiError as error:
            if error.code == 400 and not any(known in error.description for known in HONEST_REFUSALS):
                self.violations.append(f"{method}: {error.description}")
            raise

    async def _get_updates(self, given: dict[str, Any], request: web.Request) -> list[dict[str, Any]]:
        if self.webhook:
            text = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook first"
            raise ApiError(409, text)
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(
                ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )
            )
        offset, limit = given.get("offset", 0), given.get("limit", 100)
        if not 1 <= limit <= 100:
            raise bad("limit out of range")
        if offset < 0:
            offset = (sorted(self.updates)[offset:] or [0])[0]
        for update_id in [key for key in self.updates if key < offset]:
            del self.updates[update_id]
        self.confirmed = max(self.confirmed, offset)
        kinds = given.get("allowed_updates")
        if not self.updates and given.get("timeout"):
            self._poll = poll = asyncio.get_running_loop().create_future()
            await asyncio.wait([poll], timeout=given["timeout"])
            if poll.done():
                poll.result()
            poll.cancel()
        if request.transport is None or request.transport.is_closing():
            return []
        ready = [self.updates[key] for key in sorted(self.updates) if key >= offset]
        return [one for one in ready if not kinds or any(kind in one for kind in kinds)][:limit]

    async def _download(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != self.token or request.match_info["path"] not in self.files:
            return web.Response(status=404)
        self.downloads.append(path := request.match_info["path"])
        self._wake_tests()
        if self._take_fault("download", None):
            await asyncio.sleep(3600)
        return web.Response(body=self.files[path])

    # --- webhooks, posted in order and again until the bot says 200

    async def _post_updates(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            while True:
                if not self.webhook or not self.updates:
                    self.changed.clear()
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self.changed.wait(), 0.05)
                    continue
                first = min(self.updates)
                headers = {}
                if secret := self.webhook.get("secret_token"):
                    headers["X-Telegram-Bot-Api-Secret-Token"] = secret
                try:
                    async with session.post(self.webhook["url"], json=self.updates[first], headers=headers) as answer:
                        self.webhook_answers.append(answer.status)
                        if answer.status == 200:
                            self.updates.pop(first, None)
                            continue
                except (aiohttp.ClientError, TimeoutError):
                    self.webhook_answers.append(0)
                await asyncio.sleep(0.1)
