"""A typed reply -> the words every medium shows (`<key>.txt`) and the card the web draws (`<key>.html`).

Built once by `bot.app` over the package `templates`; `check()` at start refuses a template that does not
parse or that uses a name its reply does not declare.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache, lru_cache
from types import CodeType
from typing import Any

from jinja2 import (
    BaseLoader,
    BytecodeCache,
    ChoiceLoader,
    Environment,
    PackageLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
)
from jinja2.bccache import Bucket
from jinja2.meta import find_undeclared_variables
from markupsafe import Markup

from bot.clock import LOCAL
from bot.errors import StartupError
from bot.messages import Reply, Shown

CARD_NAMES = frozenset({"text", "choices", "seq", "at"})
"""What every card may use beside the fields of its reply."""


class ReplyBook:
    """All wording of the replies, by template key such as `policy/answer`."""

    def __init__(self, kinds: Iterable[type[Reply]] = ()) -> None:
        self.kinds = {kind.template: kind for kind in kinds}
        self.environment = make_environment()

    def add(self, kinds: Iterable[type[Reply]]) -> None:
        """A service's kinds of replies."""
        self.kinds |= {kind.template: kind for kind in kinds}

    def add_templates(self, more: BaseLoader) -> None:
        """Templates from elsewhere, for tests."""
        assert self.environment.loader is not None
        self.environment.loader = ChoiceLoader([self.environment.loader, more])

    def word(self, reply: Reply, data: Mapping[str, Any] | None = None) -> str:
        """The reply as text, the same on every channel; `data` is `to_data(reply)`, where the caller has it."""
        if self.kinds.get(reply.template) is not type(reply):
            raise LookupError(f"{type(reply).__name__} ({reply.template}) was not given to the ReplyBook")
        return self._render(f"replies/{reply.template}.txt", to_data(reply) if data is None else data)

    def word_error(self, code: str, data: Mapping[str, Any]) -> str:
        """The words for a UserFacingError; raises if there is no such template or a name is missing."""
        return self._render(f"replies/errors/{code}.txt", data)

    def card(self, shown: Shown) -> Markup | None:
        """The card of a stored message; None where the text is all there is (old data, no template, plain words)."""
        if shown.template is None:
            return None
        try:
            template = self.environment.get_template(f"replies/{shown.template}.html")
            return Markup(  # noqa: S704  # rendered with autoescape on
                template.render(shown.data, text=shown.text, choices=shown.choices, seq=shown.seq, at=shown.at)
            )
        except TemplateError:
            # Stored data may be older than the card; the words always stand.
            return None

    def faults(self) -> list[str]:
        """Everything that is wrong with the templates, one line each."""
        faults: list[str] = []
        for kind in self.kinds.values():
            fields = {field.name for field in dataclasses.fields(kind)} - {"choices"}
            faults += self._faults_of(f"replies/{kind.template}.txt", fields, needed=True)
            faults += self._faults_of(f"replies/{kind.template}.html", fields | CARD_NAMES, needed=False)
        for name in self.environment.list_templates():
            if name.startswith("replies/errors/") and name.endswith((".txt", ".html")):
                faults += self._faults_of(name, None, needed=True)
        return faults

    def check(self) -> None:
        """Refuse to start over faulty templates."""
        if faults := self.faults():
            raise StartupError("\n".join(["faults in the templates:", *faults]), exit_code=2)

    def _faults_of(self, name: str, allowed: set[str] | frozenset[str] | None, *, needed: bool) -> list[str]:
        loader = self.environment.loader
        assert loader is not None
        try:
            source = loader.get_source(self.environment, name)[0]
            self.environment.get_template(name)
        except TemplateNotFound:
            return [f"  - templates/{name}: missing"] if needed else []
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            return [f"  - templates/{name}{f', line {line}' if line else ''}: {error}"]
        if allowed is None:
            return []
        strange = sorted(_names_in(source) - allowed - set(self.environment.globals))
        return [f"  - templates/{name}: uses {word}, which its reply does not declare" for word in strange]

    def _render(self, name: str, data: Mapping[str, Any]) -> str:
        text = self.environment.get_template(name).render(data)
        lines = [line.rstrip() for line in text.strip().splitlines()]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


class CompiledOnce(BytecodeCache):
    """Templates as this process has compiled them: replies, chat and console draw from the same files."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}
        """By name and by checksum of the words: one of other words is compiled anew."""

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[bucket.key, bucket.checksum] = bucket.code


class ReadOnce(PackageLoader):
    """The templates of the package, each file read once: what runs goes on with the words it was started with."""

    def __init__(self) -> None:
        super().__init__("templates", "")
        self._read: dict[str, tuple[str, str, Callable[[], bool] | None]] = {}

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        if (found := self._read.get(template)) is None:
            found = self._read[template] = super().get_source(environment, template)
        return found


@cache
def _compiled() -> CompiledOnce:
    return CompiledOnce()


@cache
def _package() -> ReadOnce:
    return ReadOnce()


@cache
def _plain() -> Environment:
    """To read templates with."""
    return make_environment()


@lru_cache(maxsize=2_000)
def _names_in(source: str) -> frozenset[str]:
    """The names a template takes from outside."""
    return frozenset(find_undeclared_variables(_plain().parse(source)))


def make_environment() -> Environment:
    """Jinja2 over all templates; strict about unknown names, escaping in .html."""
    environment = Environment(
        loader=_package(),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701  # .txt is no HTML
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled(),
    )
    environment.filters["day"] = _say_day
    environment.filters["moment"] = _say_moment
    environment.filters["minute"] = _say_minute
    environment.filters["when"] = _say_when
    return environment


def to_data(reply: Reply) -> dict[str, Any]:
    """A reply's fields as JSON values: what its templates may use, and what is stored. Buttons go apart."""
    return {
        field.name: _to_json(getattr(reply, field.name))
        for field in dataclasses.fields(reply)
        if field.name != "choices"
    }


def _to_json(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return str(value)  # a StrEnum becomes its word
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): _to_json(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_to_json(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    raise TypeError(f"a reply cannot hold a {type(value).__name__}")


_WEEKDAYS = "一二三四五六日"


def _say_day(value: str | date) -> str:
    """`2026-12-01` -> 12月1日（星期二）."""
    day = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{day.month}月{day.day}日（星期{_WEEKDAYS[day.weekday()]}）"


def _say_minute(value: str | datetime) -> str:
    """An aware time -> 12月1日 9:20, where many stand below each other."""
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(LOCAL)
    return f"{at.month}月{at.day}日 {at.hour}:{at.minute:02}"


def _say_when(value: datetime, now: datetime) -> str:
    """An aware time, as somebody says it who is at work now: 今天 9:20, 昨天 16:05, 11月24日 10:14."""
    at, today = value.astimezone(LOCAL), now.astimezone(LOCAL).date()
    named = {-1: "昨天", 0: "今天", 1: "明天"}.get((at.date() - today).days, f"{at.month}月{at.day}日")
    year = "" if at.year == today.year else f"{at.year}年"
    return f"{year}{named} {at.hour}:{at.minute:02}"


def _say_moment(value: str | datetime) -> str:
    """An aware time -> 12月1日（星期二）9:20, as the clock on the wall shows it."""
    at = (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(LOCAL)
    return f"{_say_day(at.date())}{at.hour}:{at.minute:02}"
