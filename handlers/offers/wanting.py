"""What somebody wants of offers, in their own words -> what to look for, and what to do (words.yaml). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from bot.clock import LOCAL
from handlers.offers.days import find_day
from handlers.offers.offer import Kind
from handlers.offers.when import read_when
from handlers.people.reading import Reader
from handlers.people.trades import load_trades
from knowledge.faults import read_yaml
from knowledge.language import plain
from knowledge.regions import Regions

Shape = re.Pattern[str]
CODE = re.compile(r"(?<![\d.])([1-9]\d{3,5})(?!\d|\.\d|元|块|年|以上|往上|左右|起|一个?月|个?人)")
BY_CODE = re.compile(r"(?:报名|报|取消报名|取消|退掉|退出|退)\s*[:：#号]*\s*([1-9]\d{3,5})(?!\d|元|块)")


FREE, FEE = "free", "fee"
"""Features: 免费的 asks for no fee, 要几多钱 for what it is."""
OF_WORK = frozenset({"daily", "light", "short", "day", "couple"})
"""Features that no course has."""
MOST_REST = 1
"""Characters of words that only add to a wish which may be read as nothing."""
FEW_WORDS = 28
"""Characters of a message that adds to the one before; a longer one says all anew."""


class Act(StrEnum):
    """What they want done."""

    REGISTER = "register"
    CANCEL = "cancel"
    MINE = "mine"
    MORE = "more"
    TELL = "tell"
    YES = "yes"
    NO = "no"
    STOP = "stop"


@dataclass(frozen=True)
class Words:
    """The shapes of words.yaml."""

    acts: Mapping[Act, Shape]
    drop: Shape
    drops_named: Shape
    bare_drop: Shape
    of_messages: Shape
    swaps: Shape
    with_me: Shape
    once: Shape
    stays: Shape
    theirs: Shape
    brings: Shape
    no_contact: Shape
    their_word: Shape
    their_no: Shape
    asks_for: Shape
    of_policy: Shape
    asks_whether: Shape
    picked: Shape
    aspects: Mapping[str, Shape]
    kinds: Mapping[Kind, Shape]
    features: Mapping[str, Shape]
    relations: Mapping[str, Shape]
    hires: Shape
    near: Shape
    away: Shape
    earlier: Shape
    together: Shape
    comes: Shape
    how_many: Shape
    other_trade: Shape
    no_trade: Shape
    tens: Shape
    for_whom: Shape
    pronoun: Shape
    oneself: Shape
    grumbles: Shape
    too_hard: Shape
    adding: Shape
    both: Shape
    has_learned: Shape
    that_one: Shape
    by_day: Shape
    only_there: Shape
    signs: Shape
    years: Shape
    any_trade: frozenset[str]


SHAPES = (
    *("hires", "drop", "drops_named", "bare_drop", "of_messages", "once", "near", "away", "earlier"),
    *("stays", "theirs", "no_contact", "their_no", "asks_for", "of_policy", "asks_whether", "picked"),
    *("together", "comes", "how_many", "tens", "other_trade", "no_trade"),
    *("oneself", "grumbles", "too_hard", "adding", "both", "has_learned", "that_one", "by_day"),
    *("only_there", "signs", "years"),
)
ASKS_HOW = re.compile("怎么(?!办)|如何|为什么|凭什么|哪里|被")
OF_RELATIONS = ("for_whom", "swaps", "brings", "with_me", "their_word")
"""Shapes in which R stands for whoever belongs to the asker."""
YEARS = range(14, 96)
"""Ages of whoever may come."""


@cache
def load_words() -> Words:
    data: dict[str, Any] = read_yaml((files("handlers.offers") / "words.yaml").read_text("utf-8"))
    return Words(
        acts={Act(name): re.compile(shape) for name, shape in data["acts"].items()},
        aspects={name: re.compile(shape) for name, shape in data["aspects"].items()},
        kinds={Kind(name): re.compile(shape) for name, shape in data["kinds"].items()},
        features={name: re.compile(shape) for name, shape in data["features"].items()},
        relations={name: re.compile(shape) for name, shape in data["relations"].items()},
        any_trade=frozenset(data["any_trade"]),
        **{name: re.compile(data[name].replace("R", "|".join(data["relations"].values()))) for name in OF_RELATIONS},
        pronoun=re.compile(data["pronoun"]),
        **{name: re.compile(data[name]) for name in SHAPES},
    )


@dataclass(frozen=True)
class Sought:
    """What to look for. JSON by `to_data`; `sought_from` is the way back."""

    kinds: tuple[Kind, ...]
    trades: tuple[str, ...] = ()
    other: str = ""
    """A trade that is not in the table, in their own words."""
    pay_from: int | None = None
    features: tuple[str, ...] = ()
    place: str | None = None
    """A place that was named, other than their own."""
    lives: str | None = None
    """Where they live, as they said in the same breath."""
    near: bool = False
    away: bool = False
    """They would go elsewhere."""
    start: datetime | None = None
    end: datetime | None = None
    age: int | None = None
    """Years of whoever is to come, as they were said."""
    words: str = ""

    @property
    def adds(self) -> bool:
        """Whether the words hold anything to look for."""
        return any(
            (self.trades, self.other, self.pay_from, self.features, self.place, self.start, self.near, self.away)
        )

    @property
    def only_adds(self) -> bool:
        """Pay, days, a place and no trade: that goes on with what was looked for."""
        return self.adds and not (self.trades or self.other) and len(self.words) <= FEW_WORDS

    def to_data(self) -> dict[str, Any]:
        data = asdict(self) | {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
        }
        return {name: list(map(str, value)) if isinstance(value, tuple) else value for name, value in data.items()}


def sought_from(data: Mapping[str, Any]) -> Sought:
    read: dict[str, Any] = dict(data)
    read["kinds"] = tuple(map(Kind, data["kinds"]))
    read |= {name: tuple(data[name]) for name in ("trades", "features")}
    read |= {name: datetime.fromisoformat(data[name]) if data[name] else None for name in ("start", "end")}
    return Sought(**read)


@dataclass(frozen=True)
class Party:
    """Who is to come."""

    relation: str = ""
    """Whose, where not the asker themselves; name of `relation` in labels.yaml."""
    people: int = 1
    """0: many, and nobody said how many."""


class Wanting:
    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._reader = Reader(regions)

    def read(self, words: str, kinds: Sequence[Kind], *, home: str | None, now: datetime) -> Sought:
        """`kinds`: what the recognised route stands for; what the words name goes before it."""
        said, shapes = plain(words), load_words()
        without = self._without_places(said, home)
        # 峰口的 narrows what was looked for; 我是峰口的 says where they live.
        narrows = home is not None and without != said and shapes.only_there.match(without)
        lives = None if narrows else self._reader.read(words, today=now.astimezone(LOCAL).date(), home=home).region
        span = read_when(words, now)
        dated = span is not None and span.last >= now
        trades = trades_in(words)
        wanted = _kinds(said, kinds, named=bool(trades))
        return Sought(
            kinds=wanted,
            trades=trades,
            other=other_trade_in(without) if Kind.COURSE in wanted and not trades else "",
            pay_from=self.pay_in(words),
            features=_features(words, wanted),
            place=self._place(said, [one for one in (home, lives) if one]),
            lives=lives,
            near=bool(shapes.near.search(said)),
            away=bool(shapes.away.search(said)),
            start=span.start if span and dated else None,
            end=span.last if span and dated else None,
            age=age_in(said),
            words=words[:80],
        )

    def pay_in(self, words: str) -> int | None:
        """Yuan a month at least."""
        return self._reader.pay(words)

    def only_adds(self, words: str, *, home: str | None, now: datetime) -> bool:
        """Whether words hold nothing but pay, days and places: 四五千的也行, 武汉的也可以, 工资七千左右."""
        sought = self.read(words, (Kind.VACANCY,), home=home, now=now)
        if not sought.only_adds:
            return False
        rest = self._without_places(plain(words), home)
        if (day := find_day(rest, now.astimezone(LOCAL).date())) is not None:
            rest = rest[: day[1]] + rest[day[2] :]
        shapes = load_words()
        for shape in (*shapes.features.values(), shapes.near, shapes.away, shapes.adding):
            rest = shape.sub("", rest)
        return len(rest) <= MOST_REST

    def _without_places(self, said: str, home: str | None) -> str:
        for mention in reversed(self._regions.find(said, near=home)):
            said = said[: mention.start] + said[mention.end :]
        return said

    def _place(self, said: str, theirs: Sequence[str]) -> str | None:
        """A place that is named and is not simply their own, or what theirs lies in."""
        codes = [mention.code for mention in self._regions.find(said, near=theirs[0] if theirs else None)]
        codes = [code for code in codes if not any(self._regions.is_within(own, code) for own in theirs)]
        return max(codes, key=lambda code: len(self._regions.ancestors(code)), default=None)


def features_in(words: str) -> tuple[str, ...]:
    """What else is wished for: 包吃住的. What a course costs is asked, and no wish (`_features`)."""
    said = plain(words)
    return tuple(name for name, shape in load_words().features.items() if name != FEE and shape.search(said))


def _features(words: str, kinds: Sequence[Kind]) -> tuple[str, ...]:
    found = tuple(name for name in features_in(words) if Kind.VACANCY in kinds or name not in OF_WORK)
    asks_fee = Kind.COURSE in kinds and FREE not in found and load_words().features[FEE].search(plain(words))
    return (*found, FEE) if asks_fee else found


def age_in(said: str) -> int | None:
    """Years of whoever is to come: 我爸63了, 55的女的."""
    ages = (int(next(filter(None, found.groups()))) for found in load_words().years.finditer(said))
    return next((age for age in ages if age in YEARS), None)


def days_in(words: str, now: datetime) -> tuple[date, date] | None:
    """The first and last day by which words name an offer: 12月5号那个; 今天还能报吗 names none."""
    said = plain(words)
    found = find_day(said, now.astimezone(LOCAL).date())
    return found[0] if found and load_words().by_day.match(said, found[2]) else None


def trades_in(words: str) -> tuple[str, ...]:
    """The trades that are named; 日结 and 进厂 name none."""
    found = (trade for trade, word in load_trades().mentions(words) if word not in load_words().any_trade)
    return tuple(dict.fromkeys(found))


def other_trade_in(said: str) -> str:
    """What somebody wants to learn that no trade of the table is: 做盆景; empty where nothing is named."""
    shapes = load_words()
    found = shapes.other_trade.search(said)
    name = next((part for part in found.groups() if part), "") if found else ""
    return "" if shapes.no_trade.search(name) else name


def _kinds(said: str, kinds: Sequence[Kind], *, named: bool) -> tuple[Kind, ...]:
    """`named`: a trade is."""
    shapes = load_words().kinds
    if shapes[Kind.FAIR].search(said):
        return (Kind.FAIR,)
    if load_words().both.search(said):
        return (Kind.VACANCY, Kind.COURSE)
    if load_words().has_learned.search(said):
        said, kinds = load_words().has_learned.sub("", said), (Kind.VACANCY,)
    learns = shapes[Kind.COURSE].search(said) and not shapes[Kind.VACANCY].search(said)
    if named and load_words().signs.search(said) and not any(shapes[kind].search(said) for kind in Kind):
        return (Kind.COURSE, Kind.VACANCY)  # 替她报个保洁
    if kinds:
        return (Kind.COURSE,) if learns else tuple(kinds)
    return tuple(kind for kind in (Kind.COURSE, Kind.VACANCY) if shapes[kind].search(said)) or (Kind.VACANCY,)


def add_to(before: Sought, more: Sought) -> Sought:
    """What they wanted before, and what they now add: 那给我留意三千往上的."""
    return replace(
        before,
        trades=more.trades or before.trades,
        other=more.other or ("" if more.trades else before.other),
        pay_from=more.pay_from or before.pay_from,
        features=tuple(dict.fromkeys((*before.features, *more.features))),
        place=more.place or before.place,
        lives=more.lives or before.lives,
        near=more.near or before.near,
        away=more.away or before.away,
        start=more.start or before.start,
        end=more.end or before.end,
        age=more.age or before.age,
        words=more.words if more.adds else before.words,
    )


def act_in(words: str) -> Act | None:
    said = load_words().for_whom.sub("", plain(words))
    return next((act for act, shape in load_words().acts.items() if shape.search(said)), None)


def gives_up(words: str) -> bool:
    """我不去了，退掉, 取消: said by somebody who is registered; not where our messages are named."""
    said, shapes = plain(words), load_words()
    others = (shapes.of_messages, shapes.of_policy, ASKS_HOW)
    return shapes.drop.search(said) is not None and not any(other.search(said) for other in others)


def aspect_in(words: str) -> str:
    """What is asked of an offer that was shown; empty if nothing is."""
    said = plain(words)
    return next((name for name, shape in load_words().aspects.items() if shape.search(said)), "")


def code_in(words: str) -> str:
    """The number of an offer that somebody typed: 报名 4831. Empty without one."""
    found = BY_CODE.search(plain(words)) or CODE.fullmatch(plain(words).strip(" 。.号"))
    return found[1] if found else ""


def party_in(words: str) -> Party:
    """我儿子想学修车, 我们村二十几个妇女想一块学, 我们两个人."""
    said, shapes = plain(words), load_words()
    relation = next((name for name, shape in shapes.relations.items() if shape.search(said)), "")
    if found := shapes.with_me.search(said):
        return Party("", 1 + int(found["others"] or 1))
    if not shapes.together.search(said) and not re.search(r"(我们|咱们?|俺们)(有|共|总共)?\d+个", said):
        return Party(relation)
    if found := shapes.how_many.search(said):
        return Party("" if int(found[1]) > 1 else relation, max(1, int(found[1])))
    if re.search("(我们|咱们?|俺们)?(两口子|夫妻|夫妇|俩)", said):
        return Party("", 2)
    return Party("" if shapes.tens.search(said) else relation, 0)
