"""Draws pages and pieces of the log from `templates/webchat`, in the look that a device's cookies ask for."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web
from markupsafe import Markup

from bot.clock import LOCAL
from bot.messages import Choice, ChoiceKind, Shown, Speaker
from bot.replies import make_environment
from bot.web.assets import Assets
from bot.web.files import PICTURES

SIZE_COOKIE = "shangan_size"
THEME_COOKIE = "shangan_theme"
THEMES = ("light", "dark")
WEEKDAYS = "一二三四五六日"
BULLETS = ("· ", "• ", "- ", "－")

DrawCard = Callable[[Shown], Markup | None]
OfficeOf = Callable[[str | None], object | None]
"""The office of a place, with name, phone, address and hours; None where nothing is known of it."""
"""The card of a stored reply, None where it has none and its words are shown."""


@dataclass(frozen=True)
class Look:
    """How this device wants its pages."""

    size: int = 1
    theme: str = ""

    @classmethod
    def of(cls, request: web.Request) -> Look:
        size = request.cookies.get(SIZE_COOKIE, "")
        theme = request.cookies.get(THEME_COOKIE, "")
        return cls(size=int(size) if size in {"2", "3"} else 1, theme=theme if theme in THEMES else "")


@dataclass(frozen=True)
class Option:
    """A choice as drawn: its number can also be typed."""

    number: int
    label: str
    value: str
    state: str
    """done, off or empty."""
    kind: ChoiceKind


@dataclass(frozen=True)
class Block:
    """A paragraph (lines) or a list (items) of plain words."""

    lines: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileLink:
    """A file that goes along with a message."""

    id: str
    """As `Shown.file` names it."""
    name: str
    """Perhaps empty."""
    is_picture: bool


@dataclass(frozen=True)
class Bubble:
    """One message of the log, ready to be drawn."""

    seq: int
    who: str
    """me, bot or human."""
    clock: str
    moment: str
    day: str
    day_words: str
    """Only on the first message of a day."""
    more: bool
    """The same voice goes on: no name again."""
    card: Markup | None
    blocks: tuple[Block, ...]
    choices: tuple[Option, ...]
    ratings: tuple[Option, ...]
    file: FileLink | None = None

    @property
    def short_choices(self) -> bool:
        return len(self.choices) > 2 and all(len(choice.label) <= 4 for choice in self.choices)

    @property
    def calm(self) -> bool:
        """Somebody is in danger: nothing may cover what the card says."""
        return self.card is not None and 'class="fig calm"' in self.card


class Pages:
    """All HTML of the chat; knows no database and no conversation."""

    def __init__(self, assets: Assets, draw_card: DrawCard) -> None:
        self._draw_card = draw_card
        self._environment = make_environment()
        self._environment.globals["asset"] = assets.url
        self._environment.filters["lines"] = _split_lines
        self.name_office(lambda _place: None)
        for name in ("base", "parts", "chat", "piece", "menu", "end", "privacy", "error"):
            self._environment.get_template(f"webchat/{name}.html")  # a broken template must stop the start

    def name_office(self, office_of: OfficeOf) -> None:
        """How the pages find the office of a place, to name it beside the chat."""
        self._environment.globals["office_of"] = office_of

    def draw(self, name: str, request: web.Request, **context: Any) -> str:
        """A whole page in this device's look, with a fresh id for what will be sent from it."""
        template = self._environment.get_template(f"webchat/{name}.html")
        return template.render(look=Look.of(request), form_id=str(uuid.uuid4()), **context)

    def piece(self, bubbles: Sequence[Bubble], *, older: int | None, changing: bool, place: str | None) -> str:
        """A piece of the log for a page that is already open."""
        template = self._environment.get_template("webchat/piece.html")
        return template.render(bubbles=bubbles, older=older, changing=changing, place=place)

    def draw_error(self, request: web.Request, text: str) -> str:
        """A page that says why not."""
        return self.draw("error", request, text=text)

    def error_text(self, code: str, data: Mapping[str, Any]) -> str:
        return self._environment.get_template(f"webchat/errors/{code}.txt").render(**data).strip()

    def bubbles(self, shown: Sequence[Shown]) -> list[Bubble]:
        """Stored messages as bubbles: days apart, names once, a choice that was taken ticked."""
        drawn: list[Bubble] = []
        before: Shown | None = None
        ratings = frozenset(choice.label for message in shown for choice in message.choices if choice.kind.rates)
        for index, message in enumerate(shown):
            drawn.append(self._bubble(message, before, _said_after(shown, index), ratings))
            before = message
        return drawn

    @staticmethod
    def json(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def _bubble(self, message: Shown, before: Shown | None, later: Sequence[str], ratings: frozenset[str]) -> Bubble:
        at = message.at.astimezone(LOCAL)
        new_day = before is None or before.at.astimezone(LOCAL).date() != at.date()
        options = [_option(number, choice, later, ratings) for number, choice in enumerate(message.choices, start=1)]
        card = self._draw_card(message) if message.speaker is Speaker.BOT else None
        # Ratings stand under an answer; a card that holds the clause needs no button that sends for it.
        apart = {ChoiceKind.USEFUL, ChoiceKind.USELESS}
        if card is not None and 'class="orig"' in card:
            apart.add(ChoiceKind.CLAUSE)
        return Bubble(
            seq=message.seq,
            who={Speaker.YOU: "me", Speaker.BOT: "bot", Speaker.STAFF: "human"}[message.speaker],
            clock=clock_words(at),
            moment=at.isoformat(timespec="minutes"),
            day=at.date().isoformat(),
            day_words=day_words(at) if new_day else "",
            more=not new_day and before is not None and before.speaker is message.speaker,
            card=card,
            blocks=() if card is not None else tuple(split_blocks(message.text)),
            choices=tuple(option for option in options if option.kind not in apart),
            ratings=tuple(option for option in options if option.kind.rates),
            file=_file_of(message),
        )


PAGES = web.AppKey("PAGES", Pages)


def clock_words(at: datetime) -> str:
    """上午 9:05, 晚上 11:20: as people say it."""
    for until, word in ((6, "凌晨"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上")):
        if at.hour < until:
            return f"{word} {at.hour if at.hour < 13 else at.hour - 12}:{at.minute:02}"
    raise AssertionError(at)


def day_words(at: datetime) -> str:
    return f"{at.month}月{at.day}日 星期{WEEKDAYS[at.weekday()]}"


def split_blocks(text: str) -> list[Block]:
    """Plain words as paragraphs and lists, so that they read as well as a card."""
    blocks: list[Block] = []
    for paragraph in text.split("\n\n"):
        lines: list[str] = []
        items: list[str] = []
        for line in filter(None, (line.strip() for line in paragraph.splitlines())):
            if line.startswith(BULLETS):
                items.append(line.lstrip("·•-－ "))
            elif items:
                blocks += [Block(lines=tuple(lines))] if lines else []
                blocks.append(Block(items=tuple(items)))
                lines, items = [line], []
            else:
                lines.append(line)
        blocks += [Block(lines=tuple(lines))] if lines else []
        blocks += [Block(items=tuple(items))] if items else []
    return blocks


def _file_of(message: Shown) -> FileLink | None:
    if not message.file:
        return None
    data = message.data
    return FileLink(message.file, str(data.get("file_name", "")), data.get("media_type") in PICTURES)


def _option(number: int, choice: Choice, later: Sequence[str], ratings: frozenset[str]) -> Option:
    """A choice after which something else was said is history: ticked if it was the one, else quieter."""
    rating = choice.kind.rates
    # To rate an answer is not to go on from it: its next steps stay open.
    said = next((words for words in later if (words in ratings) is rating), None)
    taken = said is not None and said in {choice.label, choice.value, str(number)}
    state = "done" if taken else "off" if choice.quiet or (said is not None and not rating) else ""
    return Option(number=number, label=choice.label, value=choice.value, state=state, kind=choice.kind)


def _said_after(shown: Sequence[Shown], index: int) -> list[str]:
    return [later.text.strip() for later in shown[index + 1 :] if later.speaker is Speaker.YOU]


def _split_lines(text: str) -> list[str]:
    return [line for line in str(text).splitlines() if line.strip()]
