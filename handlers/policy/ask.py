"""`shangan ask`: one question in, what the bot would say out; no database, no greeting, no alert."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from time import perf_counter
from typing import Any

from bot.messages import Reply
from bot.replies import ReplyBook
from handlers.policy.judging import Verdict, decide
from handlers.policy.knowing import Knowing
from handlers.policy.offering import answer_with_choices, service_with_choices, unclear
from handlers.policy.replies import CrisisReply
from handlers.policy.wording import citations_of, worst_period
from knowledge.results import Answer, Answered, Citation, Clarify, Context
from knowledge.routes import Recognition, Route

OUTCOMES: Mapping[Route, str] = {
    Route.GREETING: "answer",
    Route.OPTOUT: "answer",
    Route.OFFTOPIC: "no_answer",
}
"""Routes without an outcome here are handed over."""


@dataclass(frozen=True)
class Line:
    """What `shangan ask --json` prints; field names are a contract (README)."""

    route: str
    urgent: bool
    outcome: str
    text: str
    buttons: tuple[str, ...]
    citations: tuple[Citation, ...]
    period: str | None
    milliseconds: float

    def as_json(self) -> dict[str, Any]:
        return {
            "route": self.route,
            "urgent": self.urgent,
            "outcome": self.outcome,
            "text": self.text,
            "buttons": list(self.buttons),
            "citations": [
                {
                    "policy": citation.policy,
                    "title": citation.title,
                    "region": citation.place,
                    "document_number": citation.number,
                    "section": citation.section,
                    "quote": "\n".join(citation.quotes),  # each line is verbatim
                    "period": citation.state.value,
                }
                for citation in self.citations
            ],
            "period": self.period,
            "milliseconds": self.milliseconds,
        }


class UnknownRegion(ValueError):
    """The named region is no place."""


def ask(knowing: Knowing, book: ReplyBook, question: str, *, region: str | None, today: date) -> Line:
    """Route the question and word the answer, as the conversation would at a first turn."""
    start = perf_counter()
    code = None
    if region:
        code = knowing.book.regions.resolve(region)
        if code is None:
            raise UnknownRegion(region)
    recognition = knowing.recogniser.recognise(question)
    decision = decide(question, recognition, lambda: knowing.book.answer(question, Context(today, code)))
    verdict, answer = decision.verdict, None
    if verdict in (Verdict.DOCUMENTS, Verdict.BOTH):
        answer = decision.found or knowing.book.answer(question, Context(today, code))
    replies: list[Reply] = []
    if recognition.route is Route.CRISIS:
        replies.append(CrisisReply(str(recognition.crisis or "violence")))
    elif verdict is Verdict.UNCLEAR:
        replies.append(unclear(question))
    elif verdict is not Verdict.DOCUMENTS:
        replies.append(service_with_choices(knowing, recognition, code))
    if answer is not None:
        replies.append(answer_with_choices(answer, knowing.book.regions))
    citations = citations_of(answer) if answer else ()
    return Line(
        route=recognition.route.value,
        urgent=recognition.urgent,
        outcome=outcome_of(recognition, verdict, answer),
        text="\n\n".join(book.word(reply) for reply in replies),
        buttons=tuple(dict.fromkeys(choice.label for reply in replies for choice in reply.choices)),
        citations=citations,
        period=worst_period(citations) or None,
        milliseconds=round((perf_counter() - start) * 1000, 2),
    )


def outcome_of(recognition: Recognition, verdict: Verdict, answer: Answer | None) -> str:
    """answer, clarify, no_answer or handoff; what the documents say decides where they were asked alone."""
    if verdict is Verdict.UNCLEAR:
        return "clarify"
    if verdict is not Verdict.DOCUMENTS:
        return OUTCOMES.get(recognition.route, "handoff")
    match answer:
        case Answered():
            return "answer"
        case Clarify():
            return "clarify"
        case _:
            return "no_answer"
