"""The eligibility interview: one question at a time, answers in free words, a verdict with its clauses."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.messages import Choice
from handlers.policy.answering import rating
from handlers.policy.interview_replies import (
    InterviewOverview,
    InterviewQuestion,
    InterviewResult,
    InterviewStopped,
    Line,
    Need,
)
from handlers.policy.labels import button
from handlers.policy.memory import Interview
from handlers.policy.placing import is_question
from handlers.policy.retelling import Retelling, items_of
from handlers.policy.talk import Talk, Tools
from handlers.policy.wording import part_of, worst_period
from knowledge.asker import Asker, Reading, keep
from knowledge.cues import aspect_cues
from knowledge.interview import (
    MAX_QUESTIONS,
    Leaf,
    Standing,
    Verdict,
    benefits_of,
    evaluate,
    is_for_employers,
    judge,
    leaves,
    next_question,
    tree_of,
)
from knowledge.language import plain
from knowledge.policy import Condition, Provision
from knowledge.results import Previous, Told
from knowledge.telling import TOTALLING, cite

WHO = r"(我(?!国|市|省|区|县|局)|俺|咱|本人|自己|家里|厂里|公司|店里|(?<!哪)(?<!那)家(?=能|可)|爸|妈|爹|娘|老公|老婆|儿|女|兄|弟|姐|妹|舅|叔|婶)"
CAN = r"(能不能|可不可以|能否|可否|有没有资格|有资格|有没有份|够不够|够不够格|符不符合|算不算|配不配|轮得到|轮不轮得到)"
GET = r"(领|拿|申请|享受|报(?!名|销)|补|贷|得到|进公益岗|干公益岗|安排|参加|条件|资格|上公益岗|要(这|那))"
ELIGIBLE = re.compile(
    rf"{WHO}.{{0,16}}{CAN}.{{0,8}}{GET}|{CAN}.{{0,4}}(给|让|帮)?{WHO}.{{0,6}}{GET}|{WHO}.{{0,14}}(能|可以){GET}[^，。多几哪]{{0,14}}(吗|不|没|么|吧|[?？]|$)|"
    rf"{WHO}.{{0,10}}(够|符合)(不够|不符合)?.{{0,6}}(条件|资格|格)(吗|不|么|没|$)|轮(得|不)(到|着){WHO}|{WHO}(算|够)(不算|不够|不)"
)
CHECK = re.compile(
    rf"(帮|给|替)?(忙|我|俺|我们)?.{{0,4}}(对|核|查|看|算|判断)(一?下|看|对|一对|一看|看看|一遍)?.{{0,10}}(条件|够不够|{CAN}|资格|能(不能)?(领|拿|申请))|"
    r"(对|核)(一?下|一对|对)?条件"
)
GENERAL = re.compile(
    rf"({WHO}|帮).{{0,16}}(能|可以|该|够)(领|拿|得|享受|申请)(到)?(哪|什么|几|多少样|些什么)|有(哪些|什么|几样)[^，。]{{0,6}}{WHO}.{{0,2}}(能|可以)(领|拿|享受|用)|"
    rf"能(领|拿|享受|申请)(到)?(几样|哪几样|哪些|什么(?!时候|地方|材料))(补贴|政策|待遇|好处|钱)?|有没有{WHO}的份"
)
STOP = re.compile(r"^(算了|不(用)?(问|对|查|答|看)了|先不(对|问|答)了?|退出|不想(答|说)了|停|别问了|以后再(说|对)|结束|取消)")
AGAIN = re.compile(r"改|要是|如果|假如|现在|后来|已经|补(上|齐|交|签)|满了|重新|加上|也(买|交|签|有|办)|那")


def wants_check(words: str) -> bool:
    """They ask to be checked, not what the rule is."""
    return bool(CHECK.search(plain(words)))


def asks_eligibility(words: str) -> bool:
    """我能不能领: about oneself or one's own, not about the rule in general."""
    text = plain(words)
    return bool(ELIGIBLE.search(text) or CHECK.search(text))


def asks_in_general(words: str) -> bool:
    """能领几样: over all benefits of the place."""
    return bool(GENERAL.search(plain(words)))


