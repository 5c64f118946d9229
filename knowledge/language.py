"""What people write and dictate -> text that can be compared: width, traditional characters, dialect, numbers.

Homophones from voice input and wrong characters are not repaired in the text (公司, 事业, 检查 must survive);
the matcher hears them through pinyin instead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from knowledge.faults import read_yaml
from knowledge.numerals import to_digits
from knowledge.pinyin import syllable

INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
PUNCTUATION = re.compile(r"[^\w%.]|_")
FILLERS = re.compile(
    r"^(?:喂+|呃+|嗯+|啊+|哎+|那个|这个|就是说|就是|你好啊?|您好啊?|同志|师傅|领导|老师|麻烦(?:问|你|您)?(?:一?下)?|请问(?:一?下)?|"
    r"想问(?:一?下)?|我想问(?:一?下)?|问(?:一?下|个事)|打扰(?:一?下|了)?|不好意思|[，,。.\s!！~、])+"
)
CLAUSE = re.compile(r"[。！？!?；;\n，,…]+|(?<=[吗呢吧啊嘛])\s+|\s{2,}")


ONLY_ASKS = 3
"""Characters beside them that may say nothing."""
STANDING = "(?<![什怎这那多要甚])"
"""A dialect word that begins with 么 stands by itself, not within 怎么 or 这么."""
ONLY_THEN = re.compile(r"(?<!引进)(?<!招)(?<!招聘)(?<!留)((?:多少|几十?|\d+)[个位]?人)才(?=[能可算行够得准让开评])")
"""多少人才能评: how many people, no talent (人才)."""
ASKING = re.compile(
    r"什么|多少|[哪几吗呢谁]|怎么|怎样|如何|为何|咋|能不能|可不可以|会不会|有没有|是不是|要不要|该不该|给不给|算不算|行不行|还是|"
    r"多久|多长|多大|不[?？]?$|没有?[?？]?$|[?？]$"
)


@cache
def _converter():  # type: ignore[no-untyped-def]  # opencc ships no types
    import opencc

    return opencc.OpenCC("t2s")


@cache
def _lexicon(name: str) -> dict[str, object]:
    data: dict[str, object] = read_yaml((files("knowledge") / "lexicon" / name).read_text("utf-8"))
    return data


@cache
def _dialect() -> tuple[re.Pattern[str], dict[str, str]]:
    table = {str(word): str(standard) for word, standard in _lexicon("dialect.yaml").items()}
    # 么时候 is dialect, but not within 什么时候: a standard word that holds a dialect word stays as it is.
    table |= {standard: standard for standard in table.values() if any(word in standard for word in table)}
    words = sorted(table, key=len, reverse=True)
    # 么补贴 is what kind of, but 怎么补贴 is how.
    return re.compile("|".join(STANDING * word.startswith("么") + re.escape(word) for word in words)), table


@cache
def _concepts() -> tuple[re.Pattern[str], dict[str, str]]:
    table: dict[str, str] = {}
    for concept in _lexicon("spoken.yaml")["concepts"]:  # type: ignore[attr-defined]
        for word in [concept["canon"], *concept["say"], *concept.get("hint", ())]:
            table.setdefault(str(word), concept["id"])
    words = sorted((word for word in table if len(word) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words))), table


@cache
def vague_words() -> frozenset[str]:
    """Words that mean several things when they stand alone (lexicon/spoken.yaml, ambiguous)."""
    return frozenset(str(entry["word"]) for entry in _lexicon("spoken.yaml")["ambiguous"])  # type: ignore[attr-defined]


def clean(text: str) -> str:
    """Readable and simplified: width folded, invisible characters dropped, traditional -> simplified."""
    text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if any("㐀" <= c <= "鿿" for c in text):
        text = _converter().convert(text)
    return text.strip()


@lru_cache(maxsize=256)  # the parts that read a message each begin here: twenty times a turn
def plain(text: str) -> str:
    """Cleaned, without greeting words at the front, dialect words in standard words, numbers as digits."""
    pattern, table = _dialect()
    text = FILLERS.sub("", clean(text)) or clean(text)
    return ONLY_THEN.sub(r"\1", to_digits(pattern.sub(lambda m: table[m[0]], text.lower())))


def bare(text: str) -> str:
    """`plain` without punctuation and white space: what is compared."""
    return PUNCTUATION.sub("", plain(text)).replace(".", "")


def asking_part(text: str, size: int = 40) -> str:
    """Where the question of a long story stands: the clauses that ask, else the last ones; about `size` characters."""
    parts = [part.strip() for part in CLAUSE.split(text) if part and part.strip()]
    asking = [part for part in parts if ASKING.search(part) and len(part) > 3]
    tail = ""
    for part in reversed(asking or parts):
        if tail and len(tail) + len(part) > size:
            break
        tail = part + tail
    return tail or text


def asking_clauses(text: str) -> list[str]:
    """The clauses that ask, where a message asks more than one thing; empty otherwise."""
    parts = [part.strip() for part in CLAUSE.split(text) if part and len(part.strip()) > 4]
    asking = [part for part in parts if ASKING.search(part)]
    return asking if len(asking) > 1 else []


def concepts(text: str) -> list[str]:
    """Ids of the concepts that spoken words in a text stand for (lexicon/spoken.yaml)."""
    pattern, table = _concepts()
    return [table[word] for word in pattern.findall(text)]


@cache
def _hints() -> frozenset[str]:
    """Words that only hint at a concept (捕捞证 at fishermen) and say something of their own."""
    listed = _lexicon("spoken.yaml")["concepts"]
    return frozenset(str(word) for concept in listed for word in concept.get("hint", ()))  # type: ignore[attr-defined]


def without_concepts(text: str, ids: frozenset[str]) -> str:
    """A text without the words for these concepts."""
    pattern, table = _concepts()
    return pattern.sub(lambda m: "" if table[m[0]] in ids and m[0] not in _hints() else m[0], text)


def only_asks(text: str) -> bool:
    """Whether words say what is asked, and of nothing: 电话多少，找哪个办."""
    pattern, table = _concepts()
    found = [table[word] for word in pattern.findall(text)]
    rest = bare(ASKING.sub("", pattern.sub("", text)))
    return bool(found) and all(concept.startswith("ask_") for concept in found) and len(rest) <= ONLY_ASKS


FUZZY = (("zh", "z"), ("ch", "c"), ("sh", "s"))


@cache
def sound(character: str) -> str:
    """Toneless pinyin of one character with what voice input confuses made equal (zh/z, ng/n, n/l, h/f)."""
    heard = syllable(character)
    for spoken, written in FUZZY:
        if heard.startswith(spoken):
            heard = written + heard[len(spoken) :]
    if heard.endswith("ng"):
        heard = heard[:-1]
    if heard[:1] in "ln" and len(heard) > 1:
        heard = "l" + heard[1:]
    if heard.startswith("hu") and len(heard) > 2:
        heard = "f" + heard[2:]
    return heard


@dataclass(frozen=True)
class Text:
    """One text in the forms the matcher compares."""

    raw: str
    plain: str
    bare: str


def read(text: str) -> Text:
    return Text(text, plain(text), bare(text))
