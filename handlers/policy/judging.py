"""Whether a message is answered from the documents: its route and the documents' own claim, weighed together. Pure.

A question of rules may sound like a complaint, a wish for work or a call for a person; where the documents plainly
speak of it they answer too. `decide` is the one decision, for the chat and for `shangan ask`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from handlers.policy.eligible import asks_eligibility, asks_in_general
from handlers.policy.placing import is_question
from knowledge.language import bare, plain
from knowledge.phrases import Talking, phrases
from knowledge.results import Answer, Answered, Clarify, Reason
from knowledge.routes import Recognition, Route
from knowledge.stating import complains, seeks_help, states_own_case, tells_unpaid, tells_wrong, wishes


class Verdict(StrEnum):
    DOCUMENTS = "documents"
    BOTH = "both"
    """What the service can do today, and what the documents say."""
    SERVICE = "service"
    UNCLEAR = "unclear"
    """A word or a name alone: what is it about?"""


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    found: Answer | None = None
    """What the documents say, where that was looked up to decide."""


FOLLOWS = 0.15
"""What going on with a policy question adds to the documents' claim."""
CLAIM = 0.35
"""A claim of this, and half of the route's lead over policy, goes before the route."""
BESIDE = {Route.JOBS: 0.2, Route.TRAINING: 0.1, Route.GRIEVANCE: 0.15, Route.CONSULT: 0.2}
BESIDE_ELSE = 0.3
"""A claim of this is told beside what the service can do."""
WISHED = 0.3
"""What a clear wish for work adds to that, as a share of its lead: 做小工一天几多钱 asks for no subsidy."""
UNSURE = 0.6
"""A grievance that leads by more is told no rules: what was done to them comes first."""
HARDLY = 0.2
"""A route that leads by less is not served where the documents plainly answer, unless something was asked of it."""
PLAINLY = 0.4
"""A claim of this answers plainly."""
OWN_CASE = 0.25
"""A claim of this is told to who states facts of their own, or what is due in a policy question's words."""
GOES_ON, LIGHTLY = 0.45, 0.3
"""Such a claim is told to who seems to go on with what was told, where a complaint leads by less and none is known."""
FRAGMENT = 9
"""A question of so few characters says little alone."""
CLEARLY = 0.65
SERVED = frozenset({Route.JOBS, Route.TRAINING})
"""Routes that always hear what their service can do."""
APART = frozenset({Route.CRISIS, Route.OPTOUT, Route.GREETING, Route.STATUS})
CERTAIN = 1.0
"""Score of a route that a sign or a rule decided: the documents do not go before it."""
GUESSED = frozenset({Route.GRIEVANCE, Route.CONSULT, Route.STATUS, *SERVED})
GUESS = 0.35
"""Below this score the route of a word alone is a guess."""
LONE = 4
"""Characters of a word or a name."""
BARE = 6
"""Of fewer characters, 转人工 or 找工作, there is nothing to look up."""


def decide(
    words: str,
    recognition: Recognition,
    look_up: Callable[[], Answer],
    *,
    follows: bool = False,
    only_place: bool = False,
) -> Decision:
    """Who answers. `follows`: a policy question came before; `only_place`: nothing but a place is said."""
    route, certain = recognition.route, recognition.score >= CERTAIN
    if route is Route.POLICY:
        return Decision(Verdict.UNCLEAR if not follows and asks_of_nothing(words) else Verdict.DOCUMENTS)
    human = route is Route.CONSULT and certain  # 找工作人员 is no 找工作
    if recognition.urgent or route is Route.CRISIS or human or (certain and len(plain(words)) < BARE):
        return Decision(Verdict.SERVICE)
    stated = route is Route.GRIEVANCE or recognition.lead < UNSURE
    if follows and not certain and stated and states_own_case(words):
        return Decision(Verdict.DOCUMENTS)  # 我从来没开过，刚从广东回来: whether they get what was told
    may_get = not certain and route not in (Route.GRIEVANCE, Route.STATUS)
    if may_get and asks_in_general(words):
        return Decision(Verdict.DOCUMENTS)
    if follows and only_place and not certain and route is not Route.GRIEVANCE:
        return Decision(Verdict.DOCUMENTS)
    found = look_up()
    if may_get and asks_eligibility(words) and isinstance(found, Answered) and found.told[0].provision.conditions:
        return Decision(Verdict.DOCUMENTS, found)
    verdict = judge(recognition, found, words, follows=follows)
    of_course = route is Route.TRAINING and is_question(words) and not wishes(words)  # 电商教不教
    bare_wish = len(plain(words)) < BARE and not of_course
    overruled = (verdict is Verdict.DOCUMENTS and certain) or (verdict is Verdict.BOTH and bare_wish)
    verdict = Verdict.SERVICE if overruled else verdict
    if verdict is Verdict.SERVICE and tells_nothing(words, recognition):
        verdict = Verdict.UNCLEAR
    return Decision(verdict, found)


