"""What the addresses of the supervisor's page ask for: a time, a place, a category, a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from bot.clock import LOCAL
from bot.errors import UserFacingError
from bot.staff.models import Staff
from bot.staff.roles import is_region_id
from handlers.tickets.areas import Place
from handlers.tickets.board_counting import NOBODY, Asked, Cut
from handlers.tickets.figures import NOW, Figure, Length, Period
from handlers.tickets.ticket import Category

BOARD, ROWS = "/staff/board", "/staff/board/rows"
T = TypeVar("T", bound=StrEnum)
FIRST_DAY = date(2000, 1, 1)
NONE = "none"
ALL = Cut()


class BadFilter(UserFacingError):
    """There is no such time, place, category or figure, or it is not theirs. Data: name."""

    code = "bad_filter"


class By(StrEnum):
    """How the table at the end is divided."""

    REGION = "region"
    CATEGORY = "category"
    WEEK = "week"


@dataclass(frozen=True)
class Question:
    period: Period
    cut: Cut = ALL
    by: By = By.REGION
    figure: Figure = Figure.RECEIVED

    @property
    def asked(self) -> Asked:
        return Asked(self.figure, self.period.span)

    def narrow(
        self,
        *,
        place: Place | None = None,
        category: Category | None = None,
        handler: int | None = None,
        period: Period | None = None,
    ) -> Question:
        """The same for a part of it."""
        cut = Cut(place or self.cut.place, category or self.cut.category, handler)
        return replace(self, cut=cut, period=period or self.period)

    def rows(self, figure: Figure) -> str:
        """Where the tickets behind a figure are listed."""
        query = {"figure": str(figure), **({} if figure in NOW else self._time), **self.cut_query}
        return f"{ROWS}?{urlencode(query)}"

    def board(self, *, period: Period | None = None, by: By | None = None) -> str:
        """The board itself, at another time or divided otherwise."""
        asked = replace(self, period=period or self.period, by=by or self.by)
        return f"{BOARD}?{urlencode({**asked._time, **asked.cut_query, 'by': str(asked.by)})}"

    @property
    def query(self) -> str:
        """All of it, for a page that lists or exports the same tickets."""
        return urlencode({"figure": str(self.figure), **self._time, **self.cut_query})

    @property
    def _time(self) -> dict[str, str]:
        return {"period": str(self.period.length), "day": self.period.day.isoformat()}

    @property
    def cut_query(self) -> dict[str, str]:
        """Place, category and hands, as an address names them."""
        found: dict[str, str] = {}
        if (place := self.cut.place) is not None:
            found["place" if place.alone or place.code is None else "region"] = place.code or NONE
        if self.cut.category is not None:
            found["category"] = str(self.cut.category)
        if self.cut.handler is not None:
            found["handler"] = NONE if self.cut.handler == NOBODY else str(self.cut.handler)
        return found


def read_question(query: Mapping[str, str], staff: Staff, *, now: datetime) -> Question:
    """Raises BadFilter: what is not understood must not show more than was asked for."""
    today = now.astimezone(LOCAL).date()
    length = _one_of(Length, query, "period") or Length.WEEKS
    cut = Cut(_read_place(query, staff), _one_of(Category, query, "category"), _read_handler(query))
    figure = _one_of(Figure, query, "figure") or Figure.RECEIVED
    return Question(Period(length, read_day(query, "day", today)), cut, _one_of(By, query, "by") or By.REGION, figure)


def _one_of(kind: type[T], query: Mapping[str, str], name: str) -> T | None:
    word = query.get(name, "")
    if not word:
        return None
    try:
        return kind(word)
    except ValueError:
        raise BadFilter(name=name) from None


def read_day(query: Mapping[str, str], name: str, today: date) -> date:
    """Today where none is named. Raises BadFilter."""
    word = query.get(name, "")
    if not word:
        return today
    try:
        day = date.fromisoformat(word)
    except ValueError:
        raise BadFilter(name=name) from None
    if not FIRST_DAY <= day <= today + timedelta(days=366):
        raise BadFilter(name=name)
    return day


def _read_place(query: Mapping[str, str], staff: Staff) -> Place | None:
    region, place = query.get("region", ""), query.get("place", "")
    if place == NONE:
        return Place(None)
    code = place or region
    if not code:
        return None
    if not is_region_id(code) or not staff.scope.covers(code):
        raise BadFilter(name="region")
    return Place(code, alone=bool(place))


def _read_handler(query: Mapping[str, str]) -> int | None:
    word = query.get("handler", "")
    if word == NONE:
        return NOBODY
    if not word:
        return None
    if not (word.isascii() and word.isdecimal() and 0 < len(word) <= 15):
        raise BadFilter(name="handler")
    return int(word)
