"""`PolicyBook.answer` on the five documents, beside plain passage retrieval (bm25s with jieba) over the same texts."""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from bench.evaluate import GOLD, rows_of
from bench.table import Row
from bench.thousand import SEED, TODAY, asked
from knowledge.answers import Context, PolicyBook
from knowledge.loader import load_policies
from knowledge.notours import load_foreign
from knowledge.policy import Policy
from knowledge.regions import load_regions
from knowledge.shelf import build_shelves

QUESTIONS = 600
RUNS = 3
AIM_P50, AIM_P99 = 5.0, 15.0
Question = tuple[str, str | None]


def timed(ask: Callable[[str, str | None], object], questions: Sequence[Question]) -> tuple[float, float]:
    """(p50, p99) in milliseconds, medians of several runs."""
    runs = []
    for _ in range(RUNS):
        taken = []
        for words, region in questions:
            start = time.perf_counter()
            ask(words, region)
            taken.append((time.perf_counter() - start) * 1000)
        cuts = statistics.quantiles(taken, n=100)
        runs.append((cuts[49], cuts[98]))
    return statistics.median(run[0] for run in runs), statistics.median(run[1] for run in runs)


class Passages:
    """The best passage of the place's document, as a search engine would find it."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        import bm25s
        import jieba

        jieba.setLogLevel(60)
        self._cut = jieba.lcut
        self._by_region: dict[str, tuple[bm25s.BM25, list[str]]] = {}
        everything: list[str] = []
        for policy in policies:
            passages = [part for part in re.split(r"[\n。]", policy.source) if len(part) > 8]
            everything += passages
            self._by_region[policy.document.region] = (self._index(passages), passages)
        self._all = (self._index(everything), everything)

    def _index(self, passages: Sequence[str]) -> object:
        import bm25s

        index = bm25s.BM25()
        index.index([self._cut(passage) for passage in passages], show_progress=False)
        return index

    def best(self, words: str, region: str | None) -> str:
        index, passages = self._by_region.get(region or "", self._all)
        found, _ = index.retrieve([self._cut(words)], corpus=passages, k=1, show_progress=False)
        return str(found[0][0])


def share_found(tell: Callable[[str, str | None], str], policies: Sequence[Policy]) -> float:
    """Of gold facts, lists and procedures of a known place: how many words told hold one of each `must`."""
    from bench.scoring import flat, holds

    regions = load_regions(frozenset(policy.document.region for policy in policies))
    gold = [row for row in rows_of(GOLD / "questions.jsonl") if row["region"] and row["must"] and row["doc"]]
    right = 0
    for row in gold:
        told = flat(tell(row["q"], regions.resolve(row["region"])))
        right += all(holds(told, entry) for entry in row["must"])
    return right / len(gold)


def rows() -> list[Row]:
    policies = load_policies(Path(str(files("knowledge") / "policies")))
    regions = load_regions(frozenset(policy.document.region for policy in policies))
    book = PolicyBook(build_shelves(policies, load_foreign()), regions)
    for shelf in book.shelves:
        shelf.learn()
    source = asked(policies, random.Random(SEED))
    questions = [question for question, _ in zip(source, range(QUESTIONS), strict=False)]
    passages = Passages(policies)

    def tell(words: str, region: str | None) -> str:
        answer = book.answer(words, Context(TODAY, region))
        told = getattr(answer, "told", ())
        return "".join(fact.say for one in told for fact in [*one.facts, *(f for _, f in one.beside)])

    p50, p99 = timed(lambda words, region: book.answer(words, Context(TODAY, region)), questions)
    floor50, floor99 = timed(passages.best, questions)
    found, floor = share_found(tell, policies), share_found(passages.best, policies)
    name = "bm25s with jieba"
    return [
        Row("answer on five documents, p50", p50, "ms", name, floor50, "≤ 5", p50 <= AIM_P50),
        Row("  p99", p99, "ms", name, floor99, "≤ 15", p99 <= AIM_P99),
        Row("  gold facts told", found, "share", name, floor),
    ]
