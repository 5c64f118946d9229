"""Whom a notice is for, as rows of a form: what was posted, what a new row begins with, what each may be set to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.door import drop_unwanted
from bot.staff.ports import PlaceNames
from handlers.notices.campaign import Kind
from handlers.notices.console.campaign_view import Clauses
from handlers.notices.labels import label, names_of
from handlers.notices.models import Campaign
from handlers.notices.names import SERVICES, TOPICS
from handlers.notices.rule_rows import AND, MOST_ROWS, OR, SEVERAL, Row
from handlers.people.person import Employment, Group, WishKind
from handlers.people.trades import load_trades

FIELDS = ("value", "from", "to", "trade", "days", "fact", "before")
MOST_DAYS = 365
MOST_TYPED = 200
KEYS = ("region", "group", "age", "employment", "wish", "asked", "qualifies", "lacks", "registered")
"""Conditions in the order in which they are offered; `told` only for a correction."""

Options = list[tuple[str, str]]


@dataclass(frozen=True)
class AudienceForm:
    rows: tuple[Row, ...]
    recent: str
    """Days, as typed."""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> AudienceForm:
        rows = []
        for n in range(MOST_ROWS):
            if key := form.get(f"key.{n}", ""):
                fields = {name: drop_unwanted(form.get(f"{name}.{n}", ""))[:MOST_TYPED] for name in FIELDS}
                join = OR if form.get(f"join.{n}") == OR else AND
                rows.append(Row(key[:20], join, form.get(f"not.{n}") == "yes", fields))
        return cls(tuple(rows), form.get("recent", "").strip()[:6])

    @property
    def recent_days(self) -> int | None:
        """None where it is no number of days."""
        text = self.recent
        return int(text) if text.isascii() and text.isdecimal() and int(text) <= MOST_DAYS else None


def new_row(key: str, campaign: Campaign, choices: Choices) -> Row | None:
    """A condition that holds something already, so that it counts at once; None for an unknown key."""
    first = {name: options[0][0] for name, options in choices.of_value.items() if options}
    match key:
        case "region":
            return Row(key, AND, fields={"value": campaign.region})
        case "age":
            return Row(key, AND, fields={"from": "16", "to": "59"})
        case "asked":
            return Row(key, AND, fields={"value": first["asked"], "days": "30"})
        case "registered":
            return Row(key, AND, fields={"value": ""})
        case "qualifies" | "told" if campaign.policy:
            return Row(key, AND, fields={"value": f"{campaign.policy}.{campaign.provision}"})
    return Row(key, AND, fields={"value": first[key]}) if key in first else None


@dataclass(frozen=True)
class Choices:
    """What the rows may be set to."""

    of_value: Mapping[str, Options]
    """Key -> (id, words), for keys that are chosen from a list without groups."""
    trades: Options
    clauses: Sequence[Clauses]
    """For `qualifies`, `told` and `asked`."""
    keys: tuple[str, ...]
    """Conditions that can be added."""

    def with_several(self, row: Row, name: str = "value") -> Options:
        """The options of a row; several at once, which scripts may set, are one more."""
        options = self.trades if name == "trade" else list(self.of_value.get(row.key, ()))
        value = row.of(name)
        if SEVERAL not in value:
            return options
        words = dict(options)
        return [(value, "、".join(words.get(one, one) for one in value.split(SEVERAL))), *options]


def choices_for(campaign: Campaign, clauses: Sequence[Clauses]) -> Choices:
    provisions = [option for one in clauses for option in one.options]
    of_value: dict[str, Options] = {
        "group": [(str(one), label("group", str(one))) for one in Group],
        "employment": [(str(one), label("employment", str(one))) for one in Employment],
        "wish": [(one, label("wish", one or "either")) for one in (*map(str, WishKind), "")],
        "lacks": [(one, names_of("service")[one]) for one in SERVICES],
        "asked": [(one, label("topic", one)) for one in TOPICS],
        "qualifies": provisions,
        "told": provisions,
    }
    keys = [key for key in KEYS if key != "qualifies" or provisions]
    if campaign.kind == str(Kind.CORRECTION) and provisions:
        keys.append("told")
    return Choices(of_value, list(load_trades().names.items()), clauses, tuple(keys))


def place_words(row: Row, places: PlaceNames) -> str:
    """The places of a row as they are typed: 洪湖市、武汉市; what is no code stays as it was."""
    return "、".join(places.whole(one) or one for one in row.of("value").split(SEVERAL))
