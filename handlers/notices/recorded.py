"""What a person's record says of a condition of the policies, as the interview would take it from their words.

NULL where it says nothing. Names are those of `knowledge/asker.yaml`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, false, true

from bot.clock import LOCAL
from handlers.people.models import Person
from handlers.people.person import AgeBand, Employment, WishKind

WORKING_AGE = (16, 54)
"""Years that are within it for everybody: women may draw a pension from 55 on (`asker.yaml`, `working_age`)."""
PENSIONED = 61

Wishes = Callable[[WishKind], ColumnElement[bool]]
"""Whether they wish for it."""


def of_record(name: str, wishes: Wishes, *, now: datetime) -> ColumnElement[bool] | None:
    """None where no record can say it."""
    match name:
        case "jobless":
            return case((_is(Employment.EMPLOYED), false()), (Person.employment != "", true()))
        case "able_to_work":
            return case((_is(Employment.UNABLE), false()), (_is(Employment.EMPLOYED), true()))
        case "wants_work" | "wants_job":
            return case((wishes(WishKind.WORK), true()), (_is(Employment.NOT_LOOKING), false()))
        case "wants_training":
            return case((wishes(WishKind.TRAINING), true()))
        case "working_age":
            return _in_working_age(now)
    return None


def _is(state: Employment) -> ColumnElement[bool]:
    return Person.employment == str(state)


def _in_working_age(now: datetime) -> ColumnElement[bool]:
    this_year, born = now.astimezone(LOCAL).year, Person.birth_year
    least, most = WORKING_AGE
    # Their birthday may be still to come this year.
    within = and_(born.is_not(None), born < this_year - least, born >= this_year - most)
    outside = and_(born.is_not(None), (born > this_year - least) | (born < this_year - PENSIONED))
    bands = Person.age_band.in_((str(AgeBand.YOUNG), str(AgeBand.MIDDLE)))
    return case(
        (within, true()),
        (outside, false()),
        (and_(born.is_(None), bands), true()),
        (and_(born.is_(None), Person.age_band == str(AgeBand.UNDER_16)), false()),
    )
