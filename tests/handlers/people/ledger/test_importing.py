"""Ledgers into the register: added, changed, the same again, refused; killed midway; whose they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.staff.roles import Scope
from handlers.people.ledger.imports import NoSuchImport, RunState
from handlers.people.ledger.models import Contribution
from handlers.people.models import Consent, Person, PersonGroup
from handlers.people.person import Employment, Group, Purpose, Source, WorkForm
from tests.handlers.people.ledger.desk import ALL, HONGHU, LUOZHUANG, OTHER_TOWN, TOWN, Desk
from tests.handlers.people.ledger.make import HEAD, ID, OTHER, OTHER_ID, ROW, number, sheet

FULL = {
    "姓名": "示例张三",
    "性别": "女" if int(ID[16]) % 2 == 0 else "男",
    "身份证号": ID,
    "联系电话": "13800001234/0716-2421234",
    "乡镇": "新堤",
    "村": "示例村",
    "渔民类型": "专业渔民",
    "退捕日期": "2019.12",
    "就业状态": "未就业",
    "就业形式": "",
    "技能特长": "捕鱼、织网",
    "培训意愿": "电焊",
    "就业意愿": "电焊工，月薪五千",
    "困难类别": "就业困难人员",
    "人员类别": "脱贫不稳定户",
    "残疾证号": f"{ID}43",
    "备注": "家里两口人",
}


def full(**changed: Any) -> bytes:
    row = {**FULL, **changed}
    return sheet(list(row), list(row.values()))


async def count(desk: Desk, table: Any) -> int:
    async with desk.parts.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# -- 一人一档 -------------------------------------------------------------------------------------------------


async def test_a_preview_writes_nothing_and_says_what_would_be(desk_on_each: Desk) -> None:
    bad = ["示例王五", ID[:17] + "Z", "", "", ""]
    run = await desk_on_each.take_in(sheet([*HEAD, "血型"], ROW, OTHER, bad, ["合计", "", "3"]))
    assert run.state == str(RunState.WAITING)
    assert (run.template, run.rows) == ("T2", 3)
    assert run.counts == {"added": 2, "changed": 0, "same": 0, "refused": 1}
    found = run.findings
    assert found["unknown_columns"] == ["血型"]
    assert [(one["row"], one["column"], one["code"]) for one in found["faults"]] == [(4, "身份证号", "id_length")]
    assert found["regions"] == {TOWN: 1, OTHER_TOWN: 1}
    assert found["skipped"] == {"total": 1}
    assert await count(desk_on_each, Person) == 0


async def test_a_person_is_made_with_everything_the_ledger_says(desk_on_each: Desk) -> None:
    run = await desk_on_each.bring_in(full())
    assert run.counts == {"added": 1, "changed": 0, "same": 0, "refused": 0}
    person, sealer = await desk_on_each.person(ID), desk_on_each.ledgers.sealer
    assert (person.region, person.village, person.birth_year) == (TOWN, "示例村", 1968)
    assert person.name is not None
    assert person.phone is not None
    assert person.id_number is not None
    assert sealer.open(person.name, "person.name") == "示例张三"
    assert sealer.open(person.phone, "person.phone") == "13800001234"
    assert sealer.open(person.id_number, "person.id_number") == ID
    assert person.phone_digest == sealer.digest("138 0000 1234")
    assert (person.employment, person.work_form, person.skills) == (Employment.UNEMPLOYED, "", ["捕鱼", "织网"])
    expected = {Group.RETIRED_FISHER, Group.HARD_TO_EMPLOY, Group.MONITORED, Group.POVERTY_LIFTED}
    expected |= {Group.DISABILITY_CERTIFICATE}
    assert await desk_on_each.groups(ID) == {str(group): "ledger" for group in expected}
    assert await desk_on_each.wishes(ID) == {("work", "welder"), ("training", "welder")}
    said = desk_on_each.said(person)
    assert (said["note"], said["retired_on"]) == ("家里两口人", "2019-12")
    assert "id_number" not in said


async def test_the_same_file_again_changes_nothing(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(full())
    before = await desk_on_each.person(ID)
    run = await desk_on_each.bring_in(full())
    assert run.counts == {"added": 0, "changed": 0, "same": 1, "refused": 0}
    after = await desk_on_each.person(ID)
    assert (after.version, after.ledger, after.updated_at) == (before.version, before.ledger, before.updated_at)


async def test_what_changed_is_changed_and_what_is_not_said_stays(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(full())
    run = await desk_on_each.bring_in(full(就业状态="已就业", 就业形式="公益性岗位", 困难类别="", 备注="搬了家", 村=""))
    assert run.counts["changed"] == 1
    person = await desk_on_each.person(ID)
    assert (person.employment, person.work_form, person.village) == (
        Employment.EMPLOYED,
        WorkForm.PUBLIC_POST,
        "示例村",
    )
    assert person.version == 2
    assert desk_on_each.said(person)["note"] == "搬了家"
    assert str(Group.HARD_TO_EMPLOY) in await desk_on_each.groups(ID)
    await desk_on_each.bring_in(full(困难类别="低保"))
    groups = await desk_on_each.groups(ID)
    assert str(Group.HARD_TO_EMPLOY) not in groups
    assert str(Group.DIBAO) in groups


async def test_a_file_with_fewer_columns_takes_nothing_away(desk: Desk) -> None:
    await desk.bring_in(full())
    await desk.bring_in(sheet(["姓名", "身份证号", "就业状态"], ["示例张三", ID, "已就业"]))
    person = await desk.person(ID)
    assert (person.region, person.village, person.employment) == (TOWN, "示例村", Employment.EMPLOYED)
    assert person.phone is not None
    assert (await desk.bring_in(full())).counts["changed"] == 1


async def test_what_staff_set_right_stays_while_the_ledger_says_nothing_new(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(full())
    person = await desk_on_each.person(ID)
    async with desk_on_each.parts.database.transaction() as session:
        own = await session.get_one(Person, person.id)
        own.village, own.employment = "新村", str(Employment.EMPLOYED)
    assert (await desk_on_each.bring_in(full())).counts["same"] == 1
    await desk_on_each.bring_in(full(备注="另写"))
    person = await desk_on_each.person(ID)
    assert (person.village, person.employment) == ("新村", Employment.EMPLOYED)
    await desk_on_each.bring_in(full(就业状态="无意愿"))
    assert (await desk_on_each.person(ID)).employment == Employment.NOT_LOOKING


async def test_the_ledgers_word_stands_over_what_was_said(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    person = await desk_on_each.person(ID)
    now = desk_on_each.parts.clock.now()
    async with desk_on_each.parts.database.transaction() as session:
        said = {"source": str(Source.SAID), "at": now, "person_id": person.id}
        session.add(PersonGroup(name=str(Group.RETIRED_FISHER), **said))
        session.add(PersonGroup(name=str(Group.VETERAN), **said))
        session.add(PersonGroup(name=str(Group.CADRE), **{**said, "source": str(Source.LEDGER)}))
        session.add(Consent(person_id=person.id, purpose=str(Purpose.NOTICES), given=True, at=now))
    await desk_on_each.bring_in(full())
    groups = await desk_on_each.groups(ID)
    assert groups[str(Group.RETIRED_FISHER)] == "ledger"
    assert groups[str(Group.VETERAN)] == "said"
    assert str(Group.CADRE) not in groups, "of the ledger, which says it no more"
    assert await count(desk_on_each, Consent) == 1


async def test_who_is_no_longer_named_is_left_alone_and_counted(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW, OTHER))
    run = await desk_on_each.bring_in(sheet(HEAD, ROW))
    assert run.findings["not_named"] == 1
    assert await count(desk_on_each, Person) == 2


async def test_a_number_twice_in_one_file_is_taken_once(desk_on_each: Desk) -> None:
    again, other_name = [ROW[0], ID.lower(), "", "", ""], ["示例某人", ID, "", "", ""]
    run = await desk_on_each.bring_in(sheet(HEAD, ROW, OTHER, again, other_name))
    assert run.counts == {"added": 2, "changed": 0, "same": 0, "refused": 2}
    faults = [(one["row"], one["code"], one["value_masked"]) for one in run.findings["faults"]]
    assert faults == [(4, "twice", "2"), (5, "twice_differs", "2")]


async def test_another_name_to_a_number_is_told(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    run = await desk.take_in(sheet(HEAD, ["示例改名", *ROW[1:]]))
    assert [(one["code"], one["refused"]) for one in run.findings["faults"]] == [("name_changes", False)]
    assert run.counts["changed"] == 1


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["王小二", ID, "13700007777", "螺山镇", "别的村"], "person_differs"),
        (["王小二", ID, "", "", ""], "person_differs"),
        (["示例改名", ID, "13700007777", "螺山镇", "别的村"], "person_differs"),
        (["王小二", ID, ROW[2], "", ""], "name_changes"),
        (["王小二", ID, "", ROW[3], ROW[4]], "name_changes"),
        (["示例张珊", ID, "", "", ""], "name_changes"),
    ],
)
async def test_a_number_of_somebody_else_does_not_take_a_person_over(desk: Desk, row: list[str], code: str) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    run = await desk.bring_in(sheet(HEAD, row))
    assert run.findings["fault_counts"] == {code: 1}
    person = await desk.person(ID)
    assert person.name is not None
    kept = desk.ledgers.sealer.open(person.name, "person.name")
    assert (kept, run.counts["refused"]) == ((ROW[0], 1) if code == "person_differs" else (row[0], 0))


async def test_no_fault_shows_a_name_or_a_number(desk: Desk) -> None:
    rows = [["示例张三9", ID, "", "", ""], ["示例李四", ID[:17] + "?", "1380000", "新堤街道", "x"]]
    run = await desk.take_in(sheet(HEAD, *rows))
    told = str(run.findings)
    for private in ("示例张三", ID[:17], ID[6:14], "1380000"):
        assert private not in told


async def test_a_form_that_is_no_table_tells_no_name(desk: Desk) -> None:
    run = await desk.take_in(sheet(["姓名", "李二", "身份证号", "血型", "配偶/王小七"], ["示例张三", "", ID, "A", ""]))
    assert run.findings["unknown_columns"] == ["李*", "血型", "配偶/王*七"]


# -- whose --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "town", "county", "expected"),
    [
        (HONGHU, "新堤街道", "", TOWN),
        (HONGHU, "新堤", "", TOWN),
        (HONGHU, "新堤办事处", "洪湖市", TOWN),
        (HONGHU, "", "", HONGHU),
        (TOWN, "", "", TOWN),
        (HONGHU, "没有的镇", "", HONGHU),
        (HONGHU, "锣山镇", "", HONGHU),
        (HONGHU, "螺山乡", "", OTHER_TOWN),
        (HONGHU, "洪湖市螺山镇某村", "", OTHER_TOWN),
        (ALL, "螺山镇", "洪湖市", OTHER_TOWN),
        (ALL, "", "", None),
    ],
)
async def test_a_row_falls_to_its_township(
    desk: Desk, region: str, town: str, county: str, expected: str | None
) -> None:
    head = ["姓名", "身份证号", "县", "乡镇"]
    await desk.bring_in(sheet(head, ["示例张三", ID, county, town]), region)
    assert (await desk.person(ID)).region == expected


@pytest.mark.parametrize(
    ("columns", "region", "village"),
    [
        ({"乡镇": "螺山镇中原村"}, OTHER_TOWN, "中原村"),
        ({"村": "螺山镇中原村"}, OTHER_TOWN, "中原村"),
        ({"乡镇": "锣山镇", "村": "中原村"}, HONGHU, "中原村"),
        ({"村": "新堤村"}, HONGHU, "新堤村"),
        ({"村": "中原村"}, HONGHU, "中原村"),
        ({"家庭住址": "湖北省洪湖市螺山镇中原村三组"}, OTHER_TOWN, ""),
        ({"家庭住址": "广东省深圳市宝安区"}, HONGHU, ""),
    ],
)
async def test_township_and_village_may_stand_in_one_cell(
    desk: Desk, columns: dict[str, str], region: str, village: str
) -> None:
    content = sheet(["姓名", "身份证号", *columns], ["示例张三", ID, *columns.values()])
    await desk.bring_in(content)
    person = await desk.person(ID)
    assert (person.region, person.village) == (region, village)
    assert (await desk.bring_in(content)).counts["same"] == 1


async def test_one_village_has_one_name_however_it_is_spelled(desk: Desk) -> None:
    ids = [number(order=order) for order in (101, 103, 105, 107)]
    said = ["中原村", "中 原 村", "中原村委会", "中原"]
    rows = [["示例张三", one, "", "螺山镇", village] for one, village in zip(ids, said, strict=True)]
    await desk.bring_in(sheet(HEAD, *rows))
    assert {(await desk.person(one)).village for one in ids} == {"中原村"}
    assert (await desk.bring_in(sheet(HEAD, *rows))).counts["same"] == 4


async def test_a_village_falls_with_its_township_and_a_county_takes_no_township_away(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    county = sheet(["姓名", "身份证号", "县"], [*ROW[:2], "洪湖市"])
    await desk.bring_in(county)
    assert ((await desk.person(ID)).region, (await desk.person(ID)).village) == (TOWN, ROW[4])
    moved = sheet(["姓名", "身份证号", "乡镇"], [*ROW[:2], "螺山镇"])
    run = await desk.bring_in(moved)
    assert [(one["column"], one["code"], one["refused"]) for one in run.findings["faults"]] == [
        ("乡镇", "village_dropped", False)
    ]
    person = await desk.person(ID)
    assert (person.region, person.village) == (OTHER_TOWN, "")
    assert (await desk.bring_in(moved)).counts["same"] == 1


async def test_a_township_of_another_county_than_the_row_names_is_refused(desk: Desk) -> None:
    run = await desk.take_in(sheet(["姓名", "身份证号", "县", "乡镇"], [*ROW[:2], "监利市", "螺山镇"]), ALL)
    assert [(one["column"], one["code"]) for one in run.findings["faults"]] == [("乡镇", "place_contradicts")]


async def test_a_village_of_another_county_is_refused(desk: Desk) -> None:
    run = await desk.take_in(sheet(["姓名", "身份证号", "村"], ["示例张三", ID, "罗庄区傅庄街道某村"]))
    assert run.findings["fault_counts"] == {"outside_region": 1}


@pytest.mark.parametrize(
    ("region", "town", "county"),
    [(LUOZHUANG, "新堤街道", "洪湖市"), (OTHER_TOWN, "新堤街道", ""), (HONGHU, "", "武汉市")],
)
async def test_rows_of_another_place_are_refused(desk: Desk, region: str, town: str, county: str) -> None:
    run = await desk.take_in(sheet(["姓名", "身份证号", "县", "乡镇"], ["示例张三", ID, county, town]), region)
    assert (run.counts["added"], run.counts["refused"]) == (0, 1)
    assert run.findings["fault_counts"] == {"outside_region": 1}


async def test_a_person_of_another_county_is_not_taken_over(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    run = await desk_on_each.bring_in(sheet(["姓名", "身份证号"], ["示例张三", ID]), LUOZHUANG)
    assert run.findings["fault_counts"] == {"person_elsewhere": 1}
    assert (await desk_on_each.person(ID)).region == TOWN


async def test_an_import_of_another_place_is_not_there(desk: Desk) -> None:
    run = await desk.take_in(sheet(HEAD, ROW))
    async with desk.parts.database.reading() as session:
        for scope in (LUOZHUANG, TOWN):
            with pytest.raises(NoSuchImport):
                await desk.ledgers.imports.find(session, run.id, Scope(scope))
        assert await desk.ledgers.imports.list_runs(session, Scope(LUOZHUANG)) == []


# -- 缴费补贴, 服务记录 -----------------------------------------------------------------------------------------

MONEY = ["姓名", "身份证号", "险种", "缴费年度", "缴费金额", "应补", "实补", "账号（末4位）", "状态"]
SERVICE = ["姓名", "身份证号", "类型", "日期", "方式", "内容", "岗位或班次"]


async def test_contributions_are_kept_by_year_and_insurance(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    rows = [["示例张三", ID, "居民养老", 2025, "1,200元", 600, "", "6222000011112222", "待补"]]
    rows += [
        ["示例张三", ID, "职工", "2025年", 0, "", "", "", ""],
        ["示例李四", OTHER_ID, "居民", 2025, 1, 1, 1, "", ""],
    ]
    run = await desk_on_each.bring_in(sheet(MONEY, *rows))
    assert run.counts == {"added": 2, "changed": 0, "same": 0, "refused": 1}
    assert run.findings["fault_counts"] == {"no_such_person": 1}
    rows[0][6], rows[0][8] = 600, "已发"
    again = await desk_on_each.bring_in(sheet(MONEY, *rows[:2]))
    assert again.counts == {"added": 0, "changed": 1, "same": 1, "refused": 0}
    async with desk_on_each.parts.database.reading() as session:
        found = (await session.scalars(select(Contribution).where(Contribution.insurance == "resident"))).one()
    assert (found.year, found.paid, found.due, found.given, found.state) == (2025, 120_000, 60_000, 60_000, "given")
    kept = desk_on_each.ledgers.sealer.open(found.row, "contribution.row")
    assert "2222" in kept
    assert "62220000" not in kept
    assert Decimal(found.paid or 0) / 100 == Decimal(1200)


async def test_services_are_counted_once(desk_on_each: Desk) -> None:
    await desk_on_each.bring_in(sheet(HEAD, ROW))
    rows = [["示例张三", ID, "政策宣讲", "2026-03-01", "入户", "讲补贴", ""]]
    rows += [["示例张三", ID, "职业介绍", "2026.3.2", "微信", "荐岗", "象山电焊"]]
    rows += [["示例张三", ID, "职业介绍", "2026/3/2", "微信", "荐岗", "宁波电焊"]]
    run = await desk_on_each.bring_in(sheet(SERVICE, *rows, rows[2]))
    assert run.counts == {"added": 3, "changed": 0, "same": 0, "refused": 1}
    assert (await desk_on_each.bring_in(sheet(SERVICE, *rows))).counts["same"] == 3
    person = await desk_on_each.person(ID)
    async with desk_on_each.parts.database.reading() as session:
        assert await desk_on_each.ledgers.services.count_of(session, person.id, 2026) == {
            "briefing": 1,
            "introduction": 2,
        }


async def test_services_to_come_or_of_somebody_else_are_refused(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    run = await desk.take_in(
        sheet(
            [*SERVICE, "年度"],
            ["示例张三", ID, "宣讲", "2026-12-24", "", "", "", ""],
            ["示例张三", ID, "宣讲", "2026-03", "", "", "", ""],
            ["示例张三", ID, "吃饭", "2026-03-01", "", "", "", ""],
            ["示例别人", ID, "宣讲", "2026-03-01", "", "", "", ""],
            ["示例张三", ID, "宣讲", "2026-03-01", "", "", "", "2025"],
            ["示例张三", ID, "", "", "", "", "", ""],
        )
    )
    assert run.counts["refused"] == 6
    codes = [
        "date_ahead",
        "day_missing",
        "word_unknown",
        "year_differs",
        "kind_missing",
        "date_missing",
        "name_differs",
    ]
    assert sorted(one["code"] for one in run.findings["faults"]) == sorted(codes)


async def test_a_person_of_another_place_gets_no_rows_from_here(desk: Desk) -> None:
    await desk.bring_in(sheet(HEAD, ROW))
    run = await desk.take_in(sheet(SERVICE, ["示例张三", ID, "宣讲", "2026-03-01", "", "", ""]), LUOZHUANG)
    assert run.findings["fault_counts"] == {"no_such_person": 1}
