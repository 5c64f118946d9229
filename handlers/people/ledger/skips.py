"""Lines of a ledger that are no person: sums, remarks, signatures, headers and titles again, names of places. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from handlers.people.ledger.cells import Line, plain
from handlers.people.ledger.columns import Columns
from handlers.people.ledger.heading import Heading
from handlers.people.ledger.names import is_place

_LONG_NOTE = 20
"""Characters of a text that stands alone in its line and is no name."""
_TITLE = re.compile(
    r".{3,}(?:[^代]表|名册|台账|名单|一人一档)|(?:\([一二三四五六七八九十]+\)|[一二三四五六七八九十]{1,3}[、.]).+"
)
_SECTION_NUMBER = re.compile(r"^[0-9一二三四五六七八九十]+[、.]")
_LATE = re.compile(r"盖章|签字|签名|签章|公章|年\s{2,}月|年\s+月\s+日")


class Skips:
    """Tells them below one header. `persons_own`: places of the columns that a person's line fills."""

    def __init__(self, heading: Heading, columns: Columns, persons_own: Sequence[int]) -> None:
        self._columns = columns
        self._template = heading.template
        self._identity = next(one.index for one in heading.columns if one.field == "id_number")
        self._name = next((one.index for one in heading.columns if one.field == "name"), -1)
        self._above = frozenset(heading.texts)
        self._persons_own = persons_own

    def why(self, line: Line) -> str:
        """Why a line is no person's, though something stands there; empty where it may be one."""
        identity = plain(line.at(self._identity))
        if len(re.sub(r"[^0-9]", "", identity)) >= 15:
            first = next((text for cell in line.cells if (text := plain(cell))), "")
            return "sample" if _bare(first) in self._columns.sample_words else ""
        texts = list(dict.fromkeys(text for cell in line.cells if (text := plain(cell))))
        if self._is_total(texts):
            return "total"
        if self._is_header(texts):
            return "header"
        if self._is_note(texts, identity):
            return "note"
        if self._is_section(texts, line):
            return "section"
        if _is_numbering(texts):
            return "numbering"
        return "" if any(plain(line.at(column)) for column in self._persons_own) else "blank"

    def _is_total(self, texts: Sequence[str]) -> bool:
        first = _bare(texts[0]) if texts else ""
        return any(_bare(text) in self._columns.total_words for text in texts[:4]) or bool(
            re.fullmatch(r"(?:.{0,12}(?:合计|小计|总计|共计|总人数|总户数)|共)(?:[0-9,.、元人户条个名]*)", first)
            and first != "共"
        )

    def _is_header(self, texts: Sequence[str]) -> bool:
        """The header or a title once more, as on each printed page, also with its columns in another order."""
        if texts and all(text in self._above for text in texts):
            return True
        fields = {self._columns.field_of(self._template, text) for text in texts}
        return "id_number" in fields and len(fields - {""}) >= 2

    def _is_note(self, texts: Sequence[str], identity: str) -> bool:
        if not texts or re.search(r"[0-9]{6}", identity):
            return False
        head = re.match(r"\s*([^:：\s0-9(（]{1,8})\s*(?:\([^()]*\))?\s*[:：]", texts[0])
        if (head and _bare(head[1]) in self._columns.note_words) or _LATE.search(texts[0]):
            return True
        if _bare(texts[0]) in self._columns.note_words:
            return True
        if len(texts) != 1:
            return False
        # One long sentence over the whole row, and no name in its column; or the title of the next block.
        alone = texts[0]
        is_place = _SECTION_NUMBER.sub("", alone).endswith(self._columns.section_ends)
        is_title = bool(_TITLE.fullmatch(alone)) and not is_place
        return len(alone) > _LONG_NOTE or alone.endswith(("。", ".", "!")) or is_title

    def _is_section(self, texts: Sequence[str], line: Line) -> bool:
        """中原村（3 户） alone in its line: from here on it is about this village; 李红镇 lacks a number."""
        if len(texts) != 1:
            return False
        filled = [index for index, cell in enumerate(line.cells) if plain(cell)]
        bare = re.sub(r"\([^()]*\)", "", _SECTION_NUMBER.sub("", texts[0]))
        if filled == [self._name] and not is_place(bare):
            return False
        return len(bare) >= 3 and bare.endswith(self._columns.section_ends)


def _bare(text: str) -> str:
    return re.sub(r"[\s:：()（）]", "", text)


def _is_numbering(texts: Sequence[str]) -> bool:
    """1 2 3 4 … or A B C … under a header."""
    if len(texts) < 3:
        return False
    bare = [text.strip("()（）栏列") for text in texts]
    if all(text.isdecimal() and len(text) <= 2 for text in bare):
        numbers = [int(text) for text in bare]
        return all(after == before + 1 for before, after in pairwise(numbers))
    return bare == [chr(65 + place) for place in range(len(bare))] or set(bare) <= set("甲乙丙丁戊己庚辛")