def judge(recognition: Recognition, found: Answer, words: str, *, follows: bool = False) -> Verdict:
    """`found` is what the documents say to the words; `follows`: a policy question came before."""
    route, lead = recognition.route, recognition.lead
    if route is Route.POLICY:
        return Verdict.DOCUMENTS
    claim = claim_of(found)
    if recognition.urgent or route in APART or claim == 0.0:
        return Verdict.SERVICE
    wrong = route is Route.GRIEVANCE and tells_wrong(words)
    asks = is_question(words) and not wrong
    claim += FOLLOWS if follows else 0.0
    wished = route in SERVED and lead >= HARDLY and wishes(words)  # 哪里能学船舶修理
    # 拖着不发咋办 wants more than the rule.
    told = Verdict.BOTH if route is Route.GRIEVANCE and seeks_help(words) else Verdict.DOCUMENTS
    if follows and asks and len(bare(words)) <= FRAGMENT and lead < CLEARLY and not wished:
        return told  # 年年都有？ goes on with what was told, whatever it sounds like alone
    if route is Route.GRIEVANCE and accuses(words):
        return Verdict.SERVICE
    if route is Route.GRIEVANCE and not isinstance(found, Answered):
        return Verdict.SERVICE  # that the documents are silent is no help to who complains
    if asks and route not in SERVED and route is not Route.STATUS and claim >= CLAIM + lead / 2:
        return told
    own = lead <= UNSURE and states_own_case(words)
    if route is Route.GRIEVANCE and claim >= OWN_CASE and (own or (wrong and lead < HARDLY)):
        return Verdict.BOTH
    goes_on = follows and not wrong and lead < LIGHTLY and claim >= GOES_ON
    if route is Route.GRIEVANCE and goes_on and not complains(words):
        return Verdict.BOTH  # a fact of their own, likely; a complaint would not be lost
    if route is Route.GRIEVANCE and (not asks or lead > UNSURE):
        return Verdict.SERVICE
    if route in (Route.GRIEVANCE, Route.CONSULT) and isinstance(found, Clarify):
        return Verdict.SERVICE  # the form asks for the place; one question at a time
    beside = BESIDE.get(route, BESIDE_ELSE) + (WISHED * lead if route is Route.JOBS else 0.0)
    if claim < beside:
        return Verdict.SERVICE
    return Verdict.DOCUMENTS if asks and lead < HARDLY and is_unasked(route, claim, words) else Verdict.BOTH


def is_unasked(route: Route, claim: float, words: str) -> bool:
    """Whether a route that hardly leads was asked for nothing: no wrong was told, no more than the rule wanted."""
    if route is Route.GRIEVANCE:
        return not complains(words)
    return route in SERVED and claim >= PLAINLY and not wishes(words)


def tells_nothing(words: str, recognition: Recognition) -> bool:
    """汊河, 张三, 急: no form is opened on a guess."""
    guessed = recognition.route in GUESSED and recognition.score < GUESS and len(plain(words)) <= LONE
    return guessed and not tells_unpaid(words)


def asks_of_nothing(words: str) -> bool:
    """多少钱, with nothing told before: any figure would be a guess."""
    said = plain(words)
    return bool(phrases(Talking).of_nothing.search(said)) and not asks_in_general(words)


def accuses(words: str) -> bool:
    """凭什么 at the end of what was done to them asks for no rule."""
    return bool(phrases(Talking).accusing.search(plain(words)))


def claim_of(found: Answer) -> float:
    """How surely the documents speak of it: the score of what is told; a question back for the place counts little."""
    if isinstance(found, Clarify):
        return 0.3 if found.about else 0.0
    if not isinstance(found, Answered) and found.reason is not Reason.NOT_STATED:
        return 0.0
    return max((told.score for told in found.told), default=0.0)
