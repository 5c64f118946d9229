"""政策建议: what the documents of a ticket's own place say and do not say, ready to be put into a reply."""

from __future__ import annotations

import re
from datetime import date

import pytest

from handlers.tickets.labels import latest_holds
from handlers.tickets.suggesting import MOST, Suggesting, Suggestion
from handlers.tickets.ticket import Category
from tests.bureau import knowing
from tests.console.site import ConsoleSite
from tests.console.test_canned import mine, text_in, warns
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN

TODAY = date(2026, 11, 24)
PENSION = "honghu-2023-fishers.pension-subsidy"
PLACES = {"honghu": HONGHU, "luozhuang": LUOZHUANG}


def suggest(about: str, told: str = "", category: str = "insurance", region: str | None = TOWN) -> list[Suggestion]:
    return list(Suggesting(knowing().book).suggest(about, told, category, region, today=TODAY))


def test_the_nearest_matter_comes_first_with_its_source_and_its_own_words() -> None:
    first = suggest("养老保险缴费补贴没到账", "说8月底前补，都11月了还没到账")[0]
    assert first.id == PENSION
    assert first.state == "ended"
    assert first.number
    assert first.section
    source = next(shelf.policy.source for shelf in knowing().book.shelves if shelf.policy.id == first.policy)
    assert first.quotes
    assert all(quote in source for quote in first.quotes)


def test_at_most_three_are_suggested() -> None:
    words = "培训补贴、创业补贴、养老补贴、公益岗补贴、招工补贴、创业贷款"
    assert 1 < len(suggest(words, words)) <= MOST


@pytest.mark.parametrize("region", [None, "", "110101", "420000", "000000", "421000", "999999"])
def test_without_a_document_of_the_place_nothing_is_suggested(region: str | None) -> None:
    assert suggest("养老保险缴费补贴没到账", region=region) == []


@pytest.mark.parametrize(
    "words",
    [
        "武汉的创业补贴多少钱",
        "罗庄扶贫车间补贴和我们这里比",
        "全国各地的养老补贴都是多少",
        "海难的养老补贴多少",
        "湖北省的养老补贴",
    ],
)
def test_whatever_place_is_named_only_documents_of_the_tickets_own_are_told(words: str) -> None:
    found = {own: suggest(words, words, "general", region) for own, region in PLACES.items()}
    assert any(found.values())
    for own, suggestions in found.items():
        assert all(one.policy.startswith(own) for one in suggestions)


def test_what_the_document_leaves_open_is_said() -> None:
    (first, *_) = suggest("公益岗位补贴两个月没发", "九月、十月的岗位补贴没发，每个月多少钱", "public_post")
    assert first.provision == "public-post"
    assert "amount" in first.missing


def test_a_silence_of_the_document_is_no_answer() -> None:
    found = suggest("老板欠工资", "恒发建筑公司欠我工资一万二，三个月没发", "labour")
    assert found[0].silent
    assert not found[0].says
    assert not any(one.provision == "hiring-subsidy" for one in found)


def test_another_bodys_matter_is_left_alone() -> None:
    assert suggest("低保停了半年没人管", "低保停了半年没人管", "general") == []


@pytest.mark.parametrize("words", ["", "。。。", "<script>", "问：\n答：", "x" * 5000])
@pytest.mark.parametrize("category", list(Category))
def test_any_words_are_taken(words: str, category: str) -> None:
    assert len(suggest(words, words, category)) <= MOST


async def test_the_page_of_a_ticket_shows_them_and_puts_one_in(console: ConsoleSite) -> None:
    clerk = await console.sign_in("zhou")
    path = f"/staff/tickets/{await mine(console)}"
    page = await clerk.get(path)
    assert f'value="suggest:{PENSION}"' in page.text
    assert 'class="orig"' in page.text
    put = await clerk.post(f"{path}/compose", text="您好。", write="reply", put=f"suggest:{PENSION}")
    written = text_in(put)
    assert written.startswith("您好。\n")
    assert "洪人社办〔2023〕7号" in written
    assert latest_holds() in written
    assert not warns(put)
    assert text_in(await clerk.get(f"{path}?suggest={PENSION}")) in written
    assert (await clerk.post(f"{path}/reply", text=written)).status == 303


async def test_who_only_reads_is_shown_them_and_puts_nothing_in(console: ConsoleSite) -> None:
    number = await mine(console)
    page = await (await console.sign_in("auditor")).get(f"/staff/tickets/{number}")
    assert 'class="orig"' in page.text
    assert not page.has_action("use-suggestion")


async def test_a_ticket_without_a_place_has_none(console: ConsoleSite) -> None:
    number = await console.bureau.file(region=None)
    page = await (await console.sign_in("head")).get(f"/staff/tickets/{number}")
    assert page.status == 200
    assert re.findall(r'value="suggest:', page.text) == []
