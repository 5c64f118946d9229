"""What a complaint told in free words holds: message -> Facts; and words that correct what was read before. Pure.

Each fact is read by its own module; this one decides which form of the text each of them sees. What a card shows of
the matter is in the person's own words, without names and numbers.
"""

from __future__ import annotations

import re
from datetime import date

from handlers.tickets.categories import load_categories
from handlers.tickets.counts import find_people, find_visits
from handlers.tickets.facts import Facts
from handlers.tickets.money import find_money
from handlers.tickets.periods import find_period
from handlers.tickets.persons import find_acting_for, find_name, without_names
from handlers.tickets.phone import find_phone, without_numbers
from handlers.tickets.ticket import Category, Kind
from handlers.tickets.whereabouts import find_region, find_unit, find_village
from handlers.tickets.words import Words, load_words
from knowledge.language import FILLERS, clean, plain
from knowledge.regions import Regions

READS = 2000
"""Characters that are read, as in bot.door."""
ABOUT = 40
"""Characters of a headline."""
WISH = 60
ASIDE = 24
"""A longer clause that asks for secrecy tells the matter too."""
CLAUSE = re.compile(r"(?:[。！？!?；;\n，…\s]|(?<!\d),|,(?!\d{3}))+")
SENTENCE = re.compile(r"[。！？!?；;\n]+")
FIRST = re.compile(r"^(?:我|俺|侬|我们|俺们)是[^，]{0,14}的$")


def read_facts(text: str, *, home: str | None, today: date, regions: Regions) -> Facts:
    """Everything one message tells; `home` is the place known of the person, which a place named here beats."""
    words = load_words()
    text = clean(text[:READS])
    told = without_numbers(text)
    standard = plain(told)
    facts = words.facts
    phone = find_phone(text)
    people = find_people(told)
    region, named = find_region(told, home, regions)
    matter = "，".join(_telling(told, words))
    about = headline(matter, words)
    found = load_categories().find(matter) if facts["matter"].search(plain(matter)) else None
    joint = facts["joint"].search(standard) is not None
    return Facts(
        about=about,
        kind=_kind(standard, found.category if found else None, words),
        category=found.category if found else None,
        category_sure=found.sure if found else 0.0,
        region=region,
        region_named=named,
        village=find_village(told, regions),
        unit=find_unit(told, words, regions),
        amount=find_money(told, facts["owed"]),
        people=people,
        since=find_period(told, today),
        wish=_wish(told, words),
        phone=phone,
        name=find_name(text, words, has_phone=bool(phone)),
        confidential=_said(standard, "confidential", words),
        anonymous=_said(standard, "anonymous", words),
        acting_for=find_acting_for(standard, words),
        joint=joint,
        visits=find_visits(told),
        reachable=_reachable(told, words),
    )


def headline(text: str, words: Words) -> str:
    """The clause or two that say what it is about; empty where no matter is told. `text` is without long numbers."""
    shape = words.facts["matter"]
    clauses = [part for part in CLAUSE.split(without_names(text, words)) if part]
    scored = []
    for at, clause in enumerate(clauses):
        standard = plain(clause)
        weight = len(set(shape.findall(standard))) + 2 * (words.facts["complaint"].search(standard) is not None)
        if shape.search(standard) and not FIRST.match(clause):
            scored.append((weight, -at, clause))
    if not scored:
        return ""
    best = max(scored)
    at = -best[1]
    chosen = best[2]
    # A short clause needs its neighbour: 合同也没签 after 尾款没给.
    for near in (at + 1, at - 1):
        if 0 <= near < len(clauses) and len(chosen) < 14 and any(-n == near for _, n, _ in scored):
            pair = (chosen, clauses[near]) if near > at else (clauses[near], chosen)
            chosen = "，".join(pair)
    chosen = FILLERS.sub("", chosen) or chosen
    return chosen if len(chosen) <= ABOUT else chosen[: ABOUT - 1] + "…"


def _telling(text: str, words: Words) -> list[str]:
    """The clauses without the asides: who may know of it, when to call, 我要投诉."""
    facts = words.facts

    def is_aside(clause: str) -> bool:
        standard = plain(clause)
        if _said(standard, "confidential", words) or _said(standard, "anonymous", words):
            return len(clause) < ASIDE
        return facts["reach_time"].search(standard) is not None and facts["reach_say"].search(standard) is not None

    return [clause for clause in CLAUSE.split(text) if clause and not is_aside(clause)]


def _said(standard: str, name: str, words: Words) -> bool:
    facts = words.facts
    return bool(facts[name].search(standard)) and not facts[f"not_{name}"].search(standard)


def _kind(standard: str, category: Category | None, words: Words) -> Kind | None:
    facts = words.facts
    if facts["report"].search(standard):
        return Kind.REPORT
    if facts["complaint"].search(standard):
        return Kind.COMPLAINT
    if facts["request"].search(standard):
        return Kind.REQUEST
    if facts["consult"].search(standard):
        return Kind.CONSULT
    return Kind.COMPLAINT if category is Category.LABOUR else None


def _wish(text: str, words: Words) -> str:
    """What they want to happen, in their words, to the end of the clause."""
    text = without_names(text, words)
    for sentence in SENTENCE.split(text):
        for clause in re.split(r"[，,]+", sentence):
            standard = _in_standard_words(clause)
            match = words.facts["wish"].search(standard)
            if match and len(standard) - match.start() > 2:
                # The standard words have their own length: cut the person's words only where nothing changed.
                cut = match.start() if standard == clause else 0
                return clause[cut:].strip()[:WISH]
    return ""


def _in_standard_words(clause: str) -> str:
    """`plain`, but with the courtesy at the front, which is half of a wish: 麻烦你们查下."""
    return plain("·" + clause).removeprefix("·")


def _reachable(text: str, words: Words) -> str:
    time, say = words.facts["reach_time"], words.facts["reach_say"]
    for part in SENTENCE.split(text):
        clauses = [clause.strip() for clause in re.split(r"[，,]+", part)]
        for at, clause in enumerate(clauses):
            if time.search(clause) and say.search(clause):
                following = clauses[at + 1] if at + 1 < len(clauses) else ""
                return clause if len(clause) <= ABOUT or following else clause[:ABOUT]
    return ""
