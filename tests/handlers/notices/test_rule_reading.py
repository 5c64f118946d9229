"""Rules of audiences as people write them: names or ids, and every fault by its path."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.notices.audience import (
    Age,
    All,
    Any_,
    Asked,
    Employed,
    InGroup,
    Lacks,
    Not,
    Region,
    Registered,
    WasTold,
    Wishes,
    leaves,
    write_rule,
)
from handlers.notices.names import BureauNames
from handlers.notices.rule_reading import MOST_LEAVES, AudienceUnfit, read_rule
from tests.bureau import knowing

NAMES = BureauNames(knowing().book)
POLICY = next(shelf.policy for shelf in knowing().book.shelves if shelf.policy.document.region == "421083")
PROVISION = POLICY.provisions[0].id


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        ({"region": "洪湖市"}, Region(("421083",))),
        ({"region": ["洪湖市", "420100"]}, Region(("421083", "420100"))),
        ({"group": "退捕渔民"}, InGroup(("retired_fisher",))),
        ({"group": ["retired_fisher", "脱贫人口"]}, InGroup(("retired_fisher", "poverty_lifted"))),
        ({"groups": ["退捕渔民"]}, InGroup(("retired_fisher",))),
        ({"age": "45-59"}, Age(45, 59)),
        ({"age": "60-"}, Age(60, None)),
        ({"age": {"to": 30}}, Age(None, 30)),
        ({"employment": "未就业"}, Employed(("unemployed",))),
        ({"wish": {"kind": "work", "trade": "电焊"}}, Wishes("work", ("welder",))),
        ({"wish": "电焊"}, Wishes("", ("welder",))),
        ({"wish": "找活"}, Wishes("work", ())),
        ({"wish": True}, Wishes("", ())),
        ({"registered": True}, Registered("")),
        ({"registered": False}, Not(Registered(""))),
        ({"registered": 1024}, Registered("1024")),
        ({"lacks": "职业培训"}, Lacks("training")),
        ({"lacks": ["training", "guidance"]}, Any_((Lacks("training"), Lacks("guidance")))),
        ({"asked": "找工作"}, Asked("jobs", 30)),
        ({"asked": {"about": "jobs", "days": 7}}, Asked("jobs", 7)),
        ({"told": {"policy": POLICY.id, "provision": PROVISION}}, WasTold(POLICY.id, PROVISION, "", "")),
        ({"not": {"group": "cadre"}}, Not(InGroup(("cadre",)))),
        (
            {"region": "洪湖市", "any": [{"group": "低保"}, {"employment": "unemployed"}]},
            All((Region(("421083",)), Any_((InGroup(("dibao",)), Employed(("unemployed",)))))),
        ),
        ([{"region": "洪湖市"}, {"age": "16-"}], All((Region(("421083",)), Age(16, None)))),
    ],
)
def test_a_rule_is_read_as_it_is_meant_and_written_as_it_is_read(data: Any, rule: Any):
    if rule == Wishes("work", ("welder",)) or rule == Wishes("", ("welder",)):
        trade = NAMES.trade("电焊")
        assert trade is not None
        rule = Wishes(rule.kind, (trade,))
    found = read_rule(data, NAMES)
    assert found == rule
    assert read_rule(write_rule(found), NAMES) == found


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        ({}, {"": "empty"}),
        ([], {"": "empty"}),
        (None, {"": "shape"}),
        ("洪湖市", {"": "shape"}),
        ({"all": []}, {"all": "empty"}),
        ({"all": [{"region": "月球"}, {"group": "渔夫王"}]}, {"all.0.region": "unknown", "all.1.group": "unknown"}),
        ({"any": [{"all": [{"age": "old"}]}]}, {"any.0.all.0.age": "shape"}),
        ({"age": "60-45"}, {"age": "number"}),
        ({"age": "200-300"}, {"age": "number"}),
        ({"age": {}}, {"age": "empty"}),
        ({"asked": {"about": "jobs", "days": 0}}, {"asked.days": "number"}),
        ({"asked": {"about": "jobs", "days": True}}, {"asked.days": "number"}),
        ({"shoe_size": 42}, {"shoe_size": "unknown"}),
        ({"qualifies": {"policy": "x", "provision": "y"}}, {"qualifies": "unknown"}),
        ({"qualifies": "x"}, {"qualifies": "shape"}),
        ({"told": {"policy": POLICY.id, "provision": PROVISION, "before": "昨天"}}, {"told.before": "shape"}),
        ({"group": [""]}, {"group": "empty"}),
        ({"group": [7]}, {"group": "shape"}),
        ({"not": []}, {"not": "empty"}),
        ({"wish": {"trade": "登月"}}, {"wish.trade": "unknown"}),
    ],
)
def test_every_fault_is_told_by_its_path(data: Any, faults: dict[str, str]):
    with pytest.raises(AudienceUnfit) as refused:
        read_rule(data, NAMES)
    assert refused.value.data["faults"] == faults


def test_a_rule_without_end_is_refused():
    deep: Any = {"region": "洪湖市"}
    for _ in range(20):
        deep = {"all": [deep]}
    with pytest.raises(AudienceUnfit):
        read_rule(deep, NAMES)
    with pytest.raises(AudienceUnfit) as refused:
        read_rule([{"region": "洪湖市"}] * (MOST_LEAVES + 1), NAMES)
    assert refused.value.data["faults"] == {"": "many"}


def test_a_provision_is_named_by_its_words_too():
    rule = read_rule({"asked": POLICY.provisions[0].name}, NAMES)
    assert [leaf.about for leaf in leaves(rule) if isinstance(leaf, Asked)] == [PROVISION]
