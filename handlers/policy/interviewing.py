"""The eligibility interview: one question at a time, answers in free words, a verdict with its clauses."""

from __future__ import annotations

from bot.messages import Choice
from handlers.people.reading import Reader
from handlers.policy.eligible import names_own_case
from handlers.policy.interview_replies import InterviewQuestion, InterviewStopped
from handlers.policy.labels import button
from handlers.policy.memory import Interview
from handlers.policy.placing import is_question
from handlers.policy.retelling import Retelling
from handlers.policy.talk import Talk, Tools
from handlers.policy.verdicts import Verdicts
from knowledge.asker import Asker, Reading, keep
from knowledge.cues import aspect_cues
from knowledge.interview import (
    MAX_QUESTIONS,
    Leaf,
    Standing,
    Verdict,
    benefits_of,
    is_for_employers,
    judge,
    leaves,
    next_question,
    tree_of,
)
from knowledge.language import plain
from knowledge.phrases import Counting, Talking, phrases
from knowledge.policy import Condition, Provision
from knowledge.stating import tells_wrong


def asked_enough(interview: Interview) -> frozenset[str]:
    """Put twice, and told something else both times. Once is not enough: they may have told the rest first."""
    return frozenset(name for name in interview.asked if interview.asked.count(name) > 1)


class Interviewing:
    def __init__(self, tools: Tools, retelling: Retelling, asker: Asker) -> None:
        self._tools = tools
        self._retelling = retelling
        self._asker = asker
        self._reader = Reader(tools.knowing.book.regions)
        self._verdicts = Verdicts(tools, retelling, asker)

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
        if not interview.of_worker:
            interview.other = self._reader.only_other(interview.question)
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
        if phrases(Talking).stop.search(words):
            self.stop(talk)
            return True
        if not any(character.isalnum() for character in words):
            self.ask_again(talk)
            return True
        asks = is_question(talk.words) and not reading.unsure
        asks_else = asks and bool(phrases(Counting).totalling.search(words) or aspect_cues(words))
        if (asks_else and not reading.answers_open) or (asks and not relevant):
            self._learn(talk, interview, reading)
            return False
        if not relevant:
            return self._missed(talk, interview)
        interview.misses = 0
        self._learn(talk, interview, reading)
        self._go_on(talk)
        return True

    def answers(self, talk: Talk) -> bool:
        """Whether the words answer the question that stands open."""
        interview = talk.memory.interview
        if interview is None or interview.done:
            return False
        reading = self._read(interview, talk.words)
        return reading.answers_open or bool(reading.facts.keys() & self._names(interview))

    def _take_after(self, talk: Talk, interview: Interview, reading: Reading, words: str, relevant: bool) -> bool:
        """After the verdict: what has changed is judged anew, other questions are not ours."""
        new = phrases(Talking).changed.search(words) or names_own_case(words) or not is_question(words)
        changed = relevant and new
        if not changed or phrases(Counting).totalling.search(words) or interview.general:
            return False
        before = self._judge_all(talk, interview)
        self._learn(talk, interview, reading)
        if self._judge_all(talk, interview) == before:
            return False
        interview.done, interview.misses, interview.put = False, 0, 0
        interview.asked = ()
        self._go_on(talk, anew=True)
        return True

    def _missed(self, talk: Talk, interview: Interview) -> bool:
        """Words that answer nothing: once more in simpler words, then it counts as "does not know"."""
        elsewhere = talk.recognition.route not in ("policy", "offtopic", "greeting") and talk.recognition.score >= 0.5
        if tells_wrong(talk.words):
            talk.memory.interview = None  # what was done to them goes before what they may get
            return False
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
        if interview.put < MAX_QUESTIONS and not self._is_settled(interview, known):
            leaf = next_question(trees, known, late=self._asker.late, asked=asked_enough(interview))
        if leaf is None:
            self._conclude(talk, interview)
            return
        interview.open = leaf.name
        interview.asked = (*interview.asked, leaf.name)
        interview.put += 1
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
                number=interview.put,
                first=first,
                other=interview.other,
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
        known = self._known(talk, interview)
        if interview.general:
            self._verdicts.say_overview(talk, interview, verdicts)
        else:
            self._verdicts.say_result(talk, interview, verdicts[0], known)

    # -- small things -------------------------------------------------------------------------------------

    def _read(self, interview: Interview, words: str) -> Reading:
        leaf = self._leaf(interview, interview.open) if interview.open else None
        return self._asker.read(words, open_leaf=leaf, figures_of=self._names(interview))

    def _learn(self, talk: Talk, interview: Interview, reading: Reading) -> None:
        if interview.other:
            interview.facts = keep(interview.facts, reading.facts, of_worker=interview.of_worker)
        else:
            talk.memory.facts = keep(talk.memory.facts, reading.facts, of_worker=interview.of_worker)

    def _known(self, talk: Talk, interview: Interview) -> dict[str, bool | float | None]:
        facts = interview.facts if interview.other else talk.memory.facts
        return self._asker.as_known(facts, of_worker=interview.of_worker)

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
