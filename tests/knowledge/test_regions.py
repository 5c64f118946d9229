"""A place named in any way is found, and related to those above and below it."""

from __future__ import annotations

import pytest

from knowledge.regions import Regions


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("海口", "460000"),
        ("海口市", "460000"),
        ("三亚", "460000"),
        ("儋州", "460000"),
        ("琼中", "460000"),
        ("新堤", "421083"),
        ("新堤街道", "421083"),
        ("瞿家湾", "421083"),
        ("小港管理区", "421083"),
        ("洪湖", "421083"),
        ("洪湖市", "421083"),
        ("湖北省洪湖市", "421083"),
        ("罗庄", "371311"),
        ("临沂市罗庄区", "371311"),
        ("新洲区", "420100"),
        ("黄陂", "420100"),
        ("汉口", "420100"),
        ("江都", "321000"),
        ("邗江区", "321000"),
    ],
)
def test_a_place_within_a_documents_region_is_known(regions: Regions, name: str, area: str) -> None:
    code = regions.resolve(name)
    assert code is not None
    assert regions.is_within(code, area)


@pytest.mark.parametrize("name", ["监利", "监利市", "仙桃", "潜江市", "荆州", "临沂", "南京市", "深圳"])
def test_a_place_without_document_is_known_and_not_covered(regions: Regions, name: str) -> None:
    code = regions.resolve(name)
    assert code is not None
    assert not any(regions.is_within(code, area) for area in regions.served)


def test_a_county_under_the_province_has_no_city_above_it(regions: Regions) -> None:
    code = regions.resolve("仙桃市")
    assert code == "429004"
    assert regions.ancestors(code) == ("429004", "420000")


@pytest.mark.parametrize(
    ("old", "today"), [("监利县", "监利市"), ("丹徒县", "丹徒区"), ("琼山市", "琼山区"), ("江都市", "江都区")]
)
def test_a_former_name_is_the_division_of_today(regions: Regions, old: str, today: str) -> None:
    code = regions.resolve(old)
    assert code is not None
    assert regions.name(code) == today


def test_one_name_in_two_places_is_told_apart_by_what_lies_above(regions: Regions) -> None:
    honghu, hanjiang = regions.resolve("洪湖市汊河镇"), regions.resolve("扬州市邗江区汊河街道")
    assert honghu is not None
    assert hanjiang is not None
    assert regions.is_within(honghu, "421083")
    assert regions.is_within(hanjiang, "321003")


@pytest.mark.parametrize(
    "text", ["网上能开通什么业务", "公安局管不管", "东方红拖拉机", "今天天气", "一元钱", "平安保险"]
)
def test_ordinary_words_are_no_places(regions: Regions, text: str) -> None:
    assert regions.find(text) == ()


@pytest.mark.parametrize("near", [None, "421083", "371311"])
@pytest.mark.parametrize(
    "text",
    [
        *(
            "新开的店给补贴不",
            "少数民族贫困户培训免费不",
            "村里马上安排公益岗",
            "高新区的厂",
            "市中心开店",
            "老城区的店",
        ),
        *("新华书店旁边", "以后安家补贴"),
    ],
)
def test_names_within_ordinary_words_are_no_places(regions: Regions, text: str, near: str | None) -> None:
    assert regions.find(text, near=near) == ()


def test_a_township_that_is_a_word_too_counts_near_home_or_in_full(regions: Regions) -> None:
    (mention,) = regions.find("我住在大桥", near="321000")
    assert regions.whole_name(mention.code) == "扬州市江都区大桥镇"
    assert regions.find("我住在大桥头", near="421083") == ()
    assert [one.code for one in regions.find("大桥镇的补贴", near="421083")] == [mention.code]


@pytest.mark.parametrize("name", ["火星", "", " ", "某某县", "abc"])
def test_what_is_no_place_is_not_resolved(regions: Regions, name: str) -> None:
    assert regions.resolve(name) is None


def test_a_region_serves_what_lies_below_and_no_sibling(regions: Regions) -> None:
    assert regions.is_within("421083001", "421083")
    assert not regions.is_within("421083", "421088")
    assert not regions.is_within("420000", "421083")


def test_full_names_tell_districts_apart(regions: Regions) -> None:
    assert regions.full_name("371311") == "临沂市罗庄区"
    assert regions.full_name("421083") == "洪湖市"


@pytest.mark.parametrize(
    ("spoken", "official"),
    [
        ("乐东县", "乐东黎族自治县"),
        ("陵水", "陵水黎族自治县"),
        ("昌江县", "昌江黎族自治县"),
        ("琼中县", "琼中黎族苗族自治县"),
        ("长阳县", "长阳土家族自治县"),
        ("恩施州", "恩施土家族苗族自治州"),
        ("双江", "双江拉祜族佤族布朗族傣族自治县"),
        ("内蒙古", "内蒙古自治区"),
    ],
)
def test_an_autonomous_place_is_known_without_its_peoples(regions: Regions, spoken: str, official: str) -> None:
    code = regions.resolve(spoken)
    assert code is not None
    assert regions.name(code) == official


@pytest.mark.parametrize("text", ["走绿色通道办", "互助小组怎么报", "想去大厂上班", "沿河清理垃圾的活"])
def test_words_that_autonomous_places_share_are_no_places(regions: Regions, text: str) -> None:
    assert regions.find(text) == ()


def test_a_township_s_name_that_two_places_share_is_no_place_but_beside_its_own(regions: Regions) -> None:
    assert regions.find("我是汊河的") == ()
    assert [mention.code for mention in regions.find("我是汊河的", near="421083")] == ["421083112"]
    assert [mention.code for mention in regions.find("汊河镇")] == ["421083112"]


@pytest.mark.parametrize("words", ["李秀英13987654321", "我叫张文昌", "孙建湖，手机在这", "老板李文昌跑了"])
def test_a_persons_given_name_is_no_place(regions: Regions, words: str) -> None:
    assert regions.find(words, near="421083") == ()


@pytest.mark.parametrize(
    "words", ["我是文昌的", "江苏建湖", "秀英区", "位于文昌", "全洪湖都没有", "我是万宁的", "方文昌镇"]
)
def test_a_place_behind_what_is_no_name_is_one(regions: Regions, words: str) -> None:
    assert regions.find(words, near="421083")
