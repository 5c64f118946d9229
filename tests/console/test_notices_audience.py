"""Whom a notice is for: the rows of the rule, its numbers and reasons."""

from __future__ import annotations

from handlers.notices.models import Campaign
from handlers.people.person import Group
from tests.console.notices import PATH, change, count_in, kept, numbers_in, people, row, write
from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import HONGHU


async def test_rows_are_added_joined_and_taken_away_by_plain_buttons(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2, Group.RETIRED_FISHER)
    await people(console, 1, Group.DIBAO)
    await people(console, 4)
    await write(clerk)
    base = row(0, "region", value="洪湖市")
    assert (await change(clerk, "audience", **base, recent="7", do="add", add="group")).status == 303
    assert numbers_in(await clerk.get(f"{PATH}/1/audience")) == ["7", "2"]
    rows = base | row(1, "group", value="retired_fisher") | row(2, "group", "or", value="dibao")
    await change(clerk, "audience", **rows, recent="7", do="count")
    assert numbers_in(await clerk.get(f"{PATH}/1/audience")) == ["7", "2", "1"]
    await change(clerk, "audience", **rows, recent="7", do="drop.1")
    assert (await kept(console)).audience == {"any": [{"region": [HONGHU]}, {"group": ["dibao"]}]}


async def test_a_row_that_cannot_be_read_is_named_and_what_was_typed_stays(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk)
    rows = row(0, "region", value="不知哪里") | row(1, "age", **{"from": "六十", "to": ""})
    page = await change(clerk, "audience", **rows, recent="7", do="next")
    assert page.status == 422
    assert 'id="row-0-e"' in page.text
    assert 'id="row-1-e"' in page.text
    assert 'value="不知哪里"' in page.text
    assert 'value="六十"' in page.text
    assert (await kept(console)).audience == {"region": [HONGHU]}


async def test_the_last_row_and_a_wrong_number_of_days_are_refused(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await write(clerk)
    base = row(0, "region", value="洪湖市")
    for more in ({"do": "drop.0", "recent": "7"}, {"do": "count", "recent": "一周"}, {"do": "count", "recent": "400"}):
        assert (await change(clerk, "audience", **base, **more)).status == 422
    assert (await kept(console)).audience == {"region": [HONGHU]}


async def test_ten_are_shown_with_the_reason_and_half_hidden(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 12, Group.RETIRED_FISHER)
    await write(clerk)
    rows = row(0, "region", value="洪湖市") | row(1, "group", value="retired_fisher")
    await change(clerk, "audience", **rows, recent="7", do="count")
    page = await clerk.get(f"{PATH}/1/audience")
    assert page.text.count('data-l="为什么"') == 10
    assert "是退捕渔民" in page.text
    assert page.has_action("notice-samples")


async def test_a_rule_of_a_script_is_counted_and_left_as_it_is(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    await people(console, 2, Group.DIBAO)
    await write(clerk)
    nested = {"all": [{"region": [HONGHU]}, {"any": [{"group": ["dibao"]}, {"group": ["tekun"]}]}]}
    async with console.bureau.work() as session:
        (await session.get_one(Campaign, 1)).audience = nested
    page = await clerk.get(f"{PATH}/1/audience")
    assert count_in(page) == "2"
    assert not page.has_action("notice-row-add")
    assert (await kept(console)).audience == nested
