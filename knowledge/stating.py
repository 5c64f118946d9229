"""What somebody states after they were told a rule: their own case, a doubt, or a wrong (lexicon/stating.yaml). Pure.

A wrong goes before both, wherever in the message it stands: a complaint is never taken for going on with the talk.
"""

from __future__ import annotations

import re

from knowledge.language import plain
from knowledge.phrases import Shape, Stating, Wishes, phrases

CLAUSE = re.compile(r"[，,。.；;、！!？?\n]+|(?<=[一-鿿])\s+(?=[一-鿿])")
LONGEST = 40
"""Characters of a message that only states something: a longer one is a story, and may hold what is not understood."""
STORY = 60
"""Characters of a wrong told shortly; the classifier reads longer ones."""
SOME = re.compile(r"\d+几|好几")
"""十几个人 asks for no number."""
SUPPOSING = re.compile(r"如果|要是|假如|万一|的话|不管|只要|是否|规定|文件|政策")
TAIL = re.compile(r"(呀|啊|哦|哟|嘛|呢|噢|诶|哈|咧|嘞|唦|噻|来着|的啊|的呢|的哦)+$")


EITHER = re.compile(r"(?<!该)([一-鿿])[不没]\1|有没有")
"""发不发, 有没有 ask; 不发 and 没有 tell."""


def complains(words: str) -> bool:
    """Something was done to them, is owed, or is asked to be looked into."""
    return bool(phrases(Stating).wronged.search(EITHER.sub("", plain(words))))


def tells_wrong(words: str) -> bool:
    """补贴该发没发: told as a fact, and no rule is asked."""
    text = EITHER.sub("", plain(words))
    shapes = phrases(Stating)
    if len(text) > STORY or SUPPOSING.search(text):
        return False
    if shapes.left_out.search(text):
        return True
    return not _asks(words) and (bool(shapes.owed.search(text)) or tells_unpaid(words))


def tells_unpaid(words: str) -> bool:
    """老板欠薪, 工资压三个月, 包工头卷钱跑了, 工资还没发怎么办; not 压不压工资, 压工资的不去."""
    said, shapes = plain(words), phrases(Stating)
    if len(said) > STORY or SUPPOSING.search(said):
        return False
    asks = _asks(words) or EITHER.search(said)
    if asks and not (shapes.remedy.search(said) or shapes.pressing.search(said)):
        return False
    return shapes.unpaid.search(shapes.paid.sub("，", EITHER.sub("", said))) is not None


def _asks(words: str) -> bool:
    return phrases(Wishes).question.search(SOME.sub("", plain(words))) is not None


def seeks_help(words: str) -> bool:
    """拖着不发怎么办: a wrong, and what to do about it."""
    text = EITHER.sub("", plain(words))
    rest, times = phrases(Stating).remedy.subn("", text)
    return times > 0 and bool(phrases(Stating).wronged.search(rest))


def wishes(words: str) -> bool:
    """A course to enrol in, work or a worker is wanted, not a rule."""
    return bool(phrases(Stating).wishing.search(plain(words)))


def states_own_case(words: str) -> bool:
    """我从来没开过，刚从广东回来: nothing but facts of one's own, each clause."""
    return _is_all(words, [phrases(Stating).own_case])


def doubts(words: str) -> bool:
    """不对，是四次, 人家说是十月: nothing but that it is not so, or what it is said to be."""
    return _is_all(words, [phrases(Stating).doubting])


def _is_all(words: str, shapes: list[Shape]) -> bool:
    text = plain(words)
    if len(text) > LONGEST or complains(words):
        return False
    clauses = [clause for part in CLAUSE.split(text) if (clause := TAIL.sub("", part.strip()))]
    return bool(clauses) and all(any(shape.search(clause) for shape in shapes) for clause in clauses)
