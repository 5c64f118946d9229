"""The form of a person's file: what was posted -> a change, or faults by field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from bot.door import drop_unwanted
from bot.sealing import find_phone
from bot.staff.models import Staff
from bot.staff.roles import EVERYWHERE
from handlers.people.files import Change, File, PersonFiles
from handlers.people.person import Employment, Group, WorkForm
from handlers.people.places import PlaceBook
from handlers.people.reading import FEWEST_YEARS, MOST_SKILL, MOST_SKILLS, MOST_YEARS

FIELDS = ("place", "village", "name", "phone", "birth_year", "gender", "employment", "work_form", "skills", "helper")
MOST_NAME, MOST_VILLAGE = 20, 60
GENDERS = ("male", "female")


@dataclass(frozen=True)
class Read:
    change: Change
    faults: Mapping[str, str]
    """Field -> `field.code`, worded in `labels.yaml`."""


def fields_of(file: File, places: PlaceBook) -> dict[str, str]:
    """The form as it stands: name and phone are written anew or left."""
    person = file.person
    return {
        "place": places.whole(person.region) if person.region else "",
        "village": person.village,
        "name": "",
        "phone": "",
        "birth_year": str(person.birth_year or ""),
        "gender": person.gender,
        "employment": person.employment,
        "work_form": person.work_form,
        "skills": "、".join(person.skills),
        "helper": str(person.helper_id or ""),
    }


async def choose_helpers(files: PersonFiles, session: AsyncSession, staff: Staff) -> Sequence[tuple[int, str]] | None:
    """Accounts and names to choose 帮扶责任人 from; None where that is not theirs to say."""
    if not files.may_assign(staff):
        return None
    return [(one.id, one.display_name) for one in await files.helpers_of(session, staff)]


def read_form(
    form: Mapping[str, str],
    groups: Sequence[str],
    staff: Staff,
    *,
    places: PlaceBook,
    helpers: Collection[int] | None,
    today: date,
    new: bool = False,
) -> Read:
    """`new`: the file is not there yet, so that name and place are needed.

    `helpers`: whom they may name as 帮扶责任人; None where that is not theirs to say, and what was posted is left out.
    """
    said = {name: drop_unwanted(form.get(name, "")) for name in FIELDS}
    faults: dict[str, str] = {}

    def check(name: str, code: str, fits: bool) -> None:
        if not fits:
            faults.setdefault(name, f"{name}.{code}")

    region = places.find(said["place"]) if said["place"] else None
    check("name", "missing", bool(said["name"].strip()) or not new)
    check("place", "missing", bool(said["place"].strip()) or not new)
    check("place", "unknown", not said["place"] or region is not None)
    if region is not None:
        check("place", "outside", staff.region == EVERYWHERE or staff.scope.covers(region))
    check("village", "unfit", len(said["village"]) <= MOST_VILLAGE)
    check("name", "unfit", len(said["name"]) <= MOST_NAME)
    phone = find_phone(said["phone"]) if said["phone"] else None
    check("phone", "unfit", not said["phone"] or phone is not None)
    year = int(said["birth_year"]) if said["birth_year"].isascii() and said["birth_year"].isdecimal() else None
    fits_year = year is not None and FEWEST_YEARS <= today.year - year <= MOST_YEARS
    check("birth_year", "unfit", not said["birth_year"] or fits_year)
    check("gender", "unknown", said["gender"] in ("", *GENDERS))
    check("employment", "unknown", said["employment"] in ("", *Employment))
    check("work_form", "unknown", said["work_form"] in ("", *WorkForm))
    skills = [skill for skill in said["skills"].replace("，", "、").replace(",", "、").split("、") if skill.strip()]
    check("skills", "unfit", len(skills) <= MOST_SKILLS and all(len(skill.strip()) <= MOST_SKILL for skill in skills))
    check("groups", "unknown", set(groups) <= set(Group))
    helper = int(said["helper"]) if said["helper"].isascii() and said["helper"].isdecimal() else 0
    check("helper", "unknown", helpers is None or helper == 0 or helper in helpers)
    if faults:
        return Read(Change(), faults)
    change = Change(
        region=region,
        village=said["village"],
        name=said["name"] or None,
        phone=phone,
        birth_year=year,
        gender=said["gender"],
        employment=said["employment"],
        work_form=said["work_form"],
        skills=[skill.strip() for skill in skills],
        groups=[group for group in Group if str(group) in groups],
        helper_id=None if helpers is None else helper,
    )
    return Read(change, faults)
