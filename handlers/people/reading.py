"""What somebody says of themselves in free words -> facts for their profile (words.yaml, trades.yaml). Pure.

Nothing is guessed: 四十多 may be of two age bands and is left to be asked. What is said of somebody else is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files

from handlers.people.pay import pay_in
from handlers.people.person import AgeBand, Employment, Group, WishKind, WorkForm
from handlers.people.said import Said, WishSaid
from handlers.people.trades import ANY, load_trades
from knowledge.asker import load_asker
from knowledge.language import plain
from knowledge.numerals import value_of
from knowledge.phrases import Shape, read_shapes
from knowledge.regions import Mention, Regions, short_name

MOST_SKILLS = 8
MOST_WISHES = 4
FEWEST_YEARS, MOST_YEARS = 14, 95
"""Ages that somebody may have who writes to us."""
MOST_SKILL = 12
"""Characters of a skill in its own words."""
_SPOKEN_AGE = re.compile(r"(?<![一二三四五六七八九十百千])[二三四五六七八]十[一二三四五六七八九]?(?=[，,。\s了]|$)")
OF_TABLE = (
    Group.RETIRED_FISHER,
    Group.POVERTY_LIFTED,
    Group.MONITORED,
    Group.LOW_INCOME,
    Group.DIBAO,
    Group.TEKUN,
    Group.HARD_TO_EMPLOY,
)
"""Groups that are read by the interview's own table."""
OF_WORDS = (
    Group.GRADUATE,
    Group.VETERAN,
    Group.RETURNED_HOME,
    Group.RURAL_LABOUR,
    Group.EMPLOYER,
    Group.CADRE,
)
"""Groups that words.yaml has shapes for, by the same names."""


@cache
def shapes() -> Mapping[str, Shape]:
    """The shapes of words.yaml; raises KnowledgeError with every fault of it."""
    return read_shapes((files("handlers.people") / "words.yaml").read_text("utf-8"), "people/words.yaml", None)


