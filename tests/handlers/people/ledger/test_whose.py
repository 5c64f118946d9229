"""Whose a row is: several blocks on one sheet, names that are others', households, and names that are none."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.people.ledger.cells import plain
from handlers.people.ledger.columns import Template
from handlers.people.ledger.faults import BadTable
from handlers.people.ledger.names import check_name, is_place
from handlers.people.ledger.values import BadValue
from tests.handlers.people.ledger.desk import Desk
from tests.handlers.people.ledger.make import ID, OTHER_ID, Result, number, read, sheet, text
from tests.handlers.people.ledger.test_many_sheets import NAMED, book

THIRD_ID = number(born="19810402", order=358)
PHONE, OTHER_PHONE = "13800001234", "13900005678"


def fields(found: Result) -> dict[str, str]:
    """Header -> field."""
    return {one.header: one.field for one in found.heading.columns}


def refusal(*rows: list[Any]) -> tuple[str, list[str]]:
    """Which ledger it is taken for, and what it lacks."""
    with pytest.raises(BadTable) as caught:
        read(sheet(*rows))
    return caught.value.data["template"], caught.value.data["missing"]


# -- several blocks on one sheet ----------------------------------------------------------------------------


def test_a_richer_header_further_down_loses_nobody_above_it() -> None:
    found = read(
        sheet(
            ["一、退捕渔民"],
            ["姓名", "身份证号"],
            ["示例张三", ID],
            ["二、残疾人"],
            ["身份证号", "姓名", "联系电话", "备注"],
            [OTHER_ID, "示例李四", PHONE, "好"],
        )
    )
    assert (found.ids, found.faults, found.skipped) == ([ID, OTHER_ID], [], ["note", "header"])
    assert found.records[1].fields == {"name": "示例李四", "phone": [PHONE], "note": "好"}


def test_columns_that_change_places_below_name_and_number_are_followed() -> None:
    head = ["姓名", "身份证号", "就业意愿", "户主", "帮扶责任人"]
    swapped = ["姓名", "身份证号", "帮扶责任人", "就业意愿", "户主"]
    rows = (["示例张三", ID, "电工", "示例甲", "示例乙"], ["示例李四", OTHER_ID, "示例丁", "焊工", "示例丙"])
    for made in (read(sheet(head, rows[0], swapped, rows[1])), read(sheet(head, rows[0], NAMED, swapped, rows[1]))):
        said = made.records[1].fields
        assert (said["work_wish"], said["householder"], said["helper"]) == ("焊工", "示例丙", "示例丁")


def test_a_header_of_two_lines_is_followed_where_its_second_line_changes() -> None:
    first, again = ["姓名", "身份证号", "就业情况", ""], ["身份证号", "姓名", "就业情况", ""]
    row, other = ["示例张三", ID, "厂", "武汉"], [OTHER_ID, "示例李四", "荆州", "站"]
    found = read(text(first, ["", "", "单位", "地点"], row, again, ["", "", "地点", "单位"], other))
    assert [(one.fields["employer"], one.fields["work_place"]) for one in found.records] == [
        ("厂", "武汉"),
        ("站", "荆州"),
    ]


def test_each_block_of_payments_is_of_the_year_in_its_own_title() -> None:
    head = ["姓名", "身份证号", "缴费金额"]
    titles = [[f"{year}年城乡居民养老保险缴费补贴表"] for year in (2023, 2024)]
    found = read(sheet(titles[0], head, ["示例张三", ID, 300], titles[1], head, ["示例张三", ID, 400]))
    assert [(one.fields["year"], str(one.fields["paid"])) for one in found.records] == [
        (2023, "300.00"),
        (2024, "400.00"),
    ]


def test_rows_without_a_header_of_their_own_and_rows_of_another_ledger_are_told() -> None:
    above = read(sheet(["示例王五", THIRD_ID], NAMED, ["示例张三", ID]))
    assert (above.ids, [(one.row, one.code, one.refused) for one in above.faults]) == (
        [ID],
        [(1, "above_header", True)],
    )
    paid = ["姓名", "身份证号", "缴费年度", "缴费金额", "险种"]
    mixed = read(
        sheet(NAMED, ["示例张三", ID], paid, ["示例王五", THIRD_ID, 2024, 300, "居民"], NAMED, ["示例李四", OTHER_ID])
    )
    assert (mixed.ids, [(one.row, one.column, one.code) for one in mixed.faults]) == (
        [ID, OTHER_ID],
        [(4, "身份证号", "block_differs")],
    )


async def test_columns_of_a_header_further_down_are_told_too(desk: Desk) -> None:
    run = await desk.take_in(
        sheet(NAMED, ["示例张三", ID], [*NAMED, "电话", "血型"], ["示例李四", OTHER_ID, PHONE, "A"])
    )
    assert (run.counts["added"], run.findings["unknown_columns"]) == (2, ["血型"])
    assert "phone" in {one["field"] for one in run.findings["columns"]}


# -- which ledger -------------------------------------------------------------------------------------------


def test_payments_and_services_that_lack_a_column_are_no_rosters() -> None:
    paid = ["姓名", "身份证号", "险种", "缴费金额", "补贴金额", "开户行", "账号"]
    row = ["示例张三", ID, "居民", 300, 150, "示例行", "1234"]
    assert refusal(["养老保险补贴发放表"], paid, row) == ("T3", ["缴费年度"])
    assert refusal(["姓名", "身份证号", "服务日期", "服务方式", "服务内容"]) == ("T4", ["类型"])
    assert read(sheet(paid, row, paid, ["示例李四", OTHER_ID, *row[2:]]), Template.T2).ids == [ID, OTHER_ID]
    roster = ["姓名", "身份证号", "村", "就业状态", "就业单位", "缴费金额"]
    assert read(sheet(roster)).heading.template is Template.T2


# -- households ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", ["家庭成员", "成员", "家庭人员姓名", "成员姓名"])
def test_members_have_their_own_names(member: str) -> None:
    found = read(sheet(["户主姓名", member, "关系", "身份证号"], ["示例张三", "示例李四", "妻", OTHER_ID]))
    assert (found.ids, found.records[0].fields["name"]) == ([OTHER_ID], "示例李四")


def test_a_householders_name_is_not_put_over_the_numbers_of_the_household() -> None:
    head = ["户主姓名", "身份证号", "住址"]
    alone = [["示例张三", ID, "甲"], ["示例李四", OTHER_ID, "乙"]]
    assert fields(read(sheet(head, *alone)))["户主姓名"] == "name"
    lacking = ("T2", ["姓名"])
    assert refusal(head, alone[0], ["示例张三", OTHER_ID, "甲"]) == lacking
    assert refusal([*head[:2], "关系"], ["示例张三", OTHER_ID, "妻"]) == lacking
    assert refusal([*head[:2], "同住人员情况"], alone[0]) == lacking
    assert refusal(["户主", "户主身份证号", "身份证号"], ["示例张三", ID, OTHER_ID]) == lacking
    # Too far down to be seen with the header.
    rows = [[f"示例{'甲乙'[order % 2]}", number(order=order), ""] for order in range(101, 221)]
    found = read(sheet(head, *rows, ["示例丙", ID, ""], ["示例丙", OTHER_ID, ""]))
    assert [(one.row, one.column, one.code) for one in found.faults] == [(123, "户主姓名", "name_of_householder")]
    assert (
        fields(read(sheet(["户主", "户主身份证号", "家庭成员"], ["示例张三", ID, "示例甲、示例乙"])))["户主"] == "name"
    )


async def test_householders_without_a_row_of_their_own_are_told(desk: Desk) -> None:
    rows = [["示例张三", ID, "示例王五", THIRD_ID], ["示例李四", OTHER_ID, "示例李四", OTHER_ID]]
    run = await desk.take_in(
        sheet(["户主信息", "", "家庭成员信息", ""], ["姓名", "身份证号", "姓名", "身份证号"], *rows)
    )
    assert [(one["row"], one["column"], one["code"], one["refused"]) for one in run.findings["faults"]] == [
        (3, "户主信息/身份证号", "householder_apart", False)
    ]
    assert run.counts["added"] == 2


# -- columns of somebody else -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "others",
    [
        ["帮扶责任人", "联系电话"],
        ["帮扶干部", "单位", "职务", "手机/电话"],
        ["紧急联系人", "关系", "联系电话"],
        ["配偶", "身份证号", "电话"],
        ["监护人姓名", "性别", "联系方式"],
    ],
)
def test_a_phone_behind_somebody_elses_name_is_theirs(others: list[str]) -> None:
    values = {"身份证号": OTHER_ID, "性别": "女", "关系": "妻"}
    row = [values.get(plain(header), PHONE if header[-2:] in ("电话", "方式") else "某") for header in others]
    for head, cells in ((["姓名", "身份证号"], ["示例张三", ID]), (["姓名", "身份证号", "电话"], ["示例张三", ID, ""])):
        found = read(sheet([*head, *others, "备注"], [*cells, *row, "好"]))
        assert (found.ids, found.faults) == ([ID], [])
        assert not {"phone", "employer", "relation"} & found.records[0].fields.keys()
        assert f"{others[0]}/{others[-1]}" in found.heading.unknown


def test_a_persons_own_phone_and_number_stay_theirs() -> None:
    head = ["姓名", "户主", "身份证号", "就业单位", "联系电话"]
    (record,) = read(sheet(head, ["示例张三", "示例甲", ID, "示例厂", PHONE])).records
    assert (record.identity.number, record.fields["phone"]) == (ID, [PHONE])
    spouse_first = ["配偶", "身份证号", "电话", "姓名", "身份证号", "电话"]
    (record,) = read(sheet(spouse_first, ["示例李四", OTHER_ID, OTHER_PHONE, "示例张三", ID, PHONE])).records
    assert (record.identity.number, record.fields["phone"]) == (ID, [PHONE])
    helped = ["姓名", "帮扶人", "身份证号"]
    assert read(sheet(helped * 2, ["示例张三", "某", ID, "示例李四", "某", OTHER_ID])).ids == [ID, OTHER_ID]
    asked = ["姓名", "身份证号", "是否村干部", "联系电话"]
    assert fields(read(sheet(asked, ["示例张三", ID, "否", PHONE])))["联系电话"] == "phone"
    assert fields(read(sheet(["联系人", "身份证号", "联系电话"], ["示例张三", ID, PHONE])))["联系电话"] == "phone"


def test_of_columns_of_several_years_the_newest_counts() -> None:
    head = [
        "姓名",
        "身份证号",
        "就业状态(2023年)",
        "就业情况（2024年）",
        "2023年月收入",
        "2022年月收入",
        "2014年脱贫户",
    ]
    found = read(sheet(head, ["示例张三", ID, "未就业", "已就业", "3000", "2000", "是"]))
    said = found.records[0].fields
    assert (said["employment"], said["income"]) == ("employed", "3000")
    assert (found.heading.repeated, found.heading.unknown) == (["就业状态(2023年)", "2022年月收入"], ["2014年脱贫户"])


# -- names and boxes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("张八\n李九", "name_two"),
        ("王建国 陈秀英", "name_two"),
        ("同上", "name_bad"),
        ("待核实", "name_bad"),
        ("中原村", "name_bad"),
        ("王家村", "name_bad"),
        ("龙潭社区", "name_bad"),
        ("张三夫妇", "name_bad"),
        ("李四之妻", "name_bad"),
    ],
)
def test_what_names_nobody_or_two_is_no_name(said: str, code: str) -> None:
    with pytest.raises(BadValue) as caught:
        check_name(said)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "said", ["李红镇", "李大组", "欧阳 明亮", "阿依古丽 买买提", "张\n三丰", "张三\n（户主）", "尼玛·拉镇"]
)
def test_what_only_looks_so_is_a_name(said: str) -> None:
    check_name(said)


def test_the_name_of_the_rows_own_village_is_no_name() -> None:
    found = read(sheet([*NAMED, "村"], ["金湾", ID, "金湾"]))
    assert (found.ids, found.codes) == ([], ["name_bad"])


def test_who_is_called_like_a_place_and_has_no_number_is_told() -> None:
    found = read(sheet([*NAMED, "村"], ["李红镇", "", ""], ["中原村", "", ""], ["示例张三", ID, "中原村"]))
    assert (found.ids, found.codes, found.skipped) == ([ID], ["id_missing"], ["section"])
    assert is_place("中原村")


def test_boxes_that_are_ticked_are_what_a_cell_says() -> None:
    head = [*NAMED, "性别", "就业状态", "人员类别"]
    rows = [
        ["示例张三", ID, "☑男 □女" if int(ID[16]) % 2 else "□男 ☑女", "□已就业 ☑未就业", "□脱贫户 ☑监测户"],
        ["示例李四", OTHER_ID, "男□ 女□", "已就业（√） 未就业（ ）", "□脱贫户 □监测户"],
    ]
    found = read(sheet(head, *rows))
    assert (found.ids, found.faults) == ([ID, OTHER_ID], [])
    assert [one.fields.get("employment") for one in found.records] == ["unemployed", "employed"]
    assert [one.fields.get("category") for one in found.records] == ["监测户", None]


# -- sheets and text files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "village"),
    [
        ("3、龙潭村", "龙潭村"),
        ("新联村 ", "新联村"),
        ("（2）中原村", "中原村"),
        ("一、河岭村花名册", "河岭村"),
        ("五一村", "五一村"),
        ("2023年名单", None),
        ("2组", None),
    ],
)
def test_a_numbered_sheet_is_its_villages(name: str, village: str | None) -> None:
    (record,) = read(book(**{name: [NAMED, ["示例张三", ID]]})).records
    assert record.fields.get("village") == village


def test_a_quotation_mark_left_open_hides_no_person_in_a_remark() -> None:
    head = "姓名,身份证号,备注\n"
    torn = [
        f'示例张三,{ID},"好\n示例李四,{OTHER_ID},\n示例王五,{THIRD_ID},"x"\n',
        f'示例张三,{ID},"好\n示例李四,{OTHER_ID},x\n',
        f'"示例张三","{ID}","好\n"示例李四","{OTHER_ID}","x"\n',
    ]
    for rows in torn:
        with pytest.raises(BadTable) as caught:
            read((head + rows).encode())
        assert (caught.value.code, caught.value.data) == ("table_quote", {"row": 2})
    whole = f'示例张三,{ID},"妻示例甲,{PHONE}\n子{THIRD_ID}"\n示例李四,{OTHER_ID},"""好""\n"\n'
    assert read((head + whole).encode()).ids == [ID, OTHER_ID]
