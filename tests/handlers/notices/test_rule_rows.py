"""The rule of an audience as rows of a form, and back: nothing is lost, and a fault is told at its row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.notices.audience import All, Any_, InGroup, Not, Region, write_rule
from handlers.notices.names import BureauNames
from handlers.notices.rule_reading import AudienceUnfit, read_rule
from handlers.notices.rule_rows import AND, OR, Row, compose, rows_of
from tests.bureau import knowing

NAMES = BureauNames(knowing().book)

FIELDS: list[tuple[str, dict[str, str]]] = [
    ("region", {"value": "421083"}),
    ("region", {"value": "421083+420100"}),
    ("group", {"value": "retired_fisher+poverty_lifted"}),
    ("age", {"from": "30", "to": ""}),
    ("age", {"from": "", "to": "59"}),
    ("employment", {"value": "unemployed"}),
    ("wish", {"value": "work", "trade": ""}),
    ("wish", {"value": "", "trade": ""}),
    ("registered", {"value": ""}),
    ("registered", {"value": "1024"}),
    ("lacks", {"value": "guidance"}),
    ("asked", {"value": "jobs", "days": "30"}),
    ("qualifies", {"value": "honghu-2023-fishers.startup-loan"}),
    ("told", {"value": "honghu-2023-fishers.startup-loan", "fact": "", "before": ""}),
]

rows = st.lists(
    st.builds(
        lambda kind, join, negated: Row(kind[0], join, negated, kind[1]),
        st.sampled_from(FIELDS),
        st.sampled_from([AND, OR]),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@given(rows)
def test_rows_become_a_rule_and_the_rule_the_same_rows(found: list[Row]) -> None:
    rule = read_rule(compose(found).rule, NAMES)
    back = rows_of(rule)
    assert back is not None
    assert [(row.key, row.negated, row.fields) for row in back] == [(row.key, row.negated, row.fields) for row in found]
    assert [row.join for row in back[1:]] == [row.join for row in found[1:]]
    assert read_rule(compose(back).rule, NAMES) == rule


def test_each_row_narrows_or_widens_all_above_it() -> None:
    found = [
        Row("region", fields={"value": "洪湖市"}),
        Row("group", AND, fields={"value": "retired_fisher"}),
        Row("group", OR, fields={"value": "dibao"}),
        Row("group", AND, negated=True, fields={"value": "cadre"}),
    ]
    here, fisher, poor, cadre = Region(("421083",)), *(InGroup((one,)) for one in ("retired_fisher", "dibao", "cadre"))
    assert read_rule(compose(found).rule, NAMES) == All((Any_((All((here, fisher)), poor)), Not(cadre)))


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_fault_is_told_at_its_row(at: int) -> None:
    found = [Row("group", OR if n == 2 else AND, fields={"value": "dibao"}) for n in range(4)]
    found[at] = Row("age", found[at].join, fields={"from": "x", "to": ""})
    composed = compose(found)
    with pytest.raises(AudienceUnfit) as raised:
        read_rule(composed.rule, NAMES)
    assert {composed.row_of(path) for path in raised.value.data["faults"]} == {at}


def test_a_rule_that_cannot_be_read_from_above_has_no_rows() -> None:
    nested = read_rule({"all": [{"region": "洪湖市"}, {"any": [{"group": "dibao"}, {"group": "tekun"}]}]}, NAMES)
    assert rows_of(nested) is None
    assert rows_of(read_rule({"not": {"any": [{"group": "dibao"}, {"group": "tekun"}]}}, NAMES)) is None
    assert write_rule(nested)["all"][1]["any"]
