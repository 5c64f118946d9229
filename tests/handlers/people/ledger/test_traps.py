"""Nothing is guessed and nobody is lost: what ledgers of offices say in ways that can be misread."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from handlers.people.ledger.cells import Number
from handlers.people.ledger.columns import Template, load_columns
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.grouping import groups_of, says_yes
from handlers.people.ledger.values import BadValue, read_date, read_id, read_name, read_phones
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, OTHER_ID, ROW, TODAY, cell_xml, number, read, sheet, text

COLUMNS = load_columns()


# -- headers ------------------------------------------------------------------------------------------------


def fields(*head: Any, row: list[Any] | None = None) -> dict[str, str]:
    """Header -> field, of one line."""
    found = read(sheet(list(head), row or ["示例"] * len(head)))
    return {column.header: column.field for column in found.heading.columns}


def test_a_title_above_the_header_is_no_part_of_its_names() -> None:
    found = read(sheet(["螺山镇花名册"], HEAD, ROW))
    assert [column.header for column in found.heading.columns] == HEAD


def test_three_lines_of_header_are_read_together_with_and_without_merged_cells() -> None:
    head = [
        ["序号", "基本信息", "", "", "", "就业信息", "", "", "联系电话"],
        ["", "姓名", "公民身份号码", "住址", "", "就业状态", "就业去向", "", ""],
        ["", "", "", "乡镇", "村", "", "单位", "地点", ""],
    ]
    row = ["1", "示例张三", ID, "螺山镇", "示例村", "已就业", "示例水产", "本市", "13800001234"]
    (record,) = read(text(*head, row)).records
    assert (record.fields["employer"], record.fields["work_place"]) == ("示例水产", "本市")
    assert (record.fields["village"], record.fields["phone"]) == ("示例村", ["13800001234"])


def test_a_second_line_of_header_is_no_person_where_it_adds_no_column() -> None:
    found = read(
        text(["姓名", "身份证号", "联系方式", ""], ["", "", "手机", "微信"], ["示例张三", ID, "13800001234", "x"])
    )
    assert (found.ids, found.faults) == ([ID], [])


def test_the_plainest_name_of_a_column_counts() -> None:
    assert fields("ID", "联系人姓名", "姓名", "身份证号", "联系人电话") == {
        "ID": "row_id",
        "联系人姓名": "contact_name",
        "姓名": "name",
        "身份证号": "id_number",
        "联系人电话": "contact_phone",
    }
    assert fields("社会保障号", "姓名", "身份证号码")["身份证号码"] == "id_number"


def test_a_list_of_householders_has_their_names_but_a_list_of_members_has_its_own() -> None:
    householders = fields("户主姓名", "户主身份证号", "户主电话")
    assert list(householders.values()) == ["name", "id_number", "phone"]
    members = fields("户主姓名", "户主身份证号码", "姓名", "身份证号码", "与户主关系")
    assert (members["姓名"], members["户主姓名"]) == ("name", "householder")
    with pytest.raises(BadTable):
        read(sheet(["户主姓名", "身份证号", "与户主关系"], ["示例", ID, "子"]))


def test_columns_of_somebody_else_are_not_the_persons() -> None:
    head = [["姓名", "身份证号", "配偶", "", "帮扶责任人", ""], ["", "", "姓名", "身份证号", "姓名", "联系电话"]]
    found = read(text(*head, ["示例张三", ID, "示例李四", OTHER_ID, "示例干部", "13800001234"]))
    assert found.ids == [ID]
    assert "phone" not in found.records[0].fields
    assert found.records[0].fields["helper"] == "示例干部"


def test_all_columns_of_phones_count() -> None:
    found = read(
        sheet(
            ["姓名", "身份证号", "联系电话", "手机号码"],
            ["示例张三", ID, "0716-2421234", "13800001234"],
            ["示例李四", OTHER_ID, None, "13900005678"],
        )
    )
    assert [record.fields["phone"] for record in found.records] == [["13800001234", "0716-2421234"], ["13900005678"]]
    assert (found.heading.unknown, found.heading.repeated) == ([], [])


def test_a_column_that_is_not_read_because_another_is_is_told() -> None:
    assert read(sheet(["姓名", "身份证号", "户籍地址", "现住址"], ["示例张三", ID, "甲", "乙"])).heading.repeated == [
        "现住址"
    ]


@pytest.mark.parametrize("head", [["1.姓名", "2.身份证号（必填）"], ["①姓名", "②身份证号"], ["Name", "ID Card No."]])
def test_numbered_and_foreign_headers_are_known(head: list[str]) -> None:
    assert read(sheet(head, ["示例张三", ID])).ids == [ID]


def test_the_header_again_with_its_columns_in_another_order_counts_from_there() -> None:
    found = read(sheet(HEAD, ROW, ["示例村"], HEAD[::-1], OTHER[::-1]))
    assert (found.ids, found.skipped, found.faults) == ([ID, OTHER_ID], ["section", "header"], [])


def test_a_ledger_that_lacks_one_column_is_called_so() -> None:
    with pytest.raises(BadTable) as caught:
        read(sheet(["名称", "身份证号", "电话"], ["x", ID, ""]))
    assert (caught.value.data["template"], caught.value.data["missing"]) == ("T2", ["姓名"])


# -- lines that are no person ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        ["填表人：示例某", "审核人：示例某", "", "2026年3月1日"],
        ["填表人", "示例某", "审核人", "示例某"],
        ["村委会（盖章）：            年   月   日"],
        ["备注", "本表由村委会填报"],
        ["以上情况属实。"],
        ["共 3 人"],
        ["总人数：3"],
        ["示例村（3户）"],
        ["洪湖市花名册"],
    ],
)
def test_what_stands_between_and_below_the_rows_is_no_person(row: list[str]) -> None:
    found = read(sheet(["洪湖市花名册"], HEAD, ROW, row, OTHER))
    assert (found.ids, found.faults, len(found.skipped)) == ([ID, OTHER_ID], [], 1)


def test_a_row_without_a_number_is_told_even_if_somebody_has_still_to_sign() -> None:
    assert read(sheet([*HEAD, "备注"], [*ROW[:1], "", *ROW[2:], "未签字"])).codes == ["id_missing"]


# -- numbers that spreadsheets have rounded ---------------------------------------------------------------------


def test_a_number_that_a_float_holds_is_refused_even_if_its_check_digit_holds() -> None:
    lucky = next(made for order in range(1, 999) if (made := number(order=order)).isdigit() and int(made) % 64 == 0)
    assert read_id(lucky, today=TODAY).number == lucky
    with pytest.raises(BadValue) as caught:
        read_id(Number(lucky), today=TODAY)
    assert caught.value.code == "id_mangled"


def test_a_number_that_lost_its_last_three_digits_is_no_old_one() -> None:
    with pytest.raises(BadValue) as caught:
        read_id("421083200105123", today=TODAY)
    assert caught.value.code == "id_length"


@pytest.mark.parametrize("said", [f"{ID}（本人）", f"身份证号：{ID}", f"身份证{ID}"])
def test_notes_beside_a_number_are_no_part_of_it(said: str) -> None:
    assert read_id(said, today=TODAY).number == ID


# -- phones ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "phones"),
    [
        ("13800001234（儿子）", ["13800001234"]),
        ("本人13800001234", ["13800001234"]),
        ("手机：13800001234", ["13800001234"]),
        ("13800001234 微信同号", ["13800001234"]),
        ("儿子13800001234；女儿13900005678", ["13800001234", "13900005678"]),
        ("13800001234\n0716-2421234", ["13800001234", "0716-2421234"]),
        ("0716-2421234分机801", ["0716-2421234-801"]),
        ("没有手机", []),
    ],
)
def test_whose_a_phone_is_may_stand_beside_it(said: str, phones: list[str]) -> None:
    assert read_phones(said, COLUMNS) == phones


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("138****1234", "phone_masked"),
        ("同上", "phone_bad"),
        ("13800001234空号", "phone_bad"),
        ("1.38E+10", "phone_bad"),
        (Number("7162421234"), "phone_bad"),
        ("l3800001234", "phone_bad"),
        ("138 0000 1234 139 0000 567", "phone_bad"),
    ],
)
def test_a_phone_that_nobody_can_call_is_refused(said: Any, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_phones(said, COLUMNS)
    assert caught.value.code == code


@pytest.mark.parametrize("said", ["示例张三（已故）", "示例张三(2025年死亡)", "示例张三（已迁出）"])
def test_who_is_gone_is_asked_about(said: str) -> None:
    with pytest.raises(BadValue) as caught:
        read_name(said, COLUMNS)
    assert caught.value.code == "person_gone"


# -- dates ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["5/6/2019", Number("2019.1"), Number("20193"), "20193"])
def test_a_date_that_can_be_read_in_two_ways_is_not_read(said: Any) -> None:
    with pytest.raises(BadValue) as caught:
        read_date(said)
    assert caught.value.code == "date_bad"


def test_births_of_long_ago_are_days_of_the_spreadsheet_too() -> None:
    assert read_date(Number("16497"), birth=True) == "1945-03-01"


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("2019年12月至今", "2019-12"),
        ("2019.3-2020.5", "2019-03"),
        ("2019-03-01—2020-05-01", "2019-03-01"),
        ("2019-2021", "2019"),
        ("2019-12-31", "2019-12-31"),
        ("2019年元月", "2019-01"),
    ],
)
def test_of_a_time_at_work_the_first_day_counts(said: str, since: str) -> None:
    assert read_date(said, span=True) == since


def test_a_bare_number_counts_from_1904_where_the_workbook_does() -> None:
    def mac(book: Any) -> None:
        book.epoch = CALENDAR_MAC_1904

    found = read(sheet(["姓名", "身份证号", "退捕日期"], ["示例张三", ID, 42368], change=mac))
    assert found.records[0].fields["retired_on"] == "2019-12-31"


def test_a_date_that_decides_nothing_loses_nobody() -> None:
    found = read(sheet(["姓名", "身份证号", "务工时间", "最近回访"], ["示例张三", ID, "常年", "上周"]))
    assert found.ids == [ID]
    assert [(fault.code, fault.refused) for fault in found.faults] == [("date_bad", False)] * 2
    assert not {"work_since", "visited_on"} & found.records[0].fields.keys()


def test_a_formula_for_what_the_number_says_loses_nobody() -> None:
    made = sheet(["姓名", "身份证号", "性别", "出生日期"], ["示例张三", ID, "x", "x"])
    for at in ("C2", "D2"):
        made = cell_xml(made, at, f'<c r="{at}"><f>A1</f></c>')
    found = read(made)
    assert found.ids == [ID]
    assert [(fault.code, fault.refused) for fault in found.faults] == [("no_value", False)] * 2


# -- marks and words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said", ["√", "是", "1", "有", "Y", "☑", "☑是□否", "是☑否□", "2014年脱贫", "脱贫户", "是（2014年）"]
)
def test_marks_that_mean_yes(said: str) -> None:
    assert says_yes(said, ("脱贫",), COLUMNS) is True


@pytest.mark.parametrize(
    "said", ["", "否", "×", "0", "□", "□是☑否", "是□否☑", "非脱贫户", "未脱贫", "一般农户", "不是"]
)
def test_marks_that_mean_no(said: str) -> None:
    assert says_yes(said, ("脱贫",), COLUMNS) is False


def test_a_mark_that_means_neither_makes_no_member_and_is_told() -> None:
    found = read(sheet(["姓名", "身份证号", "是否脱贫户"], ["示例张三", ID, "待核实"]))
    assert [(fault.code, fault.refused) for fault in found.faults] == [("word_unknown", False)]
    assert found.records[0].fields["is_poverty_lifted"] == "待核实"
    assert groups_of(found.records[0].fields, COLUMNS) == frozenset()


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        ("三类户", {"monitored"}),
        ("易返贫致贫户", {"monitored"}),
        ("脱贫不稳定户", {"monitored", "poverty_lifted"}),
        ("4050人员", {"hard_to_employ"}),
        ("失业人员", set()),
        ("禁捕退捕渔民", {"retired_fisher"}),
        ("村干部", {"cadre"}),
        ("一般农户", set()),
    ],
)
def test_words_of_groups(said: str, groups: set[str]) -> None:
    assert groups_of({"category": said}, COLUMNS) == groups


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("外出务工", "employed"),
        ("在家务农", "employed"),
        ("公益岗", "employed"),
        ("打零工", "employed"),
        ("待业", "unemployed"),
        ("无就业", "unemployed"),
        ("没有工作", "unemployed"),
        ("在家", "unemployed"),
        ("无就业意愿", "not_looking"),
        ("就业困难", ""),
        ("有就业意愿", ""),
        ("死亡", ""),
    ],
)
def test_words_of_employment_and_those_that_say_nothing_of_it(said: str, state: str) -> None:
    assert COLUMNS.choose("employment", said) == state


def test_words_of_two_kinds_together_are_none() -> None:
    assert COLUMNS.choose("service_kind", "政策宣讲和就业指导") == ""
    assert COLUMNS.choose("fisher_type", "专业渔民") == "full"


def test_every_word_of_a_closed_column_is_of_a_column() -> None:
    used = {one.values for template in Template for one in COLUMNS.fields[template].values() if one.values}
    assert used == set(COLUMNS.values)


# -- files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "<html><table><tr><td>姓名".encode("utf-16"),
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
        b"\r\n<!-- x --><div><table><tr><td>1",
    ],
)
def test_web_pages_of_all_kinds_are_called_so(content: bytes) -> None:
    with pytest.raises(BadTable) as caught:
        read(content)
    assert caught.value.code == "table_html"
