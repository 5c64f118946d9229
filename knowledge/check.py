"""`shangan knowledge check`: refuses a record whose words are not proved by the document.

Structure is the loader's business; here quotes, numbers, dates and places, coverage and asks are held
against the source. Retrieval checks are in `knowledge.trial`.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from knowledge.asks import target_key
from knowledge.faults import Fault, KnowledgeError, line_of
from knowledge.loader import load_policy
from knowledge.mend import MendError, mend
from knowledge.numerals import numbers_in
from knowledge.policy import Fact, Policy
from knowledge.regions import Regions, load_regions, short_name

COVERED_SHARE = 0.6
"""A clause counts as covered when this share of its characters stands in quotes."""
COVERAGE_FLOOR = 0.98
LONGEST_SAY = 110

PROVINCE_LETTERS = {
    "琼": "海南", "粤": "广东", "桂": "广西", "湘": "湖南", "鄂": "湖北", "黔": "贵州", "川": "四川",
    "鲁": "山东", "苏": "江苏", "京": "北京", "沪": "上海", "渝": "重庆",
}  # fmt: skip


def squeeze(text: str) -> str:
    """Without white space, full-width and quotation variants, for comparing quotes with the source."""
    text = text.replace("（", "(").replace("）", ")").replace("，", ",").replace("；", ";").replace("：", ":")
    text = text.replace("〔", "[").replace("〕", "]").replace("％", "%")
    return re.sub(r"[\s“”\"‘’'*#]", "", text)


def clauses(policy: Policy) -> list[str]:
    """The clauses of the operative part: sentences and their parts, without headings' bare numbers."""
    source = policy.source
    start = source.find(policy.operative.start)
    end = source.find(policy.operative.until) if policy.operative.until else len(source)
    body = source[max(start, 0) : end if end > 0 else len(source)]
    parts = re.split(r"[。;；！？\n]", body)
    return [part for part in (squeeze(part) for part in parts) if len(part) >= 6]


def coverage(policy: Policy) -> tuple[int, int, list[str]]:
    """(clauses covered by quotes, clauses, those not covered and not deliberately left out)."""
    text = squeeze(policy.source)
    marked = bytearray(len(text))
    for fact in every_fact(policy):
        for quote in fact.quote:
            piece = squeeze(quote)
            at = text.find(piece)
            while piece and at >= 0:
                marked[at : at + len(piece)] = b"\1" * len(piece)
                at = text.find(piece, at + 1)
    left_out = [squeeze(item.clause) for item in policy.operative.left_out]
    covered, missing, at = 0, [], text.find(squeeze(policy.operative.start))
    all_clauses = clauses(policy)
    for clause in all_clauses:
        found = text.find(clause, max(at, 0))
        found = found if found >= 0 else text.find(clause)
        at = found + len(clause) if found >= 0 else at
        if found >= 0 and sum(marked[found : found + len(clause)]) >= COVERED_SHARE * len(clause):
            covered += 1
        elif not any(clause in left or left in clause for left in left_out):
            missing.append(clause)
    return covered, len(all_clauses), missing


def every_fact(policy: Policy) -> Iterator[Fact]:
    for provision in policy.provisions:
        yield from provision.facts