class Interviewing:
    def __init__(self, tools: Tools, retelling: Retelling, asker: Asker) -> None:
        self._tools = tools
        self._retelling = retelling
        self._asker = asker

    # -- beginning ----------------------------------------------------------------------------------------

    def begin(self, talk: Talk, policy: str, provision: Provision, question: str) -> None:
        """Start on one provision, or come to the verdict at once if all is said already."""
        region = self._retelling.policies[policy].document.region
        interview = Interview(policy, (provision.id,), region, question, of_worker=is_for_employers(provision))
        self._start(talk, interview)

    def begin_general(self, talk: Talk, region: str, question: str) -> bool:
        """Start on all benefits of a place. -> False if its document holds none"""
        shelves = self._tools.knowing.book.serving(region)
        for shelf in shelves:
            if benefits := benefits_of(shelf.policy.provisions):
                names = tuple(provision.id for provision in benefits)
                interview = Interview(shelf.policy.id, names, shelf.policy.document.region, question)
                self._start(talk, interview)
                return True
        return False

    def _start(self, talk: Talk, interview: Interview) -> None:
        talk.memory.interview = interview
        self._learn(talk, interview, self._read(interview, interview.question))
        self._go_on(talk, first=True)

    # -- taking an answer ---------------------------------------------------------------------------------

    def take(self, talk: Talk) -> bool:
        """The person's words while an interview stands. -> False if they are about something else"""
        interview = talk.memory.interview
        assert interview is not None
        if not self._provisions(interview):
            talk.memory.interview = None  # the document was taken out meanwhile
            return False
        words = plain(talk.words)
        reading = self._read(interview, talk.words)
        relevant = reading.facts.keys() & self._names(interview)
        if interview.done:
            return self._take_after(talk, interview, reading, words, bool(relevant))
        if STOP.search(words):
            self.stop(talk)
            return True
        if not any(character.isalnum() for character in words):
            self.ask_again(talk)
            return True
        asks = is_question(talk.words) and not reading.unsure
        asks_else = asks and bool(TOTALLING.search(words) or aspect_cues(words))
        if (asks_else and not reading.answers_open) or (asks and not relevant):
            self._learn(talk, interview, reading)
            return False
        if not relevant:
            return self._missed(talk, interview)
        interview.misses = 0
        self._learn(talk, interview, reading)
        self._go_on(talk)
        return True

    def _take_after(
        self, talk: Talk, interview: Interview, reading: Reading, words: str, relevant: bool
    ) -> bool:
        """After the verdict: what has changed is judged anew, other questions are not ours."""
        changed = relevant and (AGAIN.search(words) or ELIGIBLE.search(words) or not is_question(words))
        if not changed or TOTALLING.search(words) or interview.general:
            return False
        before = self._judge_all(talk, interview)
        self._learn(talk, interview, reading)
        if self._judge_all(talk, interview) == before:
            return False
        interview.done, interview.misses = False, 0
        interview.asked = tuple(name for name in interview.asked if name in self._known(talk, interview))
        self._go_on(talk, anew=True)
        return True

    def _missed(self, talk: Talk, interview: Interview) -> bool:
        """Words that answer nothing: once more in simpler words, then it counts as "does not know"."""
        elsewhere = talk.recognition.route not in ("policy", "offtopic", "greeting") and talk.recognition.score >= 0.5
        if elsewhere:
            return False
        interview.misses += 1
        if interview.misses == 1 or interview.open is None:
            self.ask_again(talk)
            return True
        interview.misses = 0
        self.answer(talk, interview.open, None)
        return True

    def answer(self, talk: Talk, name: str, value: bool | float | None) -> None:
        """A button was pressed (or an answer given up): take it and go on."""
        interview = talk.memory.interview
        if interview is None or name not in self._asker.entries:
            return
        self._learn(talk, interview, Reading({name: value}, answers_open=True))
        interview.done = False
        self._go_on(talk)

    def stop(self, talk: Talk) -> None:
        talk.memory.interview = None
        talk.say(InterviewStopped(choices=(button("human"),)))

    # -- going on -----------------------------------------------------------------------------------------

    def _go_on(self, talk: Talk, *, first: bool = False, anew: bool = False) -> None:
        """The next question, or the verdict when nothing is left to ask."""
        interview = talk.memory.interview
        assert interview is not None
        known = self._known(talk, interview)
        trees = [tree_of(provision.conditions) for provision in self._provisions(interview)]
        leaf = None
        if len(interview.asked) < MAX_QUESTIONS and not self._is_settled(interview, known):
            leaf = next_question(trees, known, late=self._asker.late, asked=frozenset(interview.asked))
        if leaf is None:
            self._conclude(talk, interview)
            return
        interview.open = leaf.name
        interview.asked = (*interview.asked, leaf.name)
        self._ask(talk, interview, leaf, first=first, anew=anew)

    def ask_again(self, talk: Talk, *, resume: bool = False) -> None:
        """The open question once more, simpler; or as it was, after something in between."""
        interview = talk.memory.interview
        if interview is None or interview.done or interview.open is None:
            return
        leaf = self._leaf(interview, interview.open)
        if leaf is not None:
            self._ask(talk, interview, leaf, simpler=not resume, resume=resume)

    def _ask(
        self,
        talk: Talk,
        interview: Interview,
        leaf: Leaf,
        *,
        first: bool = False,
        simpler: bool = False,
        resume: bool = False,
        anew: bool = False,
    ) -> None:
        provision = self._provisions(interview)[0]
        known = self._known(talk, interview)
        unsure = tuple(name for name in interview.asked if name in known and known[name] is None)
        missing = judge(provision, known).missing if anew else ()
        choices = [
            Choice(label, "policy:answer", {"name": leaf.name, "value": value}, quiet=value is None)
            for label, value in self._asker.options(leaf)
        ]
        talk.say(
            InterviewQuestion(
                name="" if interview.general else provision.name,
                place=self._place(interview),
                question=self._asker.question(leaf, of_worker=interview.of_worker, simpler=simpler),
                number=len(interview.asked),
                first=first,
                simpler=simpler,
                resume=resume,
                noted_unsure=bool(unsure) and interview.asked[-2:-1] == unsure[-1:] and not simpler and not resume,
                still=tuple(self._asker.need(other) for other in missing),
                choices=(*choices, button("stop", quiet=True)),
            )
        )

    # -- the verdict --------------------------------------------------------------------------------------

    def _conclude(self, talk: Talk, interview: Interview) -> None:
        verdicts = self._judge_all(talk, interview)
        interview.done, interview.open = True, None
        if interview.general:
            self._say_overview(talk, interview, verdicts)
        else:
            self._say_result(talk, interview, verdicts[0])

    def _say_result(self, talk: Talk, interview: Interview, verdict: Verdict) -> None:
        told = self._told(talk, interview.policy, verdict)
        known = self._known(talk, interview)
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
            plain(interview.question), self._named_place(talk, interview), verdict.provision.topic, verdict.provision.id, "conditions"
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
                choices=(button("original", told=items), button("human"), *rating(items, "policy/interview_result")),
            )
        )

    def _said(self, leaf: Leaf, known: dict[str, bool | float | None]) -> str:
        """The figure they named, where a figure failed: 6 months -> 6个月."""
        value = known.get(leaf.name)
        below_by_one = leaf.value(met=False) == value  # a button said so, no figure was named
        if leaf.of is None or value is None or isinstance(value, bool) or below_by_one or value <= 0:
            return ""
        return self._asker.figure(replace(leaf, of=value))

    def _say_overview(self, talk: Talk, interview: Interview, verdicts: list[Verdict]) -> None:
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
                    Line(v.provision.name, self._asker.need(v.missing[0]).removeprefix("要")) for v in lines[Standing.PERHAPS][:3]
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

    # -- small things -------------------------------------------------------------------------------------

    def _read(self, interview: Interview, words: str) -> Reading:
        leaf = self._leaf(interview, interview.open) if interview.open else None
        return self._asker.read(words, open_leaf=leaf, figures_of=self._names(interview))

    def _learn(self, talk: Talk, interview: Interview, reading: Reading) -> None:
        talk.memory.facts = keep(talk.memory.facts, reading.facts, of_worker=interview.of_worker)

    def _known(self, talk: Talk, interview: Interview) -> dict[str, bool | float | None]:
        return self._asker.as_known(talk.memory.facts, of_worker=interview.of_worker)

    def _provisions(self, interview: Interview) -> list[Provision]:
        found = (self._retelling.find(interview.policy, name) for name in interview.provisions)
        return [provision for provision in found if provision is not None]

    def _names(self, interview: Interview) -> frozenset[str]:
        conditions: list[Condition] = []
        for provision in self._provisions(interview):
            own = [provision.conditions, *(fact.conditions for fact in provision.facts)]
            conditions += [condition for condition in own if condition]
        return frozenset().union(*(condition.names() for condition in conditions))

    def _leaf(self, interview: Interview, name: str) -> Leaf | None:
        for provision in self._provisions(interview):
            for leaf in leaves(tree_of(provision.conditions)):
                if leaf.name == name:
                    return leaf
        return None

    def _is_settled(self, interview: Interview, known: dict[str, bool | float | None]) -> bool:
        if interview.general:
            return False
        return judge(self._provisions(interview)[0], known).standing is not Standing.PERHAPS

    def _judge_all(self, talk: Talk, interview: Interview) -> list[Verdict]:
        known = self._known(talk, interview)
        return [judge(provision, known) for provision in self._provisions(interview)]

    def _place(self, interview: Interview) -> str:
        return self._retelling.policies[interview.policy].document.place

    def _named_place(self, talk: Talk, interview: Interview) -> tuple[str, ...]:
        """The place a follow-up means, where it is not the asker's own."""
        own = talk.region
        if own and self._tools.knowing.book.regions.is_within(own, interview.region):
            return ()
        return (interview.region,)