@dataclass(frozen=True)
class Reader:
    """Reads messages against the divisions."""

    regions: Regions
    shapes: Mapping[str, Shape] = field(default_factory=lambda: shapes(), repr=False)

    def read(self, text: str, *, today: date, home: str | None = None, whole: bool = False) -> Said:
        """`home`: the place that is known already; `whole`: the text answers a question of ours, so a bare place
        or trade in it counts."""
        text, who = self.of_self(text)
        if who and not text:
            return Said(other=who)
        words = plain(text)
        region, village, rest = self._home(words, home, whole=whole)
        groups, denied = self._groups(words)
        year, band = self._age(words, today)
        employment = self._employment(words)
        skills, wishes = self._trades(rest, text, home or region)
        return Said(
            region,
            village,
            groups,
            denied,
            year,
            band,
            employment,
            self._work_form(words) if employment in (None, Employment.EMPLOYED) else None,
            skills,
            wishes,
        )

    def only_other(self, text: str) -> str:
        """Whom a text is about that tells nothing of who writes: 妈; empty if it is about them, too."""
        own, who = self.of_self(text)
        return "" if own.strip() else who

    def of_self(self, text: str) -> tuple[str, str]:
        """-> (the clauses about who writes, whom the others are about: empty if there are none)

        A clause that names nobody goes with the one before it.
        """
        if found := self.shapes["acting"].search(plain(text)):
            return "", self._who(found[0])
        kept: list[str] = []
        who, own, named = "", True, False
        for clause in re.split(r"(?<=[，,。；;！!？?\n])", text):
            words = plain(clause)
            if found := self.shapes["other"].search(words):
                own, who = False, who or self._who(found[0])
            elif self.shapes["oneself"].search(words):
                own = named = True
            if own:
                kept.append(clause)
        # 今年五十五，我妈以前打鱼的: who names nobody but their mother speaks of her.
        return ("" if who and not named else "".join(kept)), who

    def _who(self, words: str) -> str:
        found = self.shapes["relation"].search(words)
        return found["who"] if found else "别人"

    # -- where they live ----------------------------------------------------------------------------------

    def _home(self, words: str, home: str | None, *, whole: bool) -> tuple[str | None, str, str]:
        """-> (code, village, the words without the place)"""
        mentions = self._mentions(words, home)
        if not mentions:
            alone = self.shapes["village_alone"].search(words)
            return None, alone["village"] if alone else "", words
        found: list[tuple[bool, Mention, str]] = []
        for mention in mentions:
            before, after = words[: mention.start], words[mention.end :]
            bare = whole and len(words) - (mention.end - mention.start) <= 12
            lives = self.shapes["home_before"].search(before) or self.shapes["home_after"].match(after)
            works = self.shapes["work_before"].search(before) and self.shapes["work_after"].match(after)
            village = self.shapes["village"].match(after)
            if (lives or bare or village) and not works:
                name = next(value for value in village.groupdict().values() if value) if village else ""
                found.append((self.shapes["lives_now"].search(before) is not None, mention, name))
        if not found:
            return None, "", words
        _, mention, name = next((one for one in found if one[0]), found[0])
        return mention.code, name, words[: mention.start] + words[mention.end + len(name) :]

    def _mentions(self, words: str, home: str | None) -> list[Mention]:
        """Places of a text, a township folded together with the county before it, which may be said in short."""
        found: list[Mention] = []
        for mention in self.regions.find(words, near=home):
            last = found[-1] if found else None
            if last and mention.start - last.end <= 1 and self.regions.is_within(mention.code, last.code):
                found[-1] = Mention(mention.code, last.start, mention.end, words[last.start : mention.end])
            else:
                found.append(mention)
        return [self._with_town(mention, words) for mention in found]

    def _with_town(self, mention: Mention, words: str) -> Mention:
        """洪湖螺山: right behind its county the short name of a township is one, an ordinary word or not."""
        if len(mention.code) != 6 or mention.code.endswith("00"):
            return mention
        after = words[mention.end :].removeprefix("市").removeprefix("县")
        start = len(words) - len(after)
        for code, name in self._towns(mention.code):
            for spelling in (name, short_name(name)):
                if after.startswith(spelling):
                    end = start + len(spelling)
                    return Mention(code, mention.start, end, words[mention.start : end])
        return mention

    def _towns(self, county: str) -> Iterable[tuple[str, str]]:
        return ((code, name) for code, name in self.regions.names.items() if len(code) == 9 and code[:6] == county)

    # -- who they are -------------------------------------------------------------------------------------

    def _groups(self, words: str) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
        facts = load_asker().read(words).facts
        groups = [group for group in OF_TABLE if facts.get(group) is True]
        denied = [group for group in OF_TABLE if facts.get(group) is False]
        if Group.DIBAO in groups and "低收入" not in words:
            groups = [group for group in groups if group is not Group.LOW_INCOME]
        groups += [group for group in OF_WORDS if self.shapes[str(group)].search(words)]
        if self.shapes["hired"].search(words):
            return tuple(group for group in groups if group in (Group.EMPLOYER, Group.CADRE)), ()
        if self.shapes["disabled"].search(words) and facts.get(Group.DISABILITY_CERTIFICATE) is not False:
            groups.append(Group.DISABILITY_CERTIFICATE)
        return tuple(groups), tuple(denied)

    def _age(self, words: str, today: date) -> tuple[int | None, AgeBand | None]:
        """The year of birth where it follows, else the band."""
        words = _SPOKEN_AGE.sub(lambda found: f"{value_of(found[0])}", words)
        if found := self.shapes["birth_year"].search(words):
            digits = next(value for value in found.groupdict().values() if value)
            year = int(digits) if len(digits) == 4 else 1900 + int(digits)
            return (year, None) if FEWEST_YEARS <= today.year - year <= MOST_YEARS else (None, None)
        if (found := self.shapes["age"].search(words)) and not self.shapes["near_ten"].search(words):
            age = int(next(value for value in found.groupdict().values() if value))
            return (today.year - age, None) if FEWEST_YEARS <= age <= MOST_YEARS else (None, None)
        return None, self._band(words)

    def _band(self, words: str) -> AgeBand | None:
        if self.shapes["half_hundred"].search(words):
            return AgeBand.OLDER
        if found := self.shapes["near_ten"].search(words):
            return AgeBand.of(int(found["tens"]) * 10 - 1)
        if found := self.shapes["young_ten"].search(words):
            return AgeBand.of(int(found["tens"]) * 10 + 1)
        if found := self.shapes["about"].search(words):
            tens = int(found["tens"] or found["tens2"])
            low, high = AgeBand.of(tens * 10), AgeBand.of(tens * 10 + 9)
            return low if low is high and tens > 1 else None
        return None

    def _employment(self, words: str) -> Employment | None:
        for state in (Employment.UNABLE, Employment.NOT_LOOKING, Employment.UNEMPLOYED, Employment.EMPLOYED):
            for found in self.shapes[str(state)].finditer(words):
                if not self.shapes["wishing_before"].search(words[: found.start()]):
                    return state
        return None

    def _work_form(self, words: str) -> WorkForm | None:
        forms = (form for form in WorkForm for found in self.shapes[str(form)].finditer(words) if self._is_had(found))
        return next(forms, None)

    def _is_had(self, work: re.Match[str]) -> bool:
        """送外卖的要不要四十八岁的, 有没有临时工: work that is asked about is none they have."""
        before, after = work.string[: work.start()], work.string[work.end() :]
        return not self.shapes["asked_before"].search(before) and not self.shapes["asked_after"].match(after)

    # -- what they can and wish for -----------------------------------------------------------------------

    def _trades(self, rest: str, text: str, home: str | None) -> tuple[tuple[str, ...], tuple[WishSaid, ...]]:
        """Each trade belongs to the last word before it in its clause that says can, seek, learn or never."""
        skills: list[str] = []
        wished: dict[tuple[WishKind, str], str] = {}
        asked: set[WishKind] = set()
        for clause in re.split(r"[，,。；;！!？?\n]+", rest):
            self._read_clause(clause, skills, wished, asked)
        for kind in asked - {kind for kind, _ in wished}:
            wished[(kind, ANY)] = ""
        region, pay = self._work_place(plain(text), home), self.pay(text)
        if pay is not None and not any(kind is WishKind.WORK for kind, _ in wished):
            wished[(WishKind.WORK, ANY)] = ""
        wishes = [
            WishSaid(kind, trade, said[:MOST_SKILL], region, pay)
            if kind is WishKind.WORK
            else WishSaid(kind, trade, said[:MOST_SKILL])
            for (kind, trade), said in wished.items()
        ]
        return tuple(dict.fromkeys(skills))[:MOST_SKILLS], tuple(wishes[:MOST_WISHES])

    def _read_clause(
        self, clause: str, skills: list[str], wished: dict[tuple[WishKind, str], str], asked: set[WishKind]
    ) -> None:
        cues = sorted(
            (found.start(), found.end(), name)
            for name in ("can", "seek", "learn", "never")
            for found in self.shapes[name].finditer(clause)
        )
        at = 0
        found = [
            (trade, word, start)
            for trade, word in load_trades().mentions(clause)
            if (start := clause.find(word, at)) >= 0 and (at := start + len(word))
        ]
        for trade, word, start in found:
            before = [name for begin, _, name in cues if begin <= start]
            around = [name for begin, end, name in cues if begin <= start < end]
            match (around or before or [name for _, _, name in cues[:1]] or [""])[-1]:
                case "can":
                    skills.append(word)
                case "seek":
                    wished.setdefault((WishKind.WORK, trade), word)
                case "learn":
                    wished.setdefault((WishKind.TRAINING, trade), word)
        names = {name for _, _, name in cues}
        if "never" not in names:
            asked |= {WishKind.WORK} if "seek" in names else set()
            asked |= {WishKind.TRAINING} if "learn" in names else set()

    def _work_place(self, words: str, home: str | None) -> str | None:
        for mention in self._mentions(words, home):
            before, after = words[: mention.start], words[mention.end :]
            if self.shapes["work_before"].search(before) and self.shapes["work_after"].match(after):
                return mention.code
        return None

    def pay(self, text: str) -> int | None:
        """The least that is wished for a month, in yuan: of 四五千 it is 4000."""
        return pay_in(text, self.shapes)
