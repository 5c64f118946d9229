"""群众档案: who may see whom, what is masked, changed and written down."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bot.sealing import Sealer
from bot.staff.models import AuditEntry
from handlers.people.console.labels import term
from handlers.people.models import Person, PersonChat, PersonGroup, Wish
from tests.bureau import Person as Chatter
from tests.console.site import ConsoleSite
from tests.handlers.tickets.bureau import TOWN

NAME, PHONE, NUMBER = "王小渔", "13812345678", "421083197001010015"


async def add(console: ConsoleSite, **more: Any) -> int:
    """A person of the ledger. -> id"""
    app = console.bureau.app
    sealer, now = Sealer(app.keys, "people"), app.clock.now()
    groups = more.pop("groups", ("retired_fisher",))
    name, phone, number = more.pop("name", NAME), more.pop("phone", PHONE), more.pop("number", NUMBER)
    values = {"region": TOWN, "village": "界牌村", "ledger_at": now, "created_at": now, "updated_at": now}
    row = Person(
        name=sealer.seal(name, "person.name"),
        name_digest=sealer.digest(name),
        phone=sealer.seal(phone, "person.phone"),
        phone_digest=sealer.digest(phone),
        id_number=sealer.seal(number, "person.id_number"),
        id_digest=sealer.digest(number),
        **(values | more),
    )
    async with app.database.transaction() as session:
        session.add(row)
        await session.flush()
        for group in groups:
            session.add(PersonGroup(person_id=row.id, name=group, source="ledger", at=now))
    return row.id


async def row_of(console: ConsoleSite, person_id: int) -> Person:
    async with console.bureau.app.database.reading() as session:
        row = await session.get(Person, person_id)
    assert row is not None
    return row


async def audited(console: ConsoleSite, action: str) -> list[AuditEntry]:
    async with console.bureau.app.database.reading() as session:
        return list(await session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def test_a_person_is_found_by_name_phone_number_and_village(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each)
    await add(
        console_on_each, name="李大江", phone="13900001111", number="421083197101010017", village="中湾村", groups=()
    )
    clerk = await console_on_each.sign_in("zhou")
    everybody = await clerk.get("/staff/persons")
    assert everybody.text.count('data-action="open-person"') == 2
    for words in (NAME, PHONE, "138 1234 5678", NUMBER, "界牌"):
        found = await clerk.get(f"/staff/persons?q={words}")
        assert found.text.count('data-action="open-person"') == 1, words
        assert f"/staff/persons/{here}" in found.text
    for filters in ("group=retired_fisher", "village=界牌村", f"town={TOWN}&group=retired_fisher"):
        assert (await clerk.get(f"/staff/persons?{filters}")).text.count('data-action="open-person"') == 1
    for words in ("5678", "王小", "没有的村"):
        assert 'data-action="open-person"' not in (await clerk.get(f"/staff/persons?q={words}")).text


async def test_nothing_of_a_person_stands_unmasked_on_list_and_file(console: ConsoleSite) -> None:
    here = await add(console)
    clerk = await console.sign_in("zhou")
    for path in ("/staff/persons", f"/staff/persons/{here}"):
        page = await clerk.get(path)
        assert page.status == 200
        assert "王*渔" in page.text
        for secret in (NAME, PHONE, NUMBER):
            assert secret not in page.text


async def test_names_are_shown_with_a_reason_that_is_kept(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each)
    clerk = await console_on_each.sign_in("zhou")
    refused = await clerk.post(f"/staff/persons/{here}/unmask", text=" ")
    assert refused.status == 422
    assert PHONE not in refused.text
    shown = await clerk.post(f"/staff/persons/{here}/unmask", text="上门回访")
    assert shown.status == 200
    assert all(secret in shown.text for secret in (NAME, PHONE, NUMBER))
    assert shown.headers["Cache-Control"] == "no-store"
    (row,) = await audited(console_on_each, "unmasked")
    assert (row.subject_kind, row.subject_id, row.reason) == ("person", str(here), "上门回访")
    assert PHONE not in (await clerk.get(f"/staff/persons/{here}")).text


async def test_who_serves_another_place_finds_nobody_and_is_written_down(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each, region="371311001")
    clerk = await console_on_each.sign_in("zhou")
    assert 'data-action="open-person"' not in (await clerk.get("/staff/persons")).text
    for path in (f"/staff/persons/{here}", f"/staff/persons/{here}/edit", "/staff/persons/999999"):
        assert (await clerk.get(path)).status == 404
    assert (await clerk.post(f"/staff/persons/{here}/unmask", text="看看")).status == 404
    assert len(await audited(console_on_each, "refused")) == 4


async def change(clerk: Any, person_id: int, version: int, **fields: str) -> Any:
    form = {"place": "洪湖市螺山镇", "village": "界牌村", "version": str(version), **fields}
    return await clerk.post(f"/staff/persons/{person_id}/edit", **form)


async def test_a_file_is_changed_once_and_a_stale_form_is_told(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each)
    clerk, leader = await console_on_each.sign_in("zhou"), await console_on_each.sign_in("sun")
    first = await change(clerk, here, 1, employment="employed", birth_year="1971", skills="电焊、开船", group="dibao")
    assert (first.status, first.location.split("?")[0]) == (303, f"/staff/persons/{here}")
    stale = await change(leader, here, 1, employment="unemployed")
    assert stale.status == 409
    assert term("employment", "employed") in stale.text
    row = await row_of(console_on_each, here)
    assert (row.employment, row.birth_year, row.skills, row.version) == ("employed", 1971, ["电焊", "开船"], 2)
    again = await change(leader, here, 2, employment="unemployed", birth_year="1971")
    assert again.status == 303
    (one, two) = await audited(console_on_each, "person_changed")
    assert "employment" in one.data["fields"]
    assert "unemployed" not in str(two.data)
    async with console_on_each.bureau.app.database.reading() as session:
        groups = (await session.execute(select(PersonGroup.name, PersonGroup.source))).all()
    assert groups == []  # the second form named none


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", "没有的地方"), ("place", "临沂市罗庄区"), ("phone", "123"), ("birth_year", "72"), ("employment", "x"),
     ("group", "x"), ("helper", "99"), ("skills", "很长很长很长很长很长很长很长的技能")],
)  # fmt: skip
async def test_a_form_that_does_not_fit_changes_nothing(console: ConsoleSite, field: str, value: str) -> None:
    here = await add(console)
    clerk = await console.sign_in("zhou")
    refused = await change(clerk, here, 1, **{field: value})
    assert refused.status == 422
    assert (await row_of(console, here)).version == 1


async def test_a_new_name_and_phone_are_sealed_and_found(console: ConsoleSite) -> None:
    here = await add(console)
    clerk = await console.sign_in("zhou")
    assert (await change(clerk, here, 1, name="赵海生", phone="139 0000 2222")).status == 303
    assert f"/staff/persons/{here}" in (await clerk.get("/staff/persons?q=13900002222")).text
    row = await row_of(console, here)
    assert row.phone is not None
    assert b"13900002222" not in row.phone


async def test_wishes_are_added_and_dropped(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each)
    clerk = await console_on_each.sign_in("zhou")
    path = f"/staff/persons/{here}/wishes"
    assert (await clerk.post(path, kind="work", trade="nothing")).status == 422
    assert (await clerk.post(path, kind="work", trade="welder", pay="9")).status == 422
    assert (await clerk.post(path, kind="work", trade="welder", pay="5000", place="武汉市")).status == 303
    assert (await clerk.post(path, kind="work", trade="welder", pay="6000")).status == 303
    async with console_on_each.bureau.app.database.reading() as session:
        (wish,) = (await session.scalars(select(Wish))).all()
    assert (wish.trade, wish.pay_from, wish.region, wish.source) == ("welder", 6000, None, "staff")
    assert (await clerk.post(f"{path}/{wish.id}/drop")).status == 303
    async with console_on_each.bureau.app.database.reading() as session:
        assert (await session.scalars(select(Wish))).all() == []


async def test_the_file_holds_what_other_services_keep(console: ConsoleSite) -> None:
    here = await add(console)
    app = console.bureau.app
    chatter = Chatter(app, "fisher", region="洪湖市")
    await chatter.say("养老补贴哪天发")
    async with app.database.transaction() as session:
        chat = await session.scalar(select(PersonChat))
        assert chat is not None
        chat.person_id = here
    clerk = await console.sign_in("zhou")
    page = await clerk.get(f"/staff/persons/{here}")
    assert "养老补贴哪天发" in page.text
    part = await clerk.get(f"/staff/persons/{here}?part=answers")
    assert "养老补贴哪天发" in part.text


async def test_whoever_may_not_read_files_is_refused(console: ConsoleSite) -> None:
    here = await add(console)
    auditor = await console.sign_in("auditor")
    assert (await auditor.get("/staff/persons")).status == 403
    assert (await auditor.get(f"/staff/persons/{here}")).status == 403


VALID = "421083197001010019"
"""An identity number whose check digit holds."""


async def add_by_form(clerk: Any, **fields: str) -> Any:
    return await clerk.post(
        "/staff/persons/new", **{"name": "赵海生", "place": "洪湖市螺山镇", "village": "界牌村", **fields}
    )


async def test_a_person_is_added_by_hand_sealed_and_counted_as_of_the_ledger(console_on_each: ConsoleSite) -> None:
    clerk = await console_on_each.sign_in("zhou")
    done = await add_by_form(clerk, phone="139 0000 2222", id_number=VALID, group="retired_fisher")
    assert done.status == 303
    path, _, said = done.location.partition("?")
    assert said == "done=person_added"
    row = await row_of(console_on_each, int(path.rpartition("/")[2]))
    assert (row.region, row.village, row.ledger_at) == ("421083100", "界牌村", console_on_each.now)
    assert (row.birth_year, row.gender) == (1970, "male")  # as the number says
    assert row.name is not None
    assert "赵海生".encode() not in row.name
    for words in ("赵海生", "13900002222", VALID):
        assert path in (await clerk.get(f"/staff/persons?q={words}")).text
    assert "赵海生" not in (await clerk.get(path)).text
    assert len(await audited(console_on_each, "person_added")) == 1


async def test_who_looks_the_same_is_shown_before_a_second_file_comes_about(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each, region="421083100")
    clerk = await console_on_each.sign_in("zhou")
    for fields in ({"phone": PHONE}, {"name": NAME}):
        doubt = await add_by_form(clerk, **fields)
        assert doubt.status == 422
        assert f"/staff/persons/{here}" in doubt.text
        assert PHONE not in doubt.text.replace(f'value="{PHONE}"', "")
    assert (await add_by_form(clerk, phone=PHONE, confirmed="yes")).status == 303


async def test_one_identity_number_has_one_file_and_elsewhere_is_not_led_to(console_on_each: ConsoleSite) -> None:
    here = await add(console_on_each, number=VALID)
    there = await add(console_on_each, region="371311001", phone="13900001111", number="421083197101010016")
    clerk = await console_on_each.sign_in("zhou")
    mine = await add_by_form(clerk, id_number=VALID, confirmed="yes")
    other = await add_by_form(clerk, id_number="421083197101010016", confirmed="yes")
    assert (mine.status, other.status) == (422, 422)
    assert f"/staff/persons/{here}" in mine.text
    assert f"/staff/persons/{there}" not in other.text
    async with console_on_each.bureau.app.database.reading() as session:
        assert len((await session.scalars(select(Person.id))).all()) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", " "), ("place", ""), ("place", "临沂市罗庄区"), ("phone", "123"),
     ("id_number", "421083197001010015")],
)  # fmt: skip
async def test_a_new_file_that_does_not_fit_is_named_at_its_field(console: ConsoleSite, field: str, value: str) -> None:
    clerk = await console.sign_in("zhou")
    refused = await add_by_form(clerk, **{field: value})
    assert refused.status == 422
    assert f'id="f-{field}-e"' in refused.text
    assert 'value="界牌村"' in refused.text


async def test_who_records_no_services_adds_nobody(console: ConsoleSite) -> None:
    auditor = await console.sign_in("auditor")
    assert (await auditor.get("/staff/persons/new")).status == 403
    assert (await add_by_form(auditor)).status == 403


async def test_a_helper_sees_in_full_whom_they_look_after_and_nobody_else(console_on_each: ConsoleSite) -> None:
    helper = await console_on_each.sign_in("helper")
    mine = await add(console_on_each, helper_id=console_on_each.bureau.ids["helper"])
    other = await add(console_on_each, name="李大江", phone="13900001111", number="421083197101010017")
    assert (await helper.get(f"/staff/persons/{mine}")).has_action("unmask-person")
    assert not (await helper.get(f"/staff/persons/{other}")).has_action("unmask-person")
    assert PHONE in (await helper.post(f"/staff/persons/{mine}/unmask", text="上门")).text
    assert (await helper.post(f"/staff/persons/{mine}/unmask", text="")).status == 422
    assert (await helper.post(f"/staff/persons/{other}/unmask", text="上门")).status == 403
    assert len(await audited(console_on_each, "unmasked")) == 1


async def test_a_helper_makes_nobody_theirs(console_on_each: ConsoleSite) -> None:
    ids, place = console_on_each.bureau.ids, "洪湖市龙口镇"
    other = await add(console_on_each)
    mine = await add(console_on_each, number="421083197101010017", helper_id=ids["helper"])
    helper = await console_on_each.sign_in("helper")
    for path in (f"/staff/persons/{other}/edit", "/staff/persons/new"):
        page = await helper.get(path)
        assert page.status == 200
        assert 'name="helper"' not in page.text
    posted = {"helper": str(ids["helper"]), "place": place}
    assert (await change(helper, other, 1, employment="employed", **posted)).status == 303
    assert (await change(helper, mine, 1, helper="", place=place)).status == 303
    held = [await row_of(console_on_each, one) for one in (other, mine)]
    assert [row.helper_id for row in held] == [None, ids["helper"]]
    assert held[0].employment == "employed"
    assert (await helper.post(f"/staff/persons/{other}/unmask", text="上门")).status == 403
    added = await add_by_form(helper, **posted)
    assert added.status == 303
    row = await row_of(console_on_each, int(added.location.partition("?")[0].rpartition("/")[2]))
    assert row.helper_id is None


async def test_a_clerk_says_who_looks_after_somebody(console: ConsoleSite) -> None:
    here, helper_id = await add(console), console.bureau.ids["helper"]
    clerk = await console.sign_in("zhou")
    assert 'name="helper"' in (await clerk.get(f"/staff/persons/{here}/edit")).text
    assert (await change(clerk, here, 1, helper=str(helper_id))).status == 303
    assert (await row_of(console, here)).helper_id == helper_id
