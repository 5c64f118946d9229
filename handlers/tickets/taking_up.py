"""Words around an open form: what takes it up again, and what answers its question whatever it sounds like. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from handlers.tickets.acts import acts_in
from handlers.tickets.form import Ask, Form
from handlers.tickets.phone import find_phone
from handlers.tickets.ticket import Kind
from handlers.tickets.words import Act, load_words
from knowledge.language import ASKING, PUNCTUATION, plain

ALARM = "alarm"
"""How the reason begins of a recognition that rests on a sign, not on a likeness."""
SHORT_PLACE, SHORT_WISH = 9, 14
"""Characters up to which words that sound like danger are where it was, and what they want or who may know."""
BARE = 8
"""Of fewer characters a message is an act alone: 继续, 还有."""
GRIEVED = (Kind.COMPLAINT, Kind.REPORT)
PERSONAL = re.compile("我(?!们|在|是|家|住)|想|不|要")
"""Beside a place it says more than where."""


def takes_up(text: str, state: Mapping[str, Any]) -> bool:
    """继续, 接着填, 交上去 while a form lies somewhere: that one is meant, whatever was spoken of since."""
    said = PUNCTUATION.sub("", plain(text))
    return "form" in state and load_words().facts["takes_up"].fullmatch(said) is not None


def taking_up(text: str, state: Mapping[str, Any]) -> Act | None:
    """What such words do with the form: hand it in, or go on with it; None for other words."""
    if not takes_up(text, state):
        return None
    return Act.CONFIRM if "上去" in text else Act.RESUME


def rests_on_likeness(understood: object) -> bool:
    """Danger that was taken for it by the whole of the words, without a sign of it."""
    return not str(getattr(understood, "reason", "")).startswith(ALARM)


def is_mass_arrears(understood: object) -> bool:
    return str(getattr(understood, "crisis", "")) == "mass_arrears"


def answers_plainly(asked: str, words: str, *, places: bool) -> bool:
    """Whether few words answer the question that was put, though they are like danger. `places`: they name one."""
    shapes, said = load_words().facts, PUNCTUATION.sub("", plain(words))
    if shapes["harm"].search(said):
        return False
    hides = shapes["confidential"].search(said) or shapes["anonymous"].search(said)
    if asked and len(said) <= SHORT_WISH and (hides or shapes["demand"].match(said)):
        return True  # what is wanted, and who may not know, is taken whatever was asked
    match asked:
        case Ask.PHONE:
            return bool(find_phone(words))
        case Ask.PLACE:
            named = places and PERSONAL.search(said) is None
            return len(said) <= SHORT_PLACE and (named or shapes["here"].fullmatch(said) is not None)
    return False


def only_greets(words: str) -> bool:
    """你好, 谢谢: courtesy alone, no answer to anything."""
    return load_words().facts["courtesy"].fullmatch(PUNCTUATION.sub("", plain("·" + words))) is not None


def hands_in(words: str) -> bool:
    """交上去, 提交吧: said of handing in, not a mere 确定."""
    return Act.CONFIRM in acts_in(words) and any(sign in words for sign in ("交", "报", "递"))


def names_the_dropped(words: str) -> bool:
    """不报了, 不投诉了: plainly of what was being told; a bare 算了 or 取消 may be meant for anything."""
    return load_words().facts["drops"].search(plain(words)) is not None


def seeks_work(words: str) -> bool:
    """想找活干, and nothing else."""
    return load_words().facts["seeks_work"].fullmatch(PUNCTUATION.sub("", plain(words))) is not None


def asks(words: str) -> bool:
    """A question, by its shape."""
    return ASKING.search(plain(words)) is not None


def is_of_something_else(form: Form, words: str, route: str, *, places: bool) -> bool:
    """A clear question of something else in between; an answer to what the form asked is none.

    `places`: the words name a place.
    """
    if (route != "optout" and find_phone(words)) or _wishes(form, words):
        return False
    if form.is_told and load_words().facts["asking_on"].search(words) and len(words) > BARE:
        return True  # 再问下: whatever is told at the moment
    if route in ("policy", "jobs", "training"):
        return asks(words) or _seeks_work(form, words)
    if route == "greeting":
        return only_greets(words) or (asks(words) and not places)
    return route == "optout"


def _seeks_work(form: Form, words: str) -> bool:
    """想找活干 is no answer, but to what they want of a matter that is no complaint."""
    if not form.is_told or not seeks_work(words):
        return False
    return form.asked[-1:] != (Ask.WISH,) or form.kind() in GRIEVED


def _wishes(form: Form, words: str) -> bool:
    """能不能帮我要: asked for what is wanted, few words that ask for it are the answer."""
    wish = load_words().facts["demand"].match(plain(words))
    return form.asked[-1:] == (Ask.WISH,) and len(words) <= SHORT_WISH and wish is not None
