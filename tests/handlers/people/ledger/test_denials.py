"""What a ledger takes back, plans, or says of somebody else is not read as said of the person; who is gone is asked."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.people.ledger.cells import Number
from handlers.people.ledger.columns import Kind, Template, load_columns
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.gone import Gone, who_is_gone
from handlers.people.ledger.grouping import groups_of, is_unclear, means_yes
from handlers.people.ledger.tables import Unread
from handlers.people.ledger.values import BadValue, read_date, read_last4, read_name, read_phones
from handlers.people.ledger.wishing import read_wish, skills_of
from tests.handlers.people.ledger.make import ID, OTHER_ID, read, sheet
from tests.handlers.people.ledger.test_many_sheets import NAMED, book

COLUMNS = load_columns()
FIELDS = COLUMNS.fields[Template.T2]


# -- closed columns -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            "employment",
            "未外出务工 没有稳定就业 不上班 因病无法务工 想打工 拟就业 停止务工 曾在外务工 家属务工 务工：否",
        ),
        ("work_form", "未外出 无企业 准备创业"),
        ("fisher_type", "未持证 非专业渔民 退捕渔民家属"),
        ("service_kind", "未参加培训 拒绝培训 未推荐 计划培训 培训意愿登记"),
        ("paid_state", "未发放成功 取消发放（已发）"),
        ("insurance", "居民医保 城乡居民基本医疗保险 未缴居民保险 职工（停保）"),
    ],
)
def test_a_word_that_is_taken_back_means_nothing(table: str, said: str) -> None:
    assert {one: COLUMNS.choose(table, one) for one in said.split()} == dict.fromkeys(said.split(), "")


@pytest.mark.parametrize(
    ("table", "said", "value"),
    [
        ("employment", "未从业", "unemployed"),
        ("employment", "没有打工", "unemployed"),
        ("employment", "目前在无锡务工", "employed"),
        ("work_form", "非全日制", "flexible"),
        ("fisher_type", "无证渔民", "other"),
        ("service_kind", "未就业人员培训", "training"),
        ("service_kind", "渔民家属培训", "training"),
        ("paid_state", "已缴未补", "paid"),
        ("insurance", "居民养老、职工医保", "resident"),
    ],
)
def test_a_word_that_only_looks_taken_back_counts(table: str, said: str, value: str) -> None:
    assert COLUMNS.choose(table, said) == value


# -- groups and yes-or-no columns -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "退捕渔民家属",
        "取消低保",
        "已退出低保",
        "原低保",
        "申请低保",
        "残疾人子女",
        "监测对象（已消除风险）",
        "低保(A类)已取消",
        "配偶（残疾人）",
    ],
)
def test_who_was_or_belongs_to_a_member_is_none_and_that_is_told(said: str) -> None:
    assert groups_of({"category": said}, COLUMNS) == frozenset()
    assert is_unclear("category", said, COLUMNS)
    found = read(sheet([*NAMED, "人员类别"], ["示例张三", ID, said]))
    assert [(fault.column, fault.code, fault.refused) for fault in found.faults] == [
        ("人员类别", "group_unclear", False)
    ]


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ("非退捕渔民", set()),
        ("未纳入低保", set()),
        ("退捕渔民，非低保", {"retired_fisher"}),
        ("监测对象（风险未消除）", {"monitored"}),
        ("未就业高校毕业生", {"graduate"}),
        ("无劳动能力低保户", {"dibao"}),
        ("原建档立卡贫困户", {"poverty_lifted"}),
        ("脱贫户（不享受政策）", {"poverty_lifted"}),
        ("边缘易致贫户", {"monitored"}),
    ],
)
def test_what_is_plainly_so_or_not_so_is_not_asked_about(said: str, groups: set[str]) -> None:
    assert groups_of({"category": said}, COLUMNS) == groups
    assert not is_unclear("category", said, COLUMNS)


def test_every_yes_or_no_column_of_a_group_has_words_of_its_own() -> None:
    columns = [one for one in FIELDS.values() if one.kind is Kind.YESNO]
    assert columns
    assert all(one.yes for one in columns)


@pytest.mark.parametrize(
    ("name", "yes", "no", "neither"),
    [
        ("is_dibao", "A类 低保 是（已核实）", "未纳入低保 非低保户 0 无", "原低保 低保(已取消) 低保边缘户 13900001111"),
        ("is_disabled", f"二级 肢体残疾三级 {ID}43", "无残疾 未评残", "残疾证已过期 13900001111 残疾（无证）"),
        ("is_fisher", "专业 无证渔民", "非退捕渔民", "渔民家属 非专业渔民 是（已退出）"),
        ("is_monitored", "脱贫不稳定户", "非监测对象", "监测对象已消除风险"),
        ("risk_removed", "已消除 风险已消除", "未消除", "准备消除"),
    ],
)  # fmt: skip
def test_a_yes_or_no_column_knows_its_own_words_and_what_takes_them_back(
    name: str, yes: str, no: str, neither: str
) -> None:
    for words, meant in ((yes, True), (no, False), (neither, None)):
        assert {one: means_yes(FIELDS[name], one, COLUMNS) for one in words.split()} == dict.fromkeys(
            words.split(), meant
        )


@pytest.mark.parametrize("said", ["0", "无", 0])
def test_no_stands_in_a_yes_or_no_column_also_as_what_is_empty_elsewhere(said: Any) -> None:
    (record,) = read(sheet([*NAMED, "是否低保", "备注"], ["示例张三", ID, said, said])).records
    assert record.fields["is_dibao"] == str(said)
    assert groups_of({"is_dibao": "是", **record.fields}, COLUMNS) == frozenset()


# -- wishes and skills ----------------------------------------------------------------------------------------


def test_a_refusal_is_no_wish_and_what_leaves_it_open_is_told() -> None:
    none = [
        "×",
        "不",
        "0",
        "无需求",
        "无需",
        "不考虑",
        "没兴趣",
        "已有工作不需要",
        "年纪大了，不想干",
        "不想学电焊",
        "对电焊没兴趣",
    ]
    assert {one: read_wish(one, COLUMNS) for one in none} == dict.fromkeys(none, ((), False))
    open_ = ["年纪大了", "已就业", "有，不需要", "不想进厂想学电焊"]
    assert {one: read_wish(one, COLUMNS) for one in open_} == dict.fromkeys(open_, ((), True))
    wished = ["电焊，不出远门", "年纪大，想学电焊", "电焊（无证）", "不锈钢焊接"]
    assert {one: read_wish(one, COLUMNS) for one in wished} == dict.fromkeys(wished, (("welder",), False))
    anything = ["√", "有意愿", "不限"]
    assert {one: read_wish(one, COLUMNS) for one in anything} == dict.fromkeys(anything, (("any",), False))


def test_marks_and_refusals_are_no_skills() -> None:
    assert skills_of({"skills": "无特长、×、√、无人机驾驶、特长：无、捕鱼"}, COLUMNS) == ["无人机驾驶", "捕鱼"]


# -- who is gone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["示例张三(病逝)", "示例张三已故", "示例张三 故", "示例(户口已外迁)", "已故示例张三"])
def test_however_it_stands_beside_the_name_that_somebody_is_gone_they_are_not_taken(said: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_name(said, COLUMNS)
    assert caught.value.code == "person_gone"


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("2024年因病去世", Gone.SELF),
        ("户口已迁出", Gone.SELF),
        ("死亡（2020年）", Gone.SELF),
        ("死亡证明已交", Gone.SOMEBODY),
        ("丈夫去世，本人在家", None),
        ("捕捞证已注销", None),
        ("事故致残", None),
    ],
)
def test_of_a_remark_it_is_known_who_is_gone(said: str, gone: Gone | None) -> None:
    assert who_is_gone(said, COLUMNS) is gone


def test_whose_remark_says_that_they_are_dead_is_not_taken() -> None:
    found = read(
        sheet([*NAMED, "就业状态", "备注"], ["示例张三", ID, "", "已死亡"], ["示例李四", OTHER_ID, "死亡", ""])
    )
    told = [(fault.row, fault.column, fault.code) for fault in found.faults if fault.refused]
    assert (found.ids, told) == ([], [(2, "备注", "person_gone"), (3, "就业状态", "person_gone")])


def test_a_sheet_of_the_dead_or_of_samples_is_no_roster() -> None:
    one = [NAMED, ["示例张三", ID]]
    found = read(book(**{"死亡人员": [NAMED, ["示例李四", OTHER_ID]], "已剔除死亡": one, "填写示例": one}))
    assert found.ids == [ID]
    assert set(found.table.other_sheets.values()) == {Unread.ASIDE}
    with pytest.raises(BadTable) as caught:
        read(book(作废=one))
    assert caught.value.code == "table_set_aside"


# -- what spreadsheets have made of it ------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["1900/1/0", "0000-00-00", "1899-12-30"])
def test_the_day_nought_of_a_spreadsheet_is_an_empty_cell(said: str) -> None:
    assert read_date(said) == ""


@pytest.mark.parametrize("said", ["2026-3-0", "2020-00-00", "2020年0月"])
def test_day_or_month_nought_is_no_date(said: str) -> None:
    with pytest.raises(BadValue):
        read_date(said)


def test_a_service_without_a_day_refuses_its_row_alone() -> None:
    head = ["姓名", "身份证号", "类型", "日期"]
    rows = [["示例张三", ID, "宣讲", day] for day in ("2026-3-0", "/", "1900/1/0")]
    found = read(sheet(head, *rows, ["示例张三", ID, "宣讲", "2026-3-1"]))
    assert (found.codes, len(found.records)) == (["date_bad", "date_missing", "date_missing"], 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Number("13900000000"), "phone_mangled"),
        ("2020-01-01", "phone_bad"),
        ("20200101", "phone_bad"),
        ("13900001111已换号", "phone_bad"),
    ],
)
def test_a_day_or_a_rounded_number_is_no_phone(said: Any, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_phones(said, COLUMNS)
    assert caught.value.code == code


def test_of_an_account_that_a_spreadsheet_has_rounded_nothing_is_kept() -> None:
    assert [read_last4(said) for said in ("6217001234567890123", "尾号0123", "")] == ["0123", "0123", ""]
    for said in ("6.217E+18", Number("6.217E+18"), Number("6217001234567890000")):
        with pytest.raises(BadValue) as caught:
            read_last4(said)
        assert caught.value.code == "account_mangled"
    head = ["姓名", "身份证号", "险种", "年度", "缴费金额", "账号"]
    found = read(sheet(head, ["示例张三", ID, "居民", 2025, 100, "6.217E+18"]))
    assert [(fault.column, fault.code, fault.refused) for fault in found.faults] == [("账号", "account_mangled", False)]
    assert "account" not in found.records[0].fields


def test_as_above_is_not_kept_as_if_it_were_a_name() -> None:
    found = read(sheet([*NAMED, "村", "户主"], ["示例张三", ID, "同上", "〃"]))
    assert [(fault.column, fault.code, fault.refused) for fault in found.faults] == [
        ("村", "ditto", False),
        ("户主", "ditto", False),
    ]
    assert not {"village", "householder"} & found.records[0].fields.keys()


def test_cells_that_have_slipped_tell_no_name() -> None:
    head = ["姓名", "身份证号", "性别", "退捕日期", "就业状态"]
    found = read(sheet(head, ["示例张三", ID, "张某", "张某", "张某停止务工"]))
    assert [fault.value for fault in found.faults] == ["张*", "张*", "**停止务工"]
