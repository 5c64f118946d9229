"""What people say of themselves is read; what is said of others, or asked, is not."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.people.person import AgeBand, Employment, Group, WishKind, WorkForm
from handlers.people.reading import Reader
from handlers.people.said import Said, said_from
from knowledge.regions import load_regions

TODAY = date(2026, 11, 29)
HONGHU = "421083"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(load_regions(frozenset({HONGHU, "420100", "460000", "371311", "321000"})))


def read(reader: Reader, words: str, **more: object) -> Said:
    return reader.read(words, today=TODAY, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "region", "village"),
    [
        ("我是退捕渔民，住新堤，会电焊想找活", "421083001", ""),
        ("我家在螺山镇界牌村", "421083100", "界牌村"),
        ("我是洪湖螺山的", "421083100", ""),
        ("俺住在洪湖市瞿家湾镇", "421083109", ""),
        ("想去武汉打工", None, ""),
        ("武汉有没有活", None, ""),
        ("新堤街道", None, ""),
        ("我是界牌村的村支书", None, "界牌村"),
    ],
)
def test_a_place_is_theirs_where_they_say_that_they_live_there(
    reader: Reader, words: str, region: str | None, village: str
) -> None:
    said = read(reader, words)
    assert (said.region, said.village) == (region, village)


def test_a_bare_place_counts_as_an_answer_only(reader: Reader) -> None:
    assert read(reader, "新堤街道", whole=True).region == "421083001"
    assert read(reader, "螺山", whole=True, home=HONGHU).region == "421083100"


@pytest.mark.parametrize(
    ("words", "groups"),
    [
        ("我以前打鱼的，上岸了", {Group.RETIRED_FISHER}),
        ("我家是建档立卡脱贫户，在吃低保", {Group.POVERTY_LIFTED, Group.DIBAO}),
        ("刚从广东打工回来", {Group.RETURNED_HOME}),
        ("今年大专毕业，没找到事", {Group.GRADUATE}),
        ("我是大学生，学计算机的，今年毕业的", {Group.GRADUATE}),
        ("去年刚毕业的大专生", {Group.GRADUATE}),
        ("我是大学生，今年还没毕业", set()),
        ("我上过大学，孩子今年高中毕业", set()),
        ("我当过兵", {Group.VETERAN}),
        ("我是村里的妇女主任", {Group.CADRE}),
        ("我开了个服装厂，想招人", {Group.EMPLOYER}),
        ("我有残疾证", {Group.DISABILITY_CERTIFICATE}),
        ("公司招退捕渔民补贴多少", set()),
        ("招一个脱贫户给多少", set()),
        ("我不是渔民", set()),
        ("有什么补贴", set()),
    ],
)
def test_groups_are_those_they_say_they_are_of(reader: Reader, words: str, groups: set[Group]) -> None:
    assert set(read(reader, words).groups) == groups


def test_who_is_not_of_a_group_says_so(reader: Reader) -> None:
    assert read(reader, "我不是渔民").not_groups == (Group.RETIRED_FISHER,)


@pytest.mark.parametrize(
    ("words", "year", "band"),
    [
        ("我今年四十五岁", 1981, None),
        ("45岁了", 1981, None),
        ("女 38 想找活", 1988, None),
        ("62年的", 1962, None),
        ("我1975年出生", 1975, None),
        ("五十多了", None, AgeBand.OLDER),
        ("快六十的人了", None, AgeBand.OLDER),
        ("四十出头", None, AgeBand.MIDDLE),
        ("三十几岁", None, AgeBand.MIDDLE),
        ("四十多岁", None, None),
        ("补贴满16岁到45岁的人", None, None),
        ("我们村二十几个妇女", None, None),
        ("打了45年鱼", None, None),
        ("23年的补贴还没发", None, None),
        ("我五十八了，以前打鱼的", 1968, None),
        ("我女的，四十三，高中毕业", 1983, None),
    ],
)
def test_an_age_is_read_as_exactly_as_it_was_said(
    reader: Reader, words: str, year: int | None, band: AgeBand | None
) -> None:
    said = read(reader, words)
    assert (said.birth_year, said.age_band) == (year, band)


@pytest.mark.parametrize(
    ("words", "employment", "form"),
    [
        ("没活干，在家闲着", Employment.UNEMPLOYED, None),
        ("去年下岗了", Employment.UNEMPLOYED, None),
        ("冇得事做", Employment.UNEMPLOYED, None),
        ("现在在武汉工地上班", Employment.EMPLOYED, WorkForm.COMPANY),
        ("找到工作了", Employment.EMPLOYED, None),
        ("不想出去做事了", Employment.NOT_LOOKING, None),
        ("病了，干不动了", Employment.UNABLE, None),
        ("干不动重活", None, None),
        ("一直在家种田", None, WorkForm.FARMING),
        ("平时打零工", None, WorkForm.FLEXIBLE),
        ("送外卖的要不要四十八岁的", None, None),
        ("有没有临时工", None, None),
        ("还没找到工作", None, None),
        ("自己开了个小店", None, WorkForm.BUSINESS),
    ],
)
def test_how_work_stands(reader: Reader, words: str, employment: Employment | None, form: WorkForm | None) -> None:
    said = read(reader, words)
    assert (said.employment, said.work_form) == (employment, form)


@pytest.mark.parametrize(
    ("words", "skills", "wishes"),
    [
        ("会电焊，会补网会开船", ("电焊", "补网", "开船"), []),
        ("有驾照，能开货车", ("驾照", "开货车"), []),
        ("干了二十年泥瓦工", ("泥瓦工",), []),
        ("会电焊想找活", ("电焊",), [(WishKind.WORK, "any")]),
        ("想找个保安的活", (), [(WishKind.WORK, "guard")]),
        ("想学月嫂", (), [(WishKind.TRAINING, "confinement")]),
        ("不会电焊，想学", (), [(WishKind.TRAINING, "any")]),
        ("打死我也不想扫大街了，有没有别的活", (), [(WishKind.WORK, "any")]),
        ("电焊工工资多少", (), []),
        ("招聘会几点开", (), []),
        ("我已经找到工作了，在物业上班", (), []),
        ("前几天找到个保洁的活", (), []),
        ("我会做饭，想学开叉车", ("做饭",), [(WishKind.TRAINING, "forklift")]),
        ("刚毕业，学电商的，想找工作", ("电商",), [(WishKind.WORK, "any")]),
        ("做过五年月嫂，想转做养老护理", ("月嫂",), [(WishKind.WORK, "carer")]),
    ],
)
def test_a_trade_is_a_skill_or_a_wish_by_the_words_before_it(
    reader: Reader, words: str, skills: tuple[str, ...], wishes: list[tuple[WishKind, str]]
) -> None:
    said = read(reader, words)
    assert said.skills == skills
    assert [(wish.kind, wish.trade) for wish in said.wishes] == wishes


@pytest.mark.parametrize(
    ("words", "pay", "region"),
    [
        ("想找个保安的活，一个月不少于四千", 4000, None),
        ("想去武汉打工，四五千一个月就行", 4000, "420100"),
        ("想找活，月薪3500以上", 3500, None),
        ("找个五千左右的工作", 5000, None),
        ("想找个活，3到5千", 3000, None),
        ("工资莫低于四千", 4000, None),
        ("不得少于三千五的活", 3500, None),
        ("五千往上的", 5000, None),
        ("想找活，2023年的补贴还没发", None, None),
        ("想找活，工资一个月三千没发", None, None),
        ("想找活，还欠贷款5000", None, None),
    ],
)
def test_pay_and_place_of_a_wish(reader: Reader, words: str, pay: int | None, region: str | None) -> None:
    (wish,) = read(reader, words).wishes
    assert (wish.pay_from, wish.region) == (pay, region)


@pytest.mark.parametrize(
    "words",
    [
        "帮我妈问，她今年55，是退捕渔民",
        "我儿子想学修车，你们有课没",
        "替我爸打听一下，他以前打鱼的",
        "我老公在家闲着，会电焊",
        "我弟弟是残疾人，想找活",
        "给邻居问的，他62年的",
    ],
)
def test_nothing_said_of_somebody_else_is_the_askers(reader: Reader, words: str) -> None:
    said = read(reader, words)
    assert said.other
    assert said.weight == 0
    assert said == Said(other=said.other)


def test_who_only_mentions_relatives_speaks_of_themselves(reader: Reader) -> None:
    assert not read(reader, "我妈让我来问，我是退捕渔民").other
    assert not read(reader, "我要照顾老伴，想找离家近的活").other


@pytest.mark.parametrize(
    ("words", "skills", "year"),
    [
        ("我今年52，老婆在家带孙子，我会开船", ("开船",), 1974),
        ("我爸五十九了，以前打鱼，我今年三十，会电焊", ("电焊",), 1996),
        ("我妈身体不好，我会做饭", ("做饭",), None),
        ("我孩子小，会缝纫", ("缝纫",), None),
    ],
)
def test_of_a_message_about_both_only_their_own_clauses_count(
    reader: Reader, words: str, skills: tuple[str, ...], year: int | None
) -> None:
    said = read(reader, words)
    assert (said.skills, said.birth_year, said.other) == (skills, year, "")
    assert Group.RETIRED_FISHER not in said.groups


def test_work_that_is_wished_for_is_none_that_they_have(reader: Reader) -> None:
    assert read(reader, "会泥瓦工，希望在本地务工").employment is None
    assert read(reader, "我在开网约车").employment is Employment.EMPLOYED


def test_of_two_places_the_one_where_they_live_now_counts(reader: Reader) -> None:
    assert read(reader, "我老家峰口的，现在住新堤").region == "421083001"


def test_what_was_read_survives_a_button(reader: Reader) -> None:
    said = read(reader, "我是退捕渔民，住新堤，45岁，会电焊，想去武汉找保安的活，不少于四千，在家闲着")
    assert said.weight >= 5
    assert said_from(said.to_data()) == said
