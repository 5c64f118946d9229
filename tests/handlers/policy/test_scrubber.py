"""Questions that are kept apart from their conversation name nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.policy.scrubber import scrub


@pytest.mark.parametrize(
    ("said", "secrets"),
    [
        ("我叫王大海，想问养老补贴", ["王大海"]),
        ("张水生，新堤的，13800138000", ["张水生", "13800138000"]),
        ("李老板不给我交社保怎么办", ["李老板"]),
        ("电话是138-0013-8000，打给我", ["138-0013-8000"]),
        ("０７１６２２１１０００找不到人", ["０７１６２２１１０００", "07162211000"]),
        ("加我微信 hai_1988x 说创业补贴", ["hai_1988x"]),
        ("发我邮箱 wang.hai@example.com", ["wang.hai"]),
        ("住宏伟路25号3栋2单元，能领什么", ["25号", "3栋"]),
        ("螺山镇朱家村三组的，能干公益岗吗", ["朱家村三组"]),
        ("车牌鄂D12345的包车路费报不报", ["鄂D12345"]),
        ("联系人：陈大海，问贷款", ["陈大海"]),
        ("身份证421083199001011234能查吗", ["421083199001011234"]),
    ],
)
def test_names_numbers_and_addresses_are_taken_out(said: str, secrets: list[str]) -> None:
    kept = scrub(said)
    assert not [secret for secret in secrets if secret in kept], kept


@pytest.mark.parametrize(
    "said",
    [
        "我是退捕渔民，能领几样",
        "2023年的补贴是1000元/人吗",
        "我是洪湖的，养老补多少",
        "公益岗一个月给多少钱",
        "单位老板不交社保怎么办",
        "高中毕业能学什么手艺",
        "项目经理说要签1年合同",
        "创业担保贷款最多20万还是300万",
    ],
)
def test_the_matter_stays(said: str) -> None:
    assert scrub(said) == said


@given(st.text(max_size=200))
def test_any_text_can_be_scrubbed(text: str) -> None:
    assert len(scrub(text)) <= 300


@given(
    st.integers(min_value=10_000_000_000, max_value=19_999_999_999),
    st.text(alphabet="补贴怎么领，。 ", max_size=10),
)
def test_no_telephone_number_is_left(number: int, around: str) -> None:
    assert str(number) not in scrub(f"{around}{number}{around}")
