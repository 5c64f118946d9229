"""What a message wishes about places: mine is X, from now on X, not X, why do you ask. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from knowledge.answers import PolicyBook
from knowledge.language import bare, plain
from knowledge.matters import names_matter
from knowledge.places import DENIED, WORKING, read_places
from knowledge.reading import ONLY_PLACE

MINE = re.compile(
    r"(我|我们|我家|我自己|本人|家|户口|户籍|老家|(?<![他她它])人)(现在|就|本来|其实|都|也|一直)?(是|在|住|住在|属于|是在|归)$"
)
NOT_MINE = re.compile(
    r"(帮|替|给|问).{0,8}$|(他|她|它|他们|舅|叔|婶|姑|姨|爸|妈|爹|娘|哥|姐|弟|妹|儿|女|亲戚|朋友|邻居|同学|工友).{0,4}$"
)
FROM_NOW_ON = re.compile(r"以后|今后|往后|从现在|从今|接下来|都按|一直按|统统按")
CHOSEN = re.compile(
    r"((?<!您)(?<!你)我(就|还是|要|想)*选|就选|选定|(?<!要)就定|(?<!文件)定在?|改成|换成|改为|换为|改到|换到|转到)(的是|了|在)?$"
)
CORRECTING = re.compile(r"搞错|弄错|说错|填错|记错|选错|点错|按错|讲错|打错|不对|错了|不是.{1,8}(的|人)")
LOOKING = re.compile(r"(呢|看看|问问|怎么样|比一?比|如何|会怎样)[?？。]?$")
REFUSING = re.compile(
    r"管我|(不|别|懒得|不想|不愿|不要|不肯).{0,4}(告诉|说|讲|透露|问).{0,6}(哪|地方|地址|在哪|位置)?|直接(说|讲|告诉|回答|答)|别问|"
    r"问(那么|这么)多|问来问去|(哪里|哪个地方|哪)都(行|可以|一样)|随便哪|都(说|讲|列)(一下|出来|说|讲)?|(每|各)(个)?(地方|地)|"
    r"全部?(说|讲|列|告诉)|保密|(为什么|凭什么|干嘛|干什么|做什么)要?(问|告诉|说)|关你|有关系吗|重要吗|先说|只管说|说就(是|行)"
)
SAME = re.compile(
    r"(不)?(都)?(是)?([一1]样|差不多|相同|一回事|同样|通用)(的)?|也(能|可以|该|是)|算不算|管不管|都归|都属|都是"
)
ASKING = re.compile(r"想问|问(一?下|问)|咨询|了解|打听")
QUESTION = re.compile(
    r"[?？]|吗|呢|么$|多少|几(?!乎)|怎么|怎样|如何|哪|什么|谁|是不是|能不能|可不可以|有没有|会不会|要不要|行不行|"
    r"(.)不\1|可以不|咧|"
    r"多久|多大|多长|为啥|(?<!还)(没有|没|不|否)[。]?$"
)


@dataclass(frozen=True)
class PlaceWish:
    """What was said about places."""

    code: str | None = None
    """The place named, if one alone is."""
    sets: bool = False
    """It is to be the person's place from now on."""
    permanent: bool = False
    """They said so in so many words."""
    corrects: bool = False
    """It was something else before."""
    denied: bool = False
    """They are not from where we thought, and did not say where."""
    refuses: bool = False
    """They will not say where they are from."""
    only_place: bool = False
    """Nothing but a place was said."""
    equates: str | None = None
    """A place whose rules they take for their own."""
    question: str = ""
    """The question asked beside it, in the person's words; empty if there is none."""


def read_wish(text: str, book: PolicyBook, *, home: str | None, asked_place: bool) -> PlaceWish:
    """`asked_place`: we have just asked which place."""
    words = plain(text)
    regions = book.regions
    found = regions.find(words)
    named = [mention for mention in found if not DENIED.search(words[: mention.start])]
    reading = read_places(words, regions, home=None, covered=book.covered)
    code = reading.codes[0] if len(reading.codes) == 1 else None
    if not named:
        denied = bool(found) and bool(re.search(r"(我|我们|家|人)?(又)?不(是|在)", words))
        refuses = asked_place and bool(REFUSING.search(words))
        return PlaceWish(denied=denied and not QUESTION.search(words), refuses=refuses)
    last = next((mention for mention in reversed(named) if mention.code == code), named[-1])
    first = _start_of(last.start, [(m.start, m.end) for m in named])
    before, after = words[:first], words[last.end :]
    works = bool(WORKING.match(after))
    own = bool(MINE.search(before)) and not NOT_MINE.search(before[:-2]) and not works
    looking = bool(LOOKING.search(words))
    permanent = bool(FROM_NOW_ON.search(words)) and code is not None
    chosen = bool(CHOSEN.search(before)) and not looking
    correcting = bool(CORRECTING.search(words)) and not looking and not works and code is not None
    only = not bare(ONLY_PLACE.sub("", reading.rest))
    question = _question_beside(text, book)
    sets = code is not None and (own or permanent or chosen or (correcting and (only or own or not question)))
    equates = None
    if home is not None and SAME.search(words) and not book.serving(home):
        equates = next((mention.code for mention in named if book.serving(mention.code)), None)
    return PlaceWish(
        code=code,
        sets=sets,
        permanent=permanent or chosen,
        corrects=correcting,
        only_place=only,
        equates=equates,
        question=question,
    )


def _start_of(start: int, spans: list[tuple[int, int]]) -> int:
    """Where a chain of place names (荆州监利) begins."""
    for begin, end in reversed(spans):
        if end <= start and start - end <= 2:
            start = begin
    return start


def _question_beside(text: str, book: PolicyBook) -> str:
    """The clauses that ask something; of a place and a question in one clause the whole clause."""
    clauses = [part for part in re.split(r"[，,。；;！!\n]+", text) if part.strip()]
    asking = []
    for clause in clauses:
        words = plain(clause)
        rest = words
        for mention in reversed(book.regions.find(words)):
            rest = rest[: mention.start] + rest[mention.end :]
        asks = QUESTION.search(words) or ASKING.search(words) or names_matter(rest)
        if asks and bare(ONLY_PLACE.sub("", rest)):
            asking.append(clause.strip())
    return "，".join(asking)


def is_question(text: str) -> bool:
    """Whether it has the shape of a question; many people leave the mark out."""
    return bool(QUESTION.search(plain(text)))


def tidy(text: str) -> str:
    """换成武汉 is no county named 成武."""
    return re.sub(r"(?<=[换改变说当看])成(?=武[汉昌穴])", "为", text)
