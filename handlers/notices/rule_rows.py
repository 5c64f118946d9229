"""The rule of an audience as rows of a form, read from above: 住在…, 并且 是…, 或者 问过…. Pure.

Each row narrows (and) or widens (or) what all rows above it chose together. A rule that is nested otherwise (scripts
may write one) has no rows, and is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from handlers.notices.audience import (
    Age,
    All,
    Any_,
    Asked,
    Employed,
    InGroup,
    Lacks,
    Leaf,
    Not,
    Qualifies,
    Region,
    Registered,
    Rule,
    WasTold,
    Wishes,
)

AND, OR = "and", "or"
SEVERAL = "+"
"""Between several ids of one choice, which a form shows as one."""
MOST_ROWS = 12


@dataclass(frozen=True)
class Row:
    """One condition as it stands in the form."""

    key: str
    """`Leaf.key`."""
    join: str = AND
    """How it goes on from the rows above; of the first row it means nothing."""
    negated: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)
    """What was typed: `value`, and by the key `from`, `to`, `trade`, `days`, `fact`, `before`."""

    def of(self, name: str) -> str:
        return self.fields.get(name, "").strip()


@dataclass(frozen=True)
class Composed:
    """Rows as the JSON of a rule."""

    rule: Any
    paths: tuple[str, ...]
    """Of each row, where it stands in the rule (`all.0.any.1`); faults are told by it."""

    def row_of(self, path: str) -> int:
        """Which row a fault belongs to."""
        fitting = [n for n, own in enumerate(self.paths) if not own or path == own or path.startswith(f"{own}.")]
        return max(fitting, key=lambda n: len(self.paths[n]), default=0)


def compose(rows: Sequence[Row]) -> Composed:
    """The rule of all rows; an empty one for none."""
    if not rows:
        return Composed({}, ())
    rule: Any = _json_of(rows[0])
    paths: list[tuple[str, ...]] = [()]
    joined = ""
    for row in rows[1:]:
        key = "any" if row.join == OR else "all"
        if key == joined:
            rule[key].append(_json_of(row))
        else:
            rule = {key: [rule, _json_of(row)]}
            paths = [(key, "0", *path) for path in paths]
            joined = key
        paths.append((key, str(len(rule[key]) - 1)))
    return Composed(rule, tuple(".".join(path) for path in paths))


def rows_of(rule: Rule) -> tuple[Row, ...] | None:
    """None for a rule that cannot be read from above."""
    match rule:
        case All(parts) | Any_(parts):
            first = rows_of(parts[0])
            rest = [_row_of(part, AND if isinstance(rule, All) else OR) for part in parts[1:]]
            if first is None or any(row is None for row in rest):
                return None
            return (*first, *(row for row in rest if row is not None))
        case _:
            row = _row_of(rule, AND)
            return None if row is None else (row,)


def _row_of(part: Rule, join: str) -> Row | None:
    negated = isinstance(part, Not)
    bare = part.part if isinstance(part, Not) else part
    return Row(bare.key, join, negated, _fields_of(bare)) if isinstance(bare, Leaf) else None


def _fields_of(leaf: Leaf) -> dict[str, str]:
    match leaf:
        case Region(codes):
            return {"value": SEVERAL.join(codes)}
        case InGroup(ids) | Employed(ids):
            return {"value": SEVERAL.join(ids)}
        case Age(least, most):
            return {"from": "" if least is None else str(least), "to": "" if most is None else str(most)}
        case Wishes(kind, trades):
            return {"value": kind, "trade": SEVERAL.join(trades)}
        case Registered(code):
            return {"value": code}
        case Lacks(service):
            return {"value": service}
        case Asked(about, days):
            return {"value": about, "days": str(days)}
        case Qualifies(policy, provision):
            return {"value": f"{policy}.{provision}"}
        case WasTold(policy, provision, fact, before):
            return {"value": f"{policy}.{provision}", "fact": fact, "before": before}
    raise TypeError(leaf)


def _json_of(row: Row) -> Any:
    leaf = {row.key: _value_of(row)}
    return {"not": leaf} if row.negated else leaf


def _value_of(row: Row) -> Any:
    """As `rule_reading` takes it; what is no number stays a word, so that it is refused there."""
    value = row.of("value")
    match row.key:
        case "region":
            return [name for name in value.replace("、", SEVERAL).replace("，", SEVERAL).split(SEVERAL) if name.strip()]
        case "group" | "employment":
            return value.split(SEVERAL)
        case "age":
            return {name: _number(row.of(name)) for name in ("from", "to")}
        case "wish":
            wanted = {"kind": value, "trade": row.of("trade").split(SEVERAL)}
            return {name: one for name, one in wanted.items() if one not in ("", [""])} or True
        case "registered":
            return value or True
        case "asked":
            return {"about": value} | ({"days": _number(row.of("days"))} if row.of("days") else {})
        case "qualifies" | "told":
            policy, _, provision = value.partition(".")
            more = {name: row.of(name) for name in ("fact", "before") if row.of(name)}
            return {"policy": policy, "provision": provision, **more}
    return value


def _number(text: str) -> int | str | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else text
