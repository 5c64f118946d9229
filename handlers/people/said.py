"""What one message says of whoever writes: facts for their profile, as JSON between two turns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from handlers.people.person import SENSITIVE, AgeBand, Employment, Group, WishKind, WorkForm
from handlers.people.trades import ANY


@dataclass(frozen=True)
class WishSaid:
    """Work or a course that somebody wishes for."""

    kind: WishKind
    trade: str
    """Id of trades.yaml, or `any`."""
    words: str = ""
    """The trade as it was said."""
    region: str | None = None
    """Where; None for anywhere or near home."""
    pay_from: int | None = None
    """Yuan a month."""


@dataclass(frozen=True)
class Said:
    """What one message says of whoever writes."""

    region: str | None = None
    """Division code of where they live."""
    village: str = ""
    groups: tuple[Group, ...] = ()
    not_groups: tuple[Group, ...] = ()
    """Groups that they say they are not of."""
    birth_year: int | None = None
    age_band: AgeBand | None = None
    employment: Employment | None = None
    work_form: WorkForm | None = None
    skills: tuple[str, ...] = ()
    wishes: tuple[WishSaid, ...] = ()
    other: str = ""
    """Whom it is about instead, in the message's own word (妈, 儿子); then nothing else is read."""

    @property
    def weight(self) -> int:
        """How many things it states."""
        single = (self.region, self.birth_year or self.age_band, self.employment or self.work_form)
        return sum(1 for one in single if one) + len(self.groups) + bool(self.skills) + bool(self.wishes)

    @property
    def sensitive(self) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group in SENSITIVE)

    def merged(self, later: Said) -> Said:
        """Both; what was said later wins where it says the same."""
        named = {field.name: getattr(later, field.name) or getattr(self, field.name) for field in fields(self)}
        denied = set(later.not_groups)
        wishes = _joined((*self.wishes, *later.wishes))
        groups = tuple(dict.fromkeys(group for group in (*self.groups, *later.groups) if group not in denied))
        skills = tuple(dict.fromkeys((*self.skills, *later.skills)))
        age = {"birth_year": later.birth_year, "age_band": later.age_band}
        if not any(age.values()):
            age = {}
        return Said(**{**named, "groups": groups, "skills": skills, "wishes": wishes, **age})

    def without_sensitive(self) -> Said:
        return replace(self, groups=tuple(group for group in self.groups if group not in SENSITIVE))

    def to_data(self) -> dict[str, Any]:
        """As JSON, empty things left out; `said_from` is the way back."""
        return {name: _plain(value) for name, value in asdict(self).items() if value}


def _joined(wishes: Sequence[WishSaid]) -> tuple[WishSaid, ...]:
    """Each once; where a trade is named, a wish of its kind without one only adds its place and pay."""
    found = {(wish.kind, wish.trade): wish for wish in wishes}
    for kind in WishKind:
        named = [key for key in found if key[0] is kind and key[1] != ANY]
        bare = found.pop((kind, ANY), None) if named else None
        if bare is None:
            continue
        for key in named:
            wish = found[key]
            found[key] = replace(wish, region=wish.region or bare.region, pay_from=wish.pay_from or bare.pay_from)
    return tuple(found.values())


def said_from(data: Mapping[str, Any]) -> Said:
    """Raises ValueError for what `to_data` never wrote."""
    return Said(
        region=data.get("region"),
        village=str(data.get("village", "")),
        groups=tuple(map(Group, data.get("groups", ()))),
        not_groups=tuple(map(Group, data.get("not_groups", ()))),
        birth_year=data.get("birth_year"),
        age_band=AgeBand(data["age_band"]) if data.get("age_band") else None,
        employment=Employment(data["employment"]) if data.get("employment") else None,
        work_form=WorkForm(data["work_form"]) if data.get("work_form") else None,
        skills=tuple(map(str, data.get("skills", ()))),
        wishes=tuple(
            WishSaid(WishKind(wish["kind"]), str(wish["trade"]), wish["words"], wish["region"], wish["pay_from"])
            for wish in data.get("wishes", ())
        ),
        other=str(data.get("other", "")),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, str) else value
