"""Offices entered in the console are told at once: in answers, in what is handed over, beside the chat."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.app import App, build
from bot.clock import FixedClock
from bot.settings import Settings
from bot.staff.models import AuditEntry, BureauSetting
from bot.staff.roles import EVERYWHERE, Role
from handlers.policy.offices import PhoneAdvertised, PhoneUnfit, read_phone
from tests.bureau import Person, wire_bureau
from tests.console.site import ConsoleSite, StaffBrowser, open_console
from tests.fakes import eventually
from tests.handlers.tickets.bureau import HONGHU, LUOZHUANG, TOWN, settings_of

PATH = f"/staff/offices/{HONGHU}"
NAME = "洪湖市人力资源和社会保障局"
OFFICE = {"name": NAME, "phone": "0716-2430000", "address": "文泉大道", "hours": "周一至周五 8:30-17:30"}
ASKS = "我想找个活干"
"""Is told where the office is."""


async def save(at: StaffBrowser, path: str = PATH, **fields: str) -> Any:
    page = await at.get(path)
    seen = page.text.partition('name="seen" value="')[2].partition('"')[0]
    return await at.post(path, **{**OFFICE, "seen": seen, **fields})


async def stored(app: App) -> dict[str, BureauSetting]:
    async with app.database.reading() as session:
        return {row.key: row for row in await session.scalars(select(BureauSetting))}


async def audited(console: ConsoleSite, action: str) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def test_an_office_that_is_entered_is_told_from_then_on(console_on_each: ConsoleSite) -> None:
    console, app = console_on_each, console_on_each.bureau.app
    admin = await console.sign_in("admin")
    before = Person(app, "before", region="洪湖市")
    await before.say(ASKS)
    assert OFFICE["phone"] not in before.text
    assert (await save(admin)).status == 303
    after = Person(app, "after", region="洪湖市螺山镇")
    await after.say(ASKS)
    for words in OFFICE.values():
        assert words in after.text
    (entry,) = await audited(console, "setting_changed")
    assert (entry.subject_id, entry.data) == (f"office/{HONGHU}", {"changed": ["phone", "address", "hours"]})


async def test_who_is_handed_over_hears_the_number_of_the_bureau_first(console: ConsoleSite) -> None:
    await save(await console.sign_in("admin"))
    person = Person(console.bureau.app, region="洪湖市")
    await person.say("我要找人问一下")
    assert OFFICE["phone"] in person.text
    assert person.text.index(OFFICE["phone"]) < person.text.index("12333")


async def test_the_web_page_names_the_office_of_the_place(console: ConsoleSite) -> None:
    await save(await console.sign_in("admin"))
    app = console.bureau.app
    assert OFFICE["phone"] not in (await (await console.browser()).get("/")).text
    at = await console.browser()
    await at.get("/")
    async with at.http.post("/chat", data={"text": "洪湖市", "id": "1"}) as answer:
        page = await answer.text()
    assert 'href="tel:0716-2430000"' in page
    assert app.services.office_of("罗庄区") is None


async def test_a_town_has_its_own_and_the_county_stays(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    found = await admin.get("/staff/offices/find?place=螺山镇")
    assert found.location == f"/staff/offices/{await code_of(console, '螺山镇')}"
    await save(admin)
    await save(admin, f"/staff/offices/{TOWN}", name="乡镇人社服务中心", phone="12333")
    offices = console.bureau.app.services.office_of
    town = offices(console.bureau.app.services.place_names.whole(TOWN))  # type: ignore[union-attr]
    assert (town.name, town.phone) == ("乡镇人社服务中心", "12333")  # type: ignore[union-attr]
    assert offices("洪湖市").phone == OFFICE["phone"]  # type: ignore[union-attr]


async def code_of(console: ConsoleSite, name: str) -> str | None:
    names = console.bureau.app.services.place_names
    assert names is not None
    return names.find(name)


async def test_another_process_tells_it_without_a_restart(settings_on_each: Settings, clock: FixedClock) -> None:
    async with (
        open_console(settings_on_each, clock) as console,
        build(settings_of(settings_on_each), clock=clock, wire=wire_bureau) as other,
    ):
        follows = asyncio.create_task(other.bureau.run())
        await save(await console.sign_in("admin"))
        await eventually(lambda: other.services.office_of("洪湖市") is not None)
        follows.cancel()
    async with build(settings_of(settings_on_each), clock=clock, wire=wire_bureau) as later:
        assert later.services.office_of("洪湖市") is not None


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("0716-2430000", "0716-2430000"),
        ("（0716）2430000", "07162430000"),
        ("０７１６－２４３００００", "0716-2430000"),
        ("0539—8246000", "0539-8246000"),
        ("02785730000转801", "02785730000转801"),
        ("13800000000", "13800000000"),
        ("400-800-8888", "400-800-8888"),
        ("12333", "12333"),
        ("", ""),
    ],
)
def test_a_phone_is_kept_as_phones_are_written(words: str, kept: str) -> None:
    assert read_phone(words) == kept


@pytest.mark.parametrize(
    "words", ["2430000", "0716-243", "138000", "问门卫", "0716-2430000 0716-2430001", "<b>", "110"]
)
def test_what_is_no_phone_is_refused(words: str) -> None:
    with pytest.raises(PhoneUnfit):
        read_phone(words)


@pytest.mark.parametrize(
    "words", ["400-107-6681", "4001076681", "400 107 6681", "４００－１０７－６６８１", "400.107.6681"]
)
def test_the_advertisement_under_a_document_is_no_phone_of_a_bureau(words: str) -> None:
    with pytest.raises(PhoneAdvertised):
        read_phone(words)


@pytest.mark.parametrize(
    ("change", "field"), [({"name": " "}, "name"), ({"phone": "问门卫"}, "phone"), ({"phone": "400-107-6681"}, "phone")]
)
async def test_a_form_with_a_fault_comes_back_with_all_that_was_typed(
    console: ConsoleSite, change: dict[str, str], field: str
) -> None:
    admin = await console.sign_in("admin")
    answer = await save(admin, **change)
    assert answer.status == 422
    assert f'href="#f-{field}"' in answer.text
    assert OFFICE["address"] in answer.text
    assert await stored(console.bureau.app) == {}
    assert await audited(console, "setting_changed") == []


async def test_of_two_who_change_one_office_the_second_is_told(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    await save(admin)
    late = await admin.post(PATH, **OFFICE | {"seen": "", "hours": "下午"})
    assert late.status == 422
    assert (await stored(console.bureau.app))[f"office/{HONGHU}"].value["hours"] == OFFICE["hours"]


async def test_saying_what_is_so_already_writes_nothing_down(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    await save(admin)
    await save(admin)
    assert len(await audited(console, "setting_changed")) == 1


async def test_the_list_shows_offices_of_the_own_place_only(console: ConsoleSite) -> None:
    await console.bureau.hire("root", Role.ADMINISTRATOR, EVERYWHERE)
    admin, root = await console.sign_in("admin"), await console.sign_in("root")
    page = (await admin.get("/staff/offices")).text
    assert f'href="{PATH}"' in page
    assert f"/staff/offices/{LUOZHUANG}" not in page
    assert f"/staff/offices/{LUOZHUANG}" in (await root.get("/staff/offices")).text


@pytest.mark.parametrize("code", [LUOZHUANG, "420000", EVERYWHERE, "999999", "x"])
async def test_an_office_of_another_region_is_not_there_and_the_try_is_written_down(
    console: ConsoleSite, code: str
) -> None:
    admin = await console.sign_in("admin")
    assert (await admin.get(f"/staff/offices/{code}")).status == 404
    assert (await admin.post(f"/staff/offices/{code}", **OFFICE)).status == 404
    assert (await admin.get(f"/staff/offices/find?place={code}")).status == 404
    assert await stored(console.bureau.app) == {}
    assert [entry.data for entry in await audited(console, "refused")] == [{"code": "no_such_place"}] * 3


@pytest.mark.parametrize("name", ["zhou", "sun", "head", "auditor", "helper"])
async def test_nobody_but_an_administrator_enters_offices(console: ConsoleSite, name: str) -> None:
    at = await console.sign_in(name)
    assert (await at.get("/staff/offices")).status == 403
    assert (await at.post(PATH, **OFFICE)).status == 403
    assert await stored(console.bureau.app) == {}


async def test_a_form_without_its_token_enters_no_office(console: ConsoleSite) -> None:
    admin = await console.sign_in("admin")
    admin.csrf = "forged"
    assert (await admin.post(PATH, **OFFICE)).status == 403
    assert await stored(console.bureau.app) == {}
