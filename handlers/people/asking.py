"""The questions of 补充资料: which comes next, its buttons, and what an answer in free words says. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from bot.messages import Choice
from handlers.people.labels import button, label
from handlers.people.pay import bare_pay
from handlers.people.person import Employment, Group, WishKind
from handlers.people.profiling import Item, Kept
from handlers.people.reading import Reader
from handlers.people.said import Said, WishSaid
from handlers.people.trades import ANY
from knowledge.language import ASKING, plain

ORDER = (Item.PLACE, Item.GROUPS, Item.AGE, Item.EMPLOYMENT, Item.SKILLS, Item.WORK, Item.TRAINING, Item.PHONE)
OFFERED_GROUPS = (Group.RETIRED_FISHER, Group.POVERTY_LIFTED, Group.DIBAO, Group.RETURNED_HOME)
"""On buttons; others are typed."""
OFFERED_STATES = (Employment.EMPLOYED, Employment.UNEMPLOYED, Employment.NOT_LOOKING)
SIDES: dict[Item, str] = {Item.SKILLS: "会", Item.WORK: "想找", Item.TRAINING: "想学", Item.PLACE: "住"}
"""A word that an answer leaves out, for the question has said it."""


def next_item(kept: Kept, asked: Collection[str]) -> Item | None:
    """The next question that is of use; None where nothing is left to ask."""
    held = kept.items
    for item in ORDER:
        if item in held or item in asked:
            continue
        if item in (Item.WORK, Item.TRAINING) and kept.employment in (Employment.UNABLE, Employment.NOT_LOOKING):
            continue
        if item is Item.EMPLOYMENT and {Group.EMPLOYER, Group.CADRE}.intersection(kept.groups):
            continue
        if item is Item.PHONE and kept.of_ledger:
            continue
        return item
    return None


def choices_of(item: Item) -> tuple[Choice, ...]:
    """The buttons under a question."""
    answers: Sequence[Choice] = ()
    if item is Item.GROUPS:
        answers = [_answer(label("group", group)[:8], item, str(group)) for group in OFFERED_GROUPS]
    elif item is Item.EMPLOYMENT:
        answers = [_answer(label("employment", state), item, str(state)) for state in OFFERED_STATES]
    return (*answers, button("skip", quiet=True, item=str(item)), button("enough", quiet=True))


def _answer(words: str, item: Item, value: str) -> Choice:
    return Choice(words, "people:answer", {"item": str(item), "value": value})


def said_by(item: Item, value: str) -> Said:
    """What a button says."""
    if item is Item.GROUPS:
        return Said(groups=(Group(value),))
    return Said(employment=Employment(value))


def read_answer(reader: Reader, item: Item, text: str, *, today: date, home: str | None) -> Said | None:
    """What free words say to a question; None where they say nothing to it."""
    words = plain(text)
    said = reader.read(text, today=today, home=home, whole=item is Item.PLACE)
    if item in SIDES and not said.other and item is not Item.PLACE:
        said = reader.read(SIDES[item] + text, today=today, home=home).merged(said)
    if item is Item.WORK and not said.other:
        said = _with_pay(reader, said, text)
    if said.other or _answers(said, item):
        return said
    if item is Item.AGE and (found := reader.shapes["bare_age"].fullmatch(words.strip("。.,， "))):
        return _if_any(reader.read(f"{found['age']}岁", today=today))
    if item is Item.EMPLOYMENT:
        state = {"有": Employment.EMPLOYED, "没有": Employment.UNEMPLOYED, "没": Employment.UNEMPLOYED}.get(words)
        return Said(employment=state) if state else None
    if item is Item.WORK and reader.shapes["whatever"].search(words):
        return Said(wishes=(WishSaid(WishKind.WORK, ANY),))
    if item is Item.PLACE:
        said = reader.read(SIDES[item] + text, today=today, home=home, whole=True)
        return said if _answers(said, item) else None
    return None


def _with_pay(reader: Reader, said: Said, text: str) -> Said:
    """保安的活，四千: the bare sum is what they want for it."""
    if any(wish.pay_from for wish in said.wishes):
        return said
    clauses = re.split(r"[，,。；;！!\s]+", text)
    pay = next((found for clause in clauses if (found := bare_pay(clause, reader.shapes)) is not None), None)
    wishes = [replace(wish, pay_from=pay) if wish.kind is WishKind.WORK else wish for wish in said.wishes]
    return replace(said, wishes=tuple(wishes)) if pay is not None else said


def read_stated(reader: Reader, text: str, *, today: date, home: str | None) -> Said | None:
    """What a message plainly tells of whoever writes, whichever question stands; None where it asks or wants
    something."""
    words = plain(text)
    if ASKING.search(words) or reader.shapes["not_answer"].search(words):
        return None
    said = reader.read(text, today=today, home=home)
    if not said.other and (found := reader.shapes["bare_age"].fullmatch(words.strip("。.,， "))):
        said = reader.read(f"{found['age']}岁", today=today)
    if not reader.shapes["hopes"].search(words):
        said = replace(said, wishes=())  # 找保安的活: they want it now
    told = [item for item in ORDER if _answers(said, item)]
    return None if said.other or not told else said


def _answers(said: Said, item: Item) -> bool:
    match item:
        case Item.PLACE:
            return bool(said.region or said.village)
        case Item.GROUPS:
            return bool(said.groups or said.not_groups)
        case Item.AGE:
            return bool(said.birth_year or said.age_band)
        case Item.EMPLOYMENT:
            return bool(said.employment or said.work_form)
        case Item.SKILLS:
            return bool(said.skills)
        case Item.WORK:
            return any(wish.kind is WishKind.WORK and (wish.trade != ANY or wish.pay_from) for wish in said.wishes)
        case Item.TRAINING:
            return any(wish.kind is WishKind.TRAINING and wish.trade != ANY for wish in said.wishes)
    return False


def _if_any(said: Said) -> Said | None:
    return said if said.weight else None
