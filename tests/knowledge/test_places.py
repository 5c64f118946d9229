"""Which place a question is about: named, a destination, somebody else's, denied, or several compared."""

from __future__ import annotations

import pytest

from knowledge.places import read_places
from knowledge.regions import Regions

HONGHU, WUHAN, HAINAN, YANGZHOU, LUOZHUANG = "421083", "420100", "460000", "321000", "371311"
COVERED = frozenset({HONGHU, WUHAN, HAINAN, YANGZHOU, LUOZHUANG})


def codes_of(text: str, regions: Regions, home: str | None = None) -> tuple[str, ...]:
    return read_places(text, regions, home=home, covered=COVERED).codes


@pytest.mark.parametrize(
    ("text", "home", "codes"),
    [
        ("武汉招人补多少", HONGHU, (WUHAN,)),
        ("我是洪湖的，招人补多少", None, (HONGHU,)),
        ("招人补多少", HONGHU, ()),
        ("我要去广东打工，路费报不报", WUHAN, ()),
        ("人在深圳上班，养老补贴还有吗", HONGHU, ()),
        ("到武汉打工有没有路费", HONGHU, ()),
        ("去武汉做工，洪湖给不给补贴", None, (HONGHU,)),
        ("湖北省洪湖市的养老补贴", None, (HONGHU,)),
        ("山东临沂罗庄的培训", None, (LUOZHUANG,)),
        ("不是武汉的，是洪湖的", None, (HONGHU,)),
        ("我人在武汉，帮洪湖老家的爸爸问", None, (HONGHU,)),
        ("听说跟武汉也签了劳务协作", HONGHU, ()),  # whom a document names as its partner is not asked about
        ("洪湖跟武汉签协议了没", None, (HONGHU,)),
        ("监利的亲戚打鱼，养老补贴几时发", HONGHU, ("421088",)),
        ("监利的亲戚说给两千，我们这边也给吗", HONGHU, ()),
        ("仙桃渔民贷款最高多少", HONGHU, ("429004",)),
        ("去仙桃打工补不补路费", HONGHU, ()),
        ("跟武汉比创业补贴哪个高", HONGHU, (HONGHU, WUHAN)),
    ],
)
def test_the_place_asked_about(regions: Regions, text: str, home: str | None, codes: tuple[str, ...]) -> None:
    assert codes_of(text, regions, home) == codes


@pytest.mark.parametrize(
    "text", ["洪湖和武汉招人补贴哪个高", "武汉跟洪湖的创业补贴比一下", "洪湖、武汉的贷款有什么不一样"]
)
def test_places_compared_are_both_asked_about(regions: Regions, text: str) -> None:
    reading = read_places(text, regions, home=None, covered=COVERED)
    assert set(reading.codes) == {HONGHU, WUHAN}
    assert reading.comparing


def test_all_places_can_be_asked_for(regions: Regions) -> None:
    reading = read_places("各地的招人补贴都是多少", regions, home=None, covered=COVERED)
    assert reading.codes == ()
    assert reading.comparing


def test_the_rest_of_the_question_holds_no_place(regions: Regions) -> None:
    assert "武汉" not in read_places("武汉招人补多少", regions, home=None, covered=COVERED).rest


@pytest.mark.parametrize(
    "text", ["俺问了好几样补贴都说没写数，那按哪里的标准给", "他们都说有补贴，是不是真的", "报公益岗去哪个地方"]
)
def test_hearsay_is_no_comparison(regions: Regions, text: str) -> None:
    assert not read_places(text, regions, home=HONGHU, covered=COVERED).comparing


@pytest.mark.parametrize(
    ("text", "workplace"),
    [
        ("俺在海南工地上干，工钱得占多少", (HAINAN, "工钱得占多少")),
        ("我在海南打工，老板不给钱怎么办", (HAINAN, "老板不给钱怎么办")),
        ("我在武汉打工，老板拿了招我的奖金，分不分我", None),
        ("我在海南干活，养老补贴什么时候发", None),
        ("要去海南打工，老板会不会拖工钱", None),
        ("我在深圳打工，老板不给钱怎么办", None),
    ],
)
def test_pay_is_asked_of_the_place_where_one_works(
    regions: Regions, text: str, workplace: tuple[str, str] | None
) -> None:
    reading = read_places(text, regions, home=LUOZHUANG, covered=COVERED)
    assert reading.codes == ()
    assert reading.workplace == workplace


def test_what_is_told_of_elsewhere_is_asked_of_home(regions: Regions) -> None:
    heard = "武汉亲戚说雇一个给两千，我们这边也是两千吗"
    assert read_places(heard, regions, home=HONGHU, covered=COVERED).codes == ()
    assert read_places("武汉亲戚说雇一个给两千，是真的吗", regions, home=HONGHU, covered=COVERED).explicit
