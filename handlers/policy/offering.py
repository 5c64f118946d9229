"""Which buttons stand under what is said: the same for the chat and for `shangan ask`. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.messages import Choice, Reply
from handlers.policy.judging import asks_of_nothing
from handlers.policy.knowing import Knowing
from handlers.policy.labels import button
from handlers.policy.memory import ToldItem
from handlers.policy.replies import UnclearReply
from handlers.policy.retelling import items_of
from handlers.policy.wording import reply_to, service_reply
from knowledge.interview import BENEFITS
from knowledge.policy import Aspect
from knowledge.regions import Regions
from knowledge.results import Answer, Answered, Clarify, Reason, Told, Unknown
from knowledge.routes import Recognition, Route

MOST_CHOICES = 4
"""Buttons under an answer, beside 有用 and 没用."""
MOST_PLACES = 5
LOOKS = 3
"""Other places offered to look at where there is no document."""
NEXT = (
    Aspect.AMOUNT,
    Aspect.CONDITIONS,
    Aspect.HOW,
    Aspect.DOCUMENTS,
    Aspect.WHEN,
    Aspect.DURATION,
    Aspect.LIMITS,
    Aspect.WHO,
)
"""What people ask next, most often first."""
LONG = 60
"""From so many characters on an answer can be said more simply."""
TURNED_AWAY = frozenset({Route.JOBS, Route.TRAINING, Route.OFFTOPIC})
"""Routes that are told what is not here, and offered a person."""


def answer_with_choices(found: Answer, regions: Regions) -> Reply:
    """What the documents say, worded, and what can be done next."""
    reply = reply_to(found)
    match found:
        case Answered():
            return with_choices(reply, next_steps(found.told, can_check=True))
        case Clarify(matters=(_, *_)):
            return reply
        case Clarify():
            return with_choices(reply, place_choices(found.places, regions, keep=False))
        case Unknown(reason=Reason.NOT_COVERED):
            looks = place_choices(found.elsewhere, regions, keep=False)[:LOOKS] if found.elsewhere else ()
            return with_choices(reply, (*looks, button("human")))
        case Unknown():
            return with_choices(reply, next_steps(found.told, can_check=False))


def service_with_choices(knowing: Knowing, recognition: Recognition, region: str | None) -> Reply:
    """What can be done today for a route whose service is not built yet."""
    reply = service_reply(knowing, recognition, region)
    return with_choices(reply, (button("human"),)) if recognition.route in TURNED_AWAY else reply


def place_choices(places: Sequence[str], regions: Regions, *, keep: bool) -> tuple[Choice, ...]:
    """Buttons for places; `keep` makes the choice the person's own place whatever was known."""
    codes = {place: code for place in places[:MOST_PLACES] if (code := regions.resolve(place)) is not None}
    choices = [Choice(place, "policy:place", {"code": code, "keep": keep}) for place, code in codes.items()]
    return (*choices, button("elsewhere", quiet=True))


def next_steps(told: Sequence[Told], *, can_check: bool) -> tuple[Choice, ...]:
    """At most four next steps, a person among them; the clause last, for the web opens it in the card itself."""
    items = items_of(told)
    steps: list[Choice] = []
    if len(told) == 1:
        one = told[0]
        if can_check and one.provision.conditions and one.provision.kind in BENEFITS:
            steps.append(button("check", policy=one.policy, provision=one.provision.id))
        steps += [next_choice(one, aspect) for aspect in open_aspects(one)[: 2 - len(steps)]]
        if len(steps) < 2 and sum(len(fact.say) for fact in one.facts) > LONG:
            steps.append(button("simple", told=items))
    steps.append(button("human"))
    if told:
        steps.append(button("original", told=items))
    return (*steps[-MOST_CHOICES:], *rating(items))


def unclear(words: str) -> Reply:
    """What can be done with a word that tells nothing."""
    ways = (button("menu_policy", "menu"), button("complain"), button("human"))
    return UnclearReply(words.strip(" \n。.？?"), asks=asks_of_nothing(words), choices=ways)


def with_choices(reply: Reply, choices: tuple[Choice, ...]) -> Reply:
    return replace(reply, choices=choices)


def rating(items: tuple[ToldItem, ...], template: str = "policy/answer") -> tuple[Choice, ...]:
    """有用 and 没用, which stand apart from the next steps."""
    about = "、".join(f"{policy}/{provision}" for policy, provision, _ in items[:2])
    return tuple(
        button(name, "rate", quiet=True, useful=name == "useful", about=about, template=template)
        for name in ("useful", "useless")
    )


def open_aspects(told: Told) -> list[Aspect]:
    """What the document states of the matter and the answer left out."""
    said = {fact.id for fact in told.facts}
    left = {fact.aspect for fact in told.provision.facts if fact.id not in said}
    return [aspect for aspect in NEXT if aspect in left]


def next_choice(told: Told, aspect: Aspect) -> Choice:
    facts = [fact.id for fact in told.provision.facts if fact.aspect is aspect]
    return button("next", of=aspect, told=[[told.policy, told.provision.id, facts]])
