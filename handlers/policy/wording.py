"""What the documents say (typed by `knowledge.answers`) -> the reply that a template words."""

from __future__ import annotations

from collections.abc import Iterable

from bot.messages import Choice, Reply
from handlers.policy.knowing import Knowing
from handlers.policy.replies import (
    AbsentReply,
    AnswerReply,
    NotCoveredReply,
    NotOursReply,
    NotUnderstoodReply,
    Part,
    SaidFact,
    ServiceReply,
    SilentReply,
    Source,
    WhichMatterReply,
    WhichPlaceReply,
)
from knowledge.figures import figure_of
from knowledge.policy import Fact, PeriodState
from knowledge.results import Answer, Answered, Citation, Clarify, Reason, Told, Unknown
from knowledge.routes import RESUMES, Recognition

WORST_FIRST = (PeriodState.ENDED, PeriodState.UNDATED, PeriodState.IN_FORCE)


def reply_to(answer: Answer) -> Reply:
    """The reply of an answer, without buttons; the dialogue adds those it can serve."""
    match answer:
        case Answered():
            return AnswerReply(
                tuple(map(part_of, answer.told)),
                worst_period(told.citation for told in answer.told),
                answer.total or "",
                answer.uncovered,
            )
        case Clarify(matters=(_, *_)):
            return WhichMatterReply(
                answer.about, answer.places[0], answer.matters, choices=tuple(map(Choice, answer.matters))
            )
        case Clarify():
            return WhichPlaceReply(answer.about, answer.places, answer.within or "")
        case Unknown():
            return unknown_reply(answer)


def unknown_reply(answer: Unknown) -> Reply:
    match answer.reason:
        case Reason.NOT_STATED:
            period = worst_period(told.citation for told in answer.told)
            return SilentReply(answer.what, answer.place, tuple(map(part_of, answer.told)), period)
        case Reason.ABSENT_HERE:
            return AbsentReply(answer.what, answer.place, answer.elsewhere)
        case Reason.NOT_COVERED:
            return NotCoveredReply(answer.place, answer.elsewhere)
        case Reason.NOT_OURS:
            assert answer.foreign is not None
            return NotOursReply(answer.what, answer.foreign.owner, answer.foreign.door)
        case Reason.NOT_UNDERSTOOD:
            return NotUnderstoodReply()


def service_reply(knowing: Knowing, recognition: Recognition, code: str | None) -> ServiceReply:
    """What can be done today for a route whose service is not built yet; `code` is the person's place."""
    office = knowing.offices.serving(code, knowing.book.regions)
    return ServiceReply(
        route="resume" if recognition.reason == RESUMES else recognition.route.value,
        urgent=recognition.urgent,
        office=office.name if office else "",
        phone=(office.phone or "") if office else "",
        address=(office.address or "") if office else "",
        hours=(office.hours or "") if office else "",
        hotlines=hotlines(knowing),
    )


def hotlines(knowing: Knowing) -> tuple[tuple[str, str], ...]:
    """Numbers and names that answer everywhere."""
    return tuple((line.number, line.name) for line in knowing.offices.fallback)


def lines_of(knowing: Knowing, code: str | None) -> tuple[tuple[str, str], ...]:
    """Whom to call from a place: its bureau first, where a number is entered."""
    office = knowing.offices.serving(code, knowing.book.regions)
    own = ((office.phone, office.name),) if office and office.phone else ()
    return (*own, *hotlines(knowing))


def citations_of(answer: Answer) -> tuple[Citation, ...]:
    """Where everything that was told comes from."""
    return () if isinstance(answer, Clarify) else tuple(told.citation for told in answer.told)


def worst_period(citations: Iterable[Citation]) -> str:
    """ended before undated before in_force; empty without citations."""
    states = {citation.state for citation in citations}
    return next((state.value for state in WORST_FIRST if state in states), "")


def part_of(told: Told) -> Part:
    provision = told.provision
    return Part(
        name=provision.name,
        plain=provision.plain,
        place=told.place,
        facts=tuple(map(said, told.facts)),
        beside=tuple((other.name, fact.say) for other, fact in told.beside),
        missing=tuple(aspect for aspect in told.missing if aspect not in provision.not_stated),
        notes=tuple(provision.not_stated[aspect] for aspect in told.missing if aspect in provision.not_stated),
        silent=told.silent or "",
        doubtful=told.doubtful,
        source=source_of(told.citation),
    )


def source_of(citation: Citation) -> Source:
    return Source(
        title=citation.title,
        place=citation.place,
        issuer=citation.issuer,
        number=citation.number or "",
        section=citation.section,
        quotes=citation.quotes,
        period=citation.state,
        period_words=citation.period_words,
        based_on=citation.based_on,
    )


def said(fact: Fact) -> SaidFact:
    return SaidFact(fact.say, fact.aspect, figure_of(fact))
