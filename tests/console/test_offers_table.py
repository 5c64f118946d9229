"""招聘会和培训 from a table: looked at first, then published."""

from __future__ import annotations

import io
import json
import re
from html import unescape

import aiohttp
import pytest
from openpyxl import Workbook, load_workbook

from handlers.offers.importing import read_sheet
from tests.bureau import knowing
from tests.console.site import Answer, ConsoleSite, StaffBrowser
from tests.console.test_offers import offers


def table(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


async def upload(clerk: StaffBrowser, content: bytes, name: str = "offers.xlsx") -> Answer:
    form = aiohttp.FormData()
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    return await clerk.post("/staff/offers/import", form)


async def test_a_table_is_looked_at_and_then_published(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    content = table(
        ("洪湖市岗位表", None, None, None, None),
        ("名称", "类型", "工资（元/月）", "工作地点", "招聘人数", "怪列", "开班时间"),
        ("缝纫工", "岗位", "4000-6000", "新堤街道", 5, "x", None),
        (None, None, None, None, None, None, None),
        ("叉车班", "培训班", None, "螺山镇", "三十", None, "12月8日"),
        ("没日子的班", "培训班", None, "螺山镇", 30, None, None),
        ("电工", "岗位", "五千", "新堤街道", "很多", None, None),
    )
    page = await upload(clerk, content)
    assert page.status == 200
    assert await offers(console) == []
    assert re.findall(r'data-l="第几行">(\d+)</td><td data-l="哪一列">([^<]+)', page.text) == [
        ("6", "开班时间"),
        ("7", "招聘人数"),
    ]
    assert "怪列" in page.text
    assert not re.search(r'data-l="哪里">[a-z_]+<', page.text)  # what the table has no column for is named in words
    found = re.search(r'name="rows" value="([^"]*)"', page.text)
    assert found is not None
    rows = unescape(found[1])
    assert len(json.loads(rows)) == 4
    assert (await clerk.post("/staff/offers/import/add", rows=rows)).status == 303
    assert (await clerk.post("/staff/offers/import/add", rows=rows)).status == 303  # once more: nothing new
    made = await offers(console)
    assert [(one.title, one.kind, one.pay_from, one.pay_to, one.seats) for one in made] == [
        ("缝纫工", "vacancy", 4000, 6000, 5),
        ("叉车班", "course", None, None, 30),
    ]


async def test_the_empty_table_holds_every_column_under_a_name_that_is_read(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    async with clerk.http.get("/staff/offers/import/empty") as answer:
        book = load_workbook(io.BytesIO(await answer.read()))
    sheet = book.worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    sheet.append({"A": "岗位", "B": "缝纫工"})
    file = io.BytesIO()
    book.save(file)
    read = read_sheet(file.getvalue(), regions=knowing().book.regions, home="421083", now=console.now)
    assert read.unknown == ()
    assert len(read.names) == len(headers)
    assert [draft.title for _, draft in read.rows] == ["缝纫工"]


@pytest.mark.parametrize("content", [b"", b"not a table", table(("a", "b")), table(("类型", "名称"))])
async def test_what_is_no_table_is_said_so(console: ConsoleSite, content: bytes) -> None:
    clerk = await console.sign_in("zhou")
    assert (await upload(clerk, content)).status == 422
    for rows in ("", "[]", "{", "[1]", '[{"row":"x"}]'):
        assert (await clerk.post("/staff/offers/import/add", rows=rows)).status == 422
    assert await offers(console) == []
