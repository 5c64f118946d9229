"""Follow-ups made whole: 武汉呢, 再加上罗庄, 三个地方比一下, 那贷款呢, with what the turns before were about. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.policy.placing import means_own_place
from knowledge.answers import PolicyBook
from knowledge.language import bare, plain
from knowledge.places import read_places
from knowledge.policy import Provision
from knowledge.reading import ONLY_PLACE, read_question
from knowledge.results import Context, Previous

ADDING = re.compile(r"加上|还有|再(看|说|比|加)|连同|一起|也(看|说|算|比|加)")
SAME_PLACES = re.compile(r"([2-9两几这那些]|都)个?(地方|地)|各(地|处|个)|分别|都(比|说|看)")
APART = "分别，"
"""Says that places are asked about one by one."""
TOPICS = tuple(
    re.compile(shape)
    for shape in (
        r"培训|学手艺|学技术|学门|技能|上课",
        r"贷款|贴息|抵押|担保",
        r"养老",
        r"社保|社会保险|五险|保险",
        r"医保|大病|看病|报销|医疗",
        r"公益(性)?岗|保洁|护湖|护河",
        r"创业|开店|做生意|个体",
        r"招(人|工|渔民|脱贫)|吸纳|用工",
        r"路费|车费|交通|来回的钱",
        r"房租|租金|店租|场地",
        r"车间|工坊",
        r"以工代赈",
        r"雨露|职校|技校|中专|上学|学费",
        r"仲裁|打官司",
        r"欠薪|工资|工钱",
        r"零工|灵活就业|摆摊|外卖",
        r"招聘会|找(活|工作|事)|岗位推荐",
        r"劳务(协作|品牌)|外出(打工|务工)",
        r"中介|职业介绍|介绍工作",
        r"监测|返贫",
        r"毕业生|大学生",
        r"基地|示范",
    )
)
"""Words that name a matter. One that was not spoken of before begins a new one."""


@dataclass(frozen=True)
class Ask:
    """A question ready for the documents."""

    text: str
    previous: Previous | None
    whole: str | None = None
    """What it stands for without its places, where it was made whole; later follow-ups build on that."""


def make_whole(words: str, context: Context, book: PolicyBook, provision: Provision | None) -> Ask:
    """`provision` is what the turn before was about."""
    previous = context.previous
    if previous is None:
        return Ask(words, None)
    text = plain(words)
    if means_own_place(words):
        previous = replace(previous, places=())
    reading = read_places(text, book.regions, home=context.region, covered=book.covered)
    if reading.codes and not bare(ONLY_PLACE.sub("", reading.rest)):
        adds = bool(ADDING.search(text)) and bool(previous.places)
        codes = tuple(dict.fromkeys([*previous.places, *reading.codes])) if adds else reading.codes
        return Ask(for_places(previous.question, codes, book), None, previous.question)
    if not reading.codes and len(previous.places) > 1 and SAME_PLACES.search(text):
        return Ask(for_places(words, previous.places, book), None, words)
    if begins_anew(text, previous, provision):
        previous = replace(previous, topic=None, provision=None, aspect=None)
    return Ask(words, previous)


def for_places(question: str, codes: Sequence[str], book: PolicyBook) -> str:
    """The question put for these places, whatever places it named."""
    reading = read_places(plain(question), book.regions, home=None, covered=book.covered)
    names = "和".join(book.regions.full_name(code) for code in codes)
    return f"{names}{APART if len(codes) > 1 else '，'}{reading.rest or question}"


def begins_anew(text: str, previous: Previous, provision: Provision | None) -> bool:
    """A matter is named that the turns before did not speak of: 那培训有补贴没, after public posts."""
    before = previous.question
    if provision is not None:
        before += provision.name + provision.plain + "".join(fact.say for fact in provision.facts)
    return any(topic.search(text) and not topic.search(before) for topic in TOPICS)


def stand_alone(words: str, context: Context, book: PolicyBook, provision: Provision | None) -> str:
    """How to remember a question that leans on the turn before: with its matter in front."""
    asked = read_question(words, context, book.regions, book.covered)
    if asked.leaning and provision is not None and provision.plain not in words:
        return f"{provision.plain}，{words}"
    return words
