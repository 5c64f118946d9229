"""Everything of a closed set has its words, for citizens and for staff."""

from __future__ import annotations

from enum import StrEnum

import pytest

from handlers.notices.limits import load_limits
from handlers.people.console.labels import names_of, term
from handlers.people.following import CheckInState, Income, TaskReason, TaskState
from handlers.people.labels import label
from handlers.people.person import AgeBand, Employment, Group, Purpose, Source, WishKind, WorkForm
from handlers.people.profiling import Item
from knowledge.opting import Topic


@pytest.mark.parametrize(
    ("table", "kind"),
    [("group", Group), ("employment", Employment), ("work_form", WorkForm), ("age_band", AgeBand), ("item", Item),
     ("topic", Topic)],
)  # fmt: skip
def test_citizens_read_words_for_everything(table: str, kind: type[StrEnum]) -> None:
    assert all(label(table, one) for one in kind)


@pytest.mark.parametrize(
    ("table", "kind"),
    [("group", Group), ("employment", Employment), ("work_form", WorkForm), ("source", Source), ("purpose", Purpose),
     ("wish_kind", WishKind), ("check_in", CheckInState), ("income", Income), ("reason", TaskReason),
     ("reason_do", TaskReason), ("task", TaskState)],
)  # fmt: skip
def test_staff_read_words_for_everything(table: str, kind: type[StrEnum]) -> None:
    known = dict(names_of(table))
    assert all(known.get(str(one)) for one in kind)


def test_a_name_that_is_no_longer_known_is_shown_as_it_is() -> None:
    assert term("group", "something_old") == "something_old"


def test_what_is_told_of_how_seldom_we_write_is_so() -> None:
    assert load_limits().weekly_cap == 2  # templates/replies/people/seldom.txt
