"""How an interview ends: where the asker stands, in words, with the clauses."""

from __future__ import annotations

from dataclasses import replace

from bot.messages import Choice
from handlers.policy.interview_replies import InterviewOverview, InterviewResult, Line, Need
from handlers.policy.labels import button
from handlers.policy.memory import Interview
from handlers.policy.offering import rating
from handlers.policy.retelling import Retelling, items_of
from handlers.policy.talk import Talk, Tools
from handlers.policy.wording import part_of, worst_period
from knowledge.asker import Asker
from knowledge.interview import Known, Leaf, Standing, Verdict, evaluate, tree_of
from knowledge.results import Previous, Told
from knowledge.telling import cite


class Verdicts:
    def __init__(self, tools: Tools, retelling: Retelling, asker: Asker) -> None:
        self._tools = tools
        self._retelling = retelling
        self._asker = asker

    def say_result(self, talk: Talk, interview: Interview, verdict: Verdict, known: Known) -> None:
        """One benefit: likely, perhaps or not, with the conditions it hangs on and its clause."""
        told = self._told(talk, interview.policy, verdict)
        part = part_of(told)
        others = tuple(
            fact.say
            for fact in verdict.provision.facts
            if fact.conditions and fact not in verdict.facts and evaluate(tree_of(fact.conditions), known) is None
        )
        items = items_of((told,))
        talk.memory.told = items
        talk.memory.question = interview.question
        talk.memory.previous = Previous(
            interview.question,
            self._named_place(talk, interview),
            verdict.provision.topic,
            verdict.provision.id,
            "conditions",
        )
        talk.say(
            InterviewResult(
                standing=verdict.standing.value,
                part=part,
                parts=(part,),
                met=tuple(self._asker.need(leaf).removeprefix("要") for leaf in verdict.met),
                missing=tuple(self._asker.need(leaf).removeprefix("要") for leaf in verdict.missing[:4]),
                failed=tuple(Need(self._asker.need(leaf), self._said(leaf, known)) for leaf in verdict.failed[:3]),
                others=others if verdict.standing is not Standing.NOT else (),
                period=worst_period([told.citation]),
                choices=(button("human"), button("original", told=items), *rating(items, "policy/interview_result")),
            )
        )

    def _said(self, leaf: Leaf, known: Known) -> str:
        """The figure they named, where a figure failed: 6 months -> 6个月."""
        value = known.get(leaf.name)
        below_by_one = leaf.value(met=False) == value  # a button said so, no figure was named
        if leaf.of is None or value is None or isinstance(value, bool) or below_by_one or value <= 0:
            return ""
        return self._asker.figure(replace(leaf, of=value))

    def say_overview(self, talk: Talk, interview: Interview, verdicts: list[Verdict]) -> None:
        """All benefits of a place in a few lines."""
        lines = {standing: [v for v in verdicts if v.standing is standing] for standing in Standing}
        shown = [*lines[Standing.LIKELY][:4], *lines[Standing.PERHAPS][:3]]
        told = [self._told(talk, interview.policy, verdict) for verdict in shown]
        policy = self._retelling.policies[interview.policy]
        items = items_of(told)
        talk.memory.told, talk.memory.question = items, interview.question
        parts = tuple(map(part_of, told))
        talk.say(
            InterviewOverview(
                place=policy.document.place,
                likely=tuple(Line(v.provision.name, v.facts[0].say) for v in lines[Standing.LIKELY][:4]),
                perhaps=tuple(
                    Line(v.provision.name, self._asker.need(v.missing[0]).removeprefix("要"))
                    for v in lines[Standing.PERHAPS][:3]
                ),
                nothing=not shown,
                parts=parts[:1],
                period=worst_period([policy_told.citation for policy_told in told[:1]]),
                choices=(
                    *(
                        Choice(v.provision.plain[:8], "policy:next", {"told": [[policy.id, v.provision.id, []]]})
                        for v in shown[:2]
                    ),
                    button("human"),
                    *rating(items, "policy/interview_overview"),
                ),
            )
        )

    def _told(self, talk: Talk, policy_id: str, verdict: Verdict) -> Told:
        """The verdict's facts with the clauses that prove conditions and amount."""
        policy = self._retelling.policies[policy_id]
        proving = [*verdict.facts, *(f for f in verdict.provision.facts if f.aspect in ("conditions", "who"))]
        citation = cite(policy, verdict.provision, proving, talk.today)
        return Told(policy_id, policy.document.place, verdict.provision, verdict.facts, citation)

    def _named_place(self, talk: Talk, interview: Interview) -> tuple[str, ...]:
        """The place a follow-up means, where it is not the asker's own."""
        own = talk.region
        if own and self._tools.knowing.book.regions.is_within(own, interview.region):
            return ()
        return (interview.region,)