def word_faults(policy: Policy, regions: Regions) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Quotes not in the source; numbers, dates and places in `say` that no quote holds."""
    text = squeeze(policy.source)
    own = {policy.document.place, *(regions.name(code) for code in regions.ancestors(policy.document.region))}
    for i, provision in enumerate(policy.provisions):
        for j, fact in enumerate(provision.facts):
            path = ("provisions", i, "facts", j)
            label = f"{provision.id}.{fact.id}"
            if not fact.quote:
                yield path, f"{label}: no quote"
            for quote in fact.quote:
                if squeeze(quote) not in text:
                    yield path, f"{label}: the quote is not in source.txt: {quote[:40]}"
            if len(fact.say) > LONGEST_SAY and not (fact.value and fact.value.items):
                yield path, f"{label}: say has {len(fact.say)} characters; split the fact"
            proof = " ".join(fact.quote)
            spelt = proof + "".join(name for letter, name in PROVINCE_LETTERS.items() if letter in proof)
            extra = numbers_in(fact.say) - numbers_in(proof) - {"1"}
            if "半年" in proof:
                extra -= {"6"}
            if extra:
                yield path, f"{label}: say has numbers that no quote holds: {', '.join(sorted(extra))}"
            for mention in regions.find(fact.say):
                name, short = regions.name(mention.code), short_name(mention.text)
                if short not in spelt and name not in own and short_name(name) not in {short_name(o) for o in own}:
                    yield path, f"{label}: say names {mention.text}, which no quote holds"
            if fact.value and fact.value.money is not None and f"{fact.value.money:.10g}" not in numbers_in(proof):
                yield path, f"{label}: the value {fact.value.money:g} 元 is in no quote"
            if fact.value and fact.value.percent is not None and f"{fact.value.percent:g}%" not in numbers_in(proof):
                yield path, f"{label}: the value {fact.value.percent:g} % is in no quote"


def ask_faults(policy: Policy) -> Iterator[tuple[int, str]]:
    """Provisions without asks and asks given twice, as (line of asks.txt, message)."""
    asked: set[str] = set()
    seen: dict[str, str] = {}
    for target, asks in policy.asks:
        key = target_key(target)
        if target.provision and not target.missing and asks:
            asked.add(target.provision)
        for ask in asks:
            if seen.get(ask) is not None:
                yield getattr(asks, "line", 1), f"asked twice, for {seen[ask]} and {key}: {ask}"
            seen[ask] = key
    for provision in policy.provisions:
        if provision.id not in asked:
            yield 1, f"{provision.id}: a provision without asks"


def check_policy(folder: Traversable, regions: Regions) -> tuple[list[Fault], str]:
    """All faults of one folder, and a line that sums it up."""
    try:
        policy = load_policy(folder)
    except KnowledgeError as error:
        return list(error.faults), f"{folder.name}: cannot be loaded"
    where = f"{folder.name}/policy.yaml"
    text = (folder / "policy.yaml").read_text("utf-8")
    faults = [Fault(where, line_of(text, path), message) for path, message in word_faults(policy, regions)]
    faults += [Fault(f"{folder.name}/asks.txt", line, message) for line, message in ask_faults(policy)]
    try:
        mends = yaml.safe_load((folder / "mends.yaml").read_text("utf-8")) or []
        if mend((folder / "original.txt").read_text("utf-8"), mends) != policy.source:
            faults.append(Fault(f"{folder.name}/source.txt", 1, "is not original.txt with mends.yaml applied"))
    except (MendError, FileNotFoundError) as error:
        faults.append(Fault(f"{folder.name}/mends.yaml", 1, str(error)))
    for anchor in (policy.operative.start, policy.operative.until):
        if anchor and anchor not in policy.source:
            faults.append(Fault(where, line_of(text, ("operative",)), f"operative: {anchor!r} is not in source.txt"))
    if not regions.name(policy.document.region):
        faults.append(Fault(where, line_of(text, ("document", "region")), "region is no division code"))
    covered, total, missing = coverage(policy)
    faults += [Fault(where, line_of(text, ("operative",)), f"no provision covers: {clause[:60]}") for clause in missing]
    if covered < COVERAGE_FLOOR * total:
        faults.append(Fault(where, 1, f"coverage {covered}/{total} is below {COVERAGE_FLOOR}"))
    asks = sum(len(lines) for _, lines in policy.asks)
    kinds = Counter(
        "silence" if target.silence or target.missing else "fact" for target, lines in policy.asks for _ in lines
    )
    summary = (
        f"{policy.document.place} {folder.name}: {len(policy.provisions)} provisions, "
        f"{sum(1 for _ in every_fact(policy))} facts, {asks} asks ({kinds['silence']} for silences), "
        f"coverage {covered}/{total} = {covered / max(total, 1):.3f}"
    )
    return faults, summary


def main(names: Sequence[str | Path]) -> int:
    """Check the named folders, or all that ship; print faults and coverage; 1 if anything is refused."""
    root = files("knowledge") / "policies"
    folders: list[Traversable] = [Path(name) for name in names] or sorted(
        (entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith(("_", "."))),
        key=lambda entry: entry.name,
    )
    regions = load_regions()
    failed = False
    for folder in folders:
        faults, summary = check_policy(folder, regions)
        for fault in sorted(faults):
            print(fault)
        failed |= bool(faults)
        print(summary)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
