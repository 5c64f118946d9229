"""What a form has heard: as it is shown back, as its draft, as the ticket's row keeps it. Pure."""

from __future__ import annotations

from typing import Any

from bot.door import hide_mobiles
from bot.sealing import mask_name, mask_phone
from handlers.tickets.cabinet import Person
from handlers.tickets.facts import Facts
from handlers.tickets.filing import Draft
from handlers.tickets.form import Form
from handlers.tickets.labels import say_count, say_money, wants_somebody
from handlers.tickets.words import load_words
from knowledge.regions import Regions

ABOUT = 40
"""Characters of what a matter is about."""
MASS = 10
"""From so many people on it is a mass matter (群体)."""


def lines_of(form: Form, regions: Regions) -> tuple[tuple[str, str], ...]:
    """What was read, as it is shown back; the phone half hidden."""
    facts = form.facts
    place = (regions.whole_name(facts.region) if facts.region else "") + facts.village
    lines = {
        "employer": "" if load_words().facts["titles"].fullmatch(facts.unit) else facts.unit,  # 老板 is no name
        "amount": say_money(facts.amount),
        "people": say_count(facts.people),
        "since": facts.since.words if facts.since else "",
        "place": place,
        "wish": facts.wish,
        "for_whom": facts.acting_for,
        "name": "" if form.privacy == "anonymous" else facts.name,
        "phone": mask_phone(facts.phone) if facts.phone and form.privacy != "anonymous" else "",
        "reachable": facts.reachable,
    }
    return tuple((name, value) for name, value in lines.items() if value)


def draft_of(form: Form, source: str) -> Draft:
    """The ticket that it becomes; `source`: the channel on which it was told."""
    facts, words = form.facts, list(form.words)
    if form.question:
        words.insert(0, f"问：{form.question}\n答：{form.answer}")
    return Draft(
        kind=form.kind(),
        category=form.matter(),
        about=about_of(form),
        text="\n".join(words),
        source=source,
        region=facts.region,
        village=facts.village,
        facts=kept_facts(facts),
        person=Person(facts.name, facts.phone, facts.acting_for),
        urgent=form.urgent or form.people >= MASS,
        is_group=form.people >= MASS or facts.joint,
        confidential=form.privacy in ("confidential", "anonymous"),
        anonymous=form.privacy == "anonymous",
    )


def without_private(words: str, read: Facts) -> str:
    """What was told as it is kept: mobile numbers and their own name half hidden; both have sealed fields."""
    kept = hide_mobiles(words)
    return kept.replace(read.name, mask_name(read.name)) if len(read.name) > 1 else kept


def kept_facts(facts: Facts) -> dict[str, Any]:
    """What the ticket's row keeps as plain JSON: nothing that tells who."""
    kept = {
        "employer": facts.unit,
        "amount": say_money(facts.amount),
        "amount_yuan": float(facts.amount.yuan) if facts.amount else None,
        "people": facts.people.number if facts.people else None,
        "since": facts.since.words if facts.since else "",
        "wish": facts.wish,
        "reachable": facts.reachable,
        "for_whom": facts.acting_for,
        "visits": facts.visits,
    }
    return {name: value for name, value in kept.items() if value not in (None, "")}


def about_of(form: Form) -> str:
    """A few words for the card: what was told, else the question it began with, else that they want a person."""
    return form.facts.about or form.question[:ABOUT] or wants_somebody()
