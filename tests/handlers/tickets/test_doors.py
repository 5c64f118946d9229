"""Whose a matter is, where it is not the bureau's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.tickets.categories import read_examples
from handlers.tickets.doors import Doors, find_door
from knowledge.notours import load_foreign


@pytest.mark.parametrize(
    ("text", "door", "phone"),
    [
        ("医保报销少了两千块", "medical", "12393"),
        ("住院的钱报不了", "medical", "12393"),
        ("我的渔船补偿没给够", "agriculture", ""),
        ("网具交了钱还没给", "agriculture", ""),
        ("禁捕补偿少了我家的", "agriculture", ""),
        ("低保被取消了", "civil", ""),
        ("临时救助申请不下来", "civil", ""),
        ("村书记收红包", "discipline", "12388"),
        ("办事员吃拿卡要", "discipline", "12388"),
        ("我要行政复议", "review", ""),
        ("信访局已经受理了没答复", "petition", ""),
        ("公司辞退我不给补偿", "arbitration", ""),
        ("工伤赔偿谈不拢", "arbitration", ""),
        ("合同没到期就叫我走，合同纠纷", "arbitration", ""),
        ("被诈骗了八千", "police", "110"),
        ("法院判了一年没执行", "court", "12368"),
        ("社保费重复扣款要退费", "tax", "12366"),
        ("请不起律师", "legal_aid", "12348"),
    ],
)
def test_a_matter_of_another_body_finds_its_door(text: str, door: str, phone: str) -> None:
    found = find_door(text)
    assert found is not None
    assert (found.id, found.phone) == (door, phone)


@pytest.mark.parametrize(
    "text",
    ["老板欠我工资", "工资没发", "加班费一分不给", "公益岗给了村长的侄子", "养老补贴没到账", "培训班骗人",
     "创业贷款批不下来", "厂里不给交医保", "社保卡用不了", "窗口态度太差", "失业金停了", "工钱要不到，我去法院告他"],
)  # fmt: skip
def test_what_is_ours_is_sent_to_no_other_door(text: str) -> None:
    assert find_door(text) is None


@pytest.mark.parametrize("text", ["老板欠我工资还打人", "法院判了老板还是不给工资", "公司辞退我不给补偿，工资也没结"])
def test_where_wages_are_owed_too_the_bureau_keeps_its_part(text: str) -> None:
    found = find_door(text)
    assert found is not None
    assert found.also_ours


def test_hardly_any_of_our_own_examples_is_sent_away() -> None:
    examples = [line for lines in read_examples()[0].values() for line in lines]
    sent = [(line, door.id) for line in examples if (door := find_door(line)) and not door.also_ours]
    assert len(sent) <= 0.01 * len(examples), sent


def test_a_resemblance_is_never_certain() -> None:
    found = find_door("助学贷款下不来")
    assert found is not None
    assert not found.certain


def test_a_number_that_is_not_national_is_refused() -> None:
    entry = {"id": "x", "body": "某局", "say": "打 0716-2424242。", "phone": "0716-2424242"}
    with pytest.raises(ValueError, match="national"):
        Doors({"ours": [], "doors": [entry]}, load_foreign()[:1], ["工资没发"])


def test_a_topic_that_nobody_describes_is_refused() -> None:
    entry = {"id": "x", "body": "某局", "say": "去。", "topics": ["nowhere"]}
    with pytest.raises(ValueError, match="not_ours"):
        Doors({"ours": [], "doors": [entry]}, load_foreign()[:1], ["工资没发"])


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_has_a_door_or_none(text: str) -> None:
    find_door(text)
