"""The real services for tests, over knowledge that is loaded once for each test process."""

from __future__ import annotations

from functools import cache

from bot.app import App, Parts, Services, wire_with
from bot.messages import Address, ChannelName, Incoming, Shown
from handlers.policy.knowing import Knowing, load_knowing


@cache
def knowing() -> Knowing:
    return load_knowing()


def wire_bureau(parts: Parts) -> Services:
    return wire_with(parts, knowing())


class Person:
    """Somebody who talks with the bot; remembers what was last shown."""

    def __init__(self, app: App, name: str = "person", region: str | None = None) -> None:
        self.app = app
        self.address = Address(ChannelName.TERMINAL, name)
        self.shown: list[Shown] = []
        self._region = region
        self._turns = 0

    async def say(self, text: str) -> list[Shown]:
        self._turns += 1
        hint = self._region if self._turns == 1 else None
        incoming = Incoming(self.address, f"event-{self._turns}", text, region_hint=hint)
        self.shown = await self.app.conversation.respond(incoming)
        return self.replies

    async def press(self, label: str) -> list[Shown]:
        """Press the newest button with these words."""
        values = [choice.value for message in self.shown for choice in message.choices if choice.label == label]
        assert values, f"no button {label}: {self.labels}"
        return await self.say(values[-1])

    @property
    def replies(self) -> list[Shown]:
        """What was said, without the greeting."""
        return [message for message in self.shown if message.template != "frame/greeting"]

    @property
    def templates(self) -> list[str]:
        return [message.template or "" for message in self.replies]

    @property
    def text(self) -> str:
        return "\n".join(message.text for message in self.replies)

    @property
    def labels(self) -> list[str]:
        return [choice.label for message in self.replies for choice in message.choices]

    async def place(self) -> str | None:
        """What the pages name as this person's place."""
        place_of = self.app.services.place_of
        assert place_of is not None
        return await place_of(self.address)
