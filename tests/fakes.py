"""Fakes at the ports: dialogues that stand for services, a sender that stands for a platform."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar

from jinja2 import DictLoader

from bot.app import App, Parts, Service, Services
from bot.background import supervise
from bot.dialogue import HandOver, Outcome, Turn
from bot.errors import UserFacingError
from bot.messages import Choice, Incoming, Reply
from bot.outbox import Outgoing, SentResult


@dataclass(frozen=True)
class Said(Reply):
    """Says `text`, through a template of its own."""

    template: ClassVar[str] = "fake/said"
    text: str

    @classmethod
    def sample(cls) -> Said:
        return cls("好")


@dataclass(frozen=True)
class FakeUnderstood:
    route: str
    urgent: bool = False


@dataclass
class FakePolicy:
    """Answers any question; counts its steps in its state, so that a step done twice would show."""

    name: str = "policy"
    steps: int = 0

    async def step(self, turn: Turn) -> Outcome:
        self.steps += 1
        count = int(turn.state.get("count", 0)) + 1
        state = {"count": count}
        if turn.pressed is not None:
            return Outcome((Said(f"按了 {turn.pressed.action} {dict(turn.pressed.data)}"),), state)
        words = turn.incoming.text
        if "坏" in words:
            raise RuntimeError(f"a fault that quotes {words}")
        if "没有" in words:
            raise UserFacingError("too_many")
        if "填表" in words:
            return Outcome(hand_over=HandOver("form", {"topic": words}), state=state)
        choices = (
            Choice("看原文", "policy:original", {"id": count}),
            Choice("问工作人员", "policy:human"),
            Choice("招渔民补多少"),
        )
        return Outcome((Said(f"第 {count} 答：{words}", choices=choices),), state)


class FakeForm:
    """A dialogue of two questions that stays open, and passes on what ends with a question mark."""

    name = "form"

    async def step(self, turn: Turn) -> Outcome:
        if turn.slots:
            return Outcome((Said(f"{turn.slots['topic']}。您叫什么？"),), {"step": "name"}, stays=True)
        if turn.incoming.text.endswith("？"):
            return Outcome(passed=True)
        if turn.state.get("step") == "name":
            return Outcome((Said("您住哪？"),), {"step": "place", "name": turn.incoming.text}, stays=True)
        return Outcome((Said(f"{turn.state['name']}，{turn.incoming.text}，记下了。"),), {})


def recognise(incoming: Incoming) -> FakeUnderstood:
    if "不想活" in incoming.text:
        return FakeUnderstood("crisis", urgent=True)
    return FakeUnderstood("offtopic" if "天气" in incoming.text else "policy")


def wire_fakes(parts: Parts) -> Services:
    service = Service(
        dialogues=(FakePolicy(), FakeForm()),
        replies=(Said,),
        routes={"policy": "policy", "crisis": "policy"},
        commands={"0": "policy:human", "人工": "policy:human"},
        menu=(Choice("查政策", "policy:menu"), Choice("我的资料", "policy:me")),
    )
    return Services(recognise, (service,), DictLoader({"replies/fake/said.txt": "{{ text }}"}))


async def eventually(condition: Callable[[], bool], *, within: float = 10.0) -> None:
    """Wait until the condition holds; fail after the deadline."""
    async with asyncio.timeout(within):
        while not condition():  # noqa: ASYNC110  # a test may wait for what sets no event
            await asyncio.sleep(0.01)


@dataclass
class FakeSender:
    """Keeps what was sent; first raises what it was given to raise."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    gate: asyncio.Event | None = None
    """While it is not set, sendings stay in flight."""

    async def send(self, outgoing: Outgoing) -> SentResult:
        if self.gate is not None:
            await self.gate.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((outgoing.address.key, outgoing.shown.text))
        self.at.append(asyncio.get_running_loop().time())
        return SentResult(str(len(self.sent)))

    def texts(self, chat: str | None = None) -> list[str]:
        return [text for to, text in self.sent if chat is None or to == chat]


@asynccontextmanager
async def sending(*apps: App) -> AsyncIterator[None]:
    """The background loops of these processes, as `serve` runs them."""
    loops = [loop for app in apps for loop in (app.courier.run, app.courier.settler.run, app.timers.run)]
    tasks = [asyncio.create_task(supervise("test", loop)) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
