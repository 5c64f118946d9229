"""The interview's logic and its reading of free words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.asker import keep, load_asker
from knowledge.interview import (
    All,
    Any,
    Leaf,
    Standing,
    evaluate,
    facts_for,
    failures,
    is_for_employers,
    judge,
    leaves,
    next_question,
    open_path,
    tree_of,
)
from knowledge.loader import load_policies
from knowledge.policy import Condition, Policy, Provision

FISHER, BUSINESS, HARD, HOME, FIRST = map(
    Leaf, ("retired_fisher", "has_business", "hard_to_employ", "returned_home", "first_startup")
)
STARTUP = All((FISHER, Any((All((HARD, BUSINESS)), All((HOME, FIRST))))))
MONTHS = Leaf("contract_months", "min", 12.0)


@pytest.fixture(scope="module")
def policies() -> dict[str, Policy]:
    return {policy.id.partition("-")[0]: policy for policy in load_policies()}


def provision(policies: dict[str, Policy], place: str, name: str) -> Provision:
    return policies[place].by_id[name]


def test_open_is_neither_yes_nor_no() -> None:
    assert evaluate(STARTUP, {}) is None
    assert evaluate(STARTUP, {"retired_fisher": False}) is False
    assert evaluate(STARTUP, {"retired_fisher": True, "returned_home": True, "first_startup": True}) is True
    assert evaluate(STARTUP, {"retired_fisher": None, "returned_home": True, "first_startup": True}) is None


def test_one_way_closed_leaves_the_other_open() -> None:
    known = {"retired_fisher": True, "has_business": False}
    assert evaluate(STARTUP, known) is None
    assert open_path(STARTUP, known) == (HOME, FIRST)


def test_what_settles_most_is_asked_first() -> None:
    assert next_question([STARTUP], {}) == FISHER
    assert next_question([STARTUP], {"retired_fisher": True, "has_business": True}) == HARD


def test_what_is_known_not_known_or_asked_is_not_asked() -> None:
    known: dict[str, bool | None] = {"retired_fisher": None, "hard_to_employ": False}
    assert next_question([STARTUP], known) == HOME
    assert next_question([STARTUP], known, asked=frozenset({"returned_home"})) == FIRST
    assert next_question([STARTUP], {"retired_fisher": False}) is None


def test_what_hardly_ever_decides_is_asked_last() -> None:
    tree = All((Leaf("employer"), MONTHS))
    assert next_question([tree], {}, late=frozenset({"employer"})) == MONTHS


def test_a_figure_is_held_against_its_bound() -> None:
    assert MONTHS.holds({"contract_months": 6.0}) is False
    assert MONTHS.holds({"contract_months": 18.0}) is True
    assert Leaf("training_days", "max", 5.0).holds({"training_days": 7.0}) is False
    assert failures(All((MONTHS,)), {"contract_months": 6.0}) == (MONTHS,)


def test_negations_are_met_by_a_no() -> None:
    tree = tree_of(Condition(**{"not": {"is": "already_claimed_for_person"}}))
    assert evaluate(tree, {"already_claimed_for_person": False}) is True
    years = tree_of(Condition(**{"not": {"min": "years_to_pension", "of": 5}}))
    assert evaluate(years, {"years_to_pension": 3.0}) is True


@given(st.dictionaries(st.sampled_from([leaf.name for leaf in leaves(STARTUP)]), st.sampled_from([True, False, None])))
def test_every_interview_ends(known: dict[str, bool | None]) -> None:
    asked = 0
    while (leaf := next_question([STARTUP], known)) is not None:
        known[leaf.name] = None
        asked += 1
    assert asked <= 5


def test_of_several_amounts_the_askers_is_told(policies: dict[str, Policy]) -> None:
    startup = provision(policies, "honghu", "startup-subsidy")
    returned = {"retired_fisher": True, "returned_home": True, "first_startup": True}
    hard = {"retired_fisher": True, "hard_to_employ": True, "has_business": True}
    assert [fact.id for fact in facts_for(startup, returned)] == ["returned"]
    assert [fact.id for fact in facts_for(startup, hard)] == ["hard"]
    assert {fact.id for fact in facts_for(startup, {})} == {"hard", "returned"}


def test_a_verdict_is_never_more_than_likely(policies: dict[str, Policy]) -> None:
    hiring = provision(policies, "wuhan", "hiring-subsidy")
    assert is_for_employers(hiring)
    assert judge(hiring, {"contract_months": 6.0}).standing is Standing.NOT
    assert judge(hiring, {"employer": True}).standing is Standing.PERHAPS
    assert {standing.value for standing in Standing} == {"likely", "perhaps", "not"}


def test_every_condition_has_its_question(policies: dict[str, Policy]) -> None:
    asker = load_asker()
    used: set[str] = set()
    for policy in policies.values():
        for one in policy.provisions:
            for condition in [one.conditions, *(fact.conditions for fact in one.facts)]:
                used |= condition.names() if condition else set()
    assert used - set(asker.entries) == set()
    assert set(asker.entries) - used == set(), "asked by no policy any more"


def test_every_question_can_be_put_and_answered(policies: dict[str, Policy]) -> None:
    asker = load_asker()
    for policy in policies.values():
        for one in policy.provisions:
            for leaf in leaves(tree_of(one.conditions)):
                for words in (
                    asker.question(leaf, of_worker=False),
                    asker.question(leaf, of_worker=True),
                    asker.question(leaf, of_worker=False, simpler=True),
                    asker.need(leaf),
                ):
                    assert words, leaf
                    assert "{" not in words, leaf
                yes, no, unsure = asker.options(leaf)
                assert leaf.holds({leaf.name: yes[1]}) != leaf.holds({leaf.name: no[1]})
                assert unsure[1] is None


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("早先一直在湖里打鱼", "retired_fisher", True),
        ("禁捕那年就把船交了", "retired_fisher", True),
        ("我没打过鱼", "retired_fisher", False),
        ("我们家建了档立了卡的", "poverty_lifted", True),
        ("不是贫困户", "poverty_lifted", False),
        ("刚从东莞回来", "returned_home", True),
        ("一直就在家，没出去过", "returned_home", False),
        ("头一趟自己做生意", "first_startup", True),
        ("以前开过店，亏了", "first_startup", False),
        ("开了个杂货铺", "has_business", True),
        ("执照还没办", "has_business", False),
        ("给他们都交了五险", "insured", True),
        ("社保没交", "insured", False),
        ("轻省的活能干点", "able_to_work", True),
        ("干不了活了", "able_to_work", False),
        ("娃小离不开人，出不去", "cannot_leave", True),
        ("村里组织包车送去的", "organised", True),
        ("自己买票去的", "organised", False),
        ("孩子读中专", "child_in_vocational_school", True),
        ("三级残疾", "severe_disability", False),
    ],
)
def test_free_words_are_read(said: str, name: str, value: bool) -> None:
    assert load_asker().read(said).facts.get(name) is value


@pytest.mark.parametrize(
    ("said", "months"),
    [("合同是半年半年签的", 6), ("合同签了一年半", 18), ("签的两年", 24), ("签了八个月的合同", 8), ("没签合同", 0)],
)
def test_spans_of_time_are_read_as_months(said: str, months: float) -> None:
    reading = load_asker().read(said, figures_of=frozenset({"contract_months"}))
    assert reading.facts["contract_months"] == months


@pytest.mark.parametrize(
    ("said", "value"),
    [("嗯", True), ("是的", True), ("对头", True), ("没有", False), ("不是", False), ("不晓得", None)],
)
def test_short_answers_answer_the_open_question(said: str, value: bool | None) -> None:
    reading = load_asker().read(said, open_leaf=FISHER)
    assert reading.answers_open
    assert reading.facts["retired_fisher"] is value


def test_other_matters_are_no_answer() -> None:
    for said in ("今天湖上风好大", "对了，养老补贴哪天发", "这个要到哪里办"):
        assert not load_asker().read(said, open_leaf=FISHER).answers_open, said


def test_what_an_employer_says_of_the_worker_is_kept_apart() -> None:
    told = keep({}, {"insured": True, "employer": True}, of_worker=True)
    assert told == {"self": {"employer": True}, "worker": {"insured": True}}
    asker = load_asker()
    assert asker.as_known(told, of_worker=False) == {"employer": True}
    assert asker.as_known(told, of_worker=True) == {"employer": True, "insured": True}


def test_not_knowing_never_covers_a_fact() -> None:
    told = keep({"self": {"retired_fisher": True}}, {"retired_fisher": None}, of_worker=False)
    assert told["self"] == {"retired_fisher": True}
