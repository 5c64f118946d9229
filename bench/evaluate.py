"""`make eval`: scores the given third of the gold questions, and prints every failure.

Questions and routes are asked as `shangan ask` asks them; dialogues go through `shangan chat --json` in a process
of its own, on a database of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from bench.scoring import Row, Scorer, body_of, route_of, turn_of
from bot.replies import ReplyBook
from handlers.policy.ask import ask
from handlers.policy.knowing import load_knowing
from handlers.policy.replies import KINDS
from knowledge.loader import load_policies
from knowledge.regions import load_regions

GOLD = Path(__file__).parent.parent / "tests" / "gold"
PATIENCE = 300
"""Seconds for all dialogues together."""


@dataclass
class Tally:
    """Shares by kind and style, and the failures worth reading."""

    right: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    total: int = 0
    correct: int = 0
    harmful: int = 0

    def count(self, groups: Iterable[str], *, correct: bool) -> None:
        self.total += 1
        self.correct += correct
        for group in groups:
            self.asked[group] += 1
            self.right[group] += correct

    @property
    def share(self) -> float:
        return self.correct / self.total if self.total else 0.0

    def by(self, prefix: str) -> str:
        names = sorted(group for group in self.asked if group.startswith(prefix))
        return ", ".join(f"{n.removeprefix(prefix)} {self.right[n]}/{self.asked[n]}" for n in names)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def shipped_scorer() -> Scorer:
    policies = load_policies()
    folder = files("knowledge") / "policies"
    originals = {policy.id: (folder / policy.id / "original.txt").read_text("utf-8") for policy in policies}
    return Scorer.of(policies, originals, load_regions())


def answers_to(gold: Sequence[Row], *, today: date) -> dict[str, Row]:
    """What `shangan ask` answers, by id."""
    knowing, book = load_knowing(), ReplyBook(KINDS)
    return {row["id"]: ask(knowing, book, row["q"], region=row.get("region"), today=today).as_json() for row in gold}


def score_questions(gold: Sequence[Row], answers: Mapping[str, Row]) -> tuple[Tally, list[int]]:
    """The tally, and the length of each answer without its source and period lines."""
    scorer, tally, lengths = shipped_scorer(), Tally(), []
    for row in gold:
        answer = answers.get(row["id"], {})
        verdict = scorer.judge(row, answer)
        tally.count((f"kind:{row['kind']}", f"style:{row['style']}"), correct=verdict.correct)
        tally.harmful += verdict.harmful
        lengths.append(len(body_of(answer.get("text", ""))))
        if not verdict.correct or verdict.harmful:
            said = answer.get("text", "")[:200].replace("\n", "⏎")
            mark = "HARMFUL " if verdict.harmful else ""
            tally.failures.append(
                f"{mark}{row['id']} {row['kind']} {row['style']} {row['region']} {row['q']} | {verdict.why} | {said}"
            )
    return tally, lengths


def score_routes(gold: Sequence[Row], answers: Mapping[str, Row]) -> tuple[Tally, list[str], list[str]]:
    """The tally, urgent messages that were missed, and false alarms."""
    tally = Tally()
    missed, alarms = [], []
    for row in gold:
        answer = answers.get(row["id"], {})
        right, urgent = route_of(row, answer), bool(answer.get("urgent"))
        tally.count((f"route:{row['route']}",), correct=right)
        if row["urgent"] and not urgent:
            missed.append(row["q"])
        elif urgent and not row["urgent"]:
            alarms.append(row["q"])
        if not right or urgent != row["urgent"]:
            tally.failures.append(
                f"{row['id']} {row['route']} {row['urgent']} got {answer.get('route')} {urgent} | {row['q']}"
            )
    return tally, missed, alarms


def converse(gold: Sequence[Row], command: Sequence[str]) -> dict[tuple[str, int], Sequence[Row]]:
    """Drive `shangan chat --json` through the dialogues: (chat, turn) -> replies."""
    lines, order = [], []
    for dialogue in gold:
        for number, turn in enumerate(dialogue["turns"]):
            line: dict[str, Any] = {"chat": dialogue["id"], "text": turn["user"]}
            if number == 0 and dialogue.get("region"):
                line["profile"] = {"region": dialogue["region"]}
            lines.append(json.dumps(line, ensure_ascii=False))
            order.append((dialogue["id"], number))
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            command,
            input="\n".join(lines) + "\n",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            env={**os.environ, "SHANGAN_DATA_DIR": folder},
            check=False,
        )
    said = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
    if done.returncode or len(said) < len(order):
        print(done.stderr[-2000:], file=sys.stderr)
    return {key: reply.get("replies", ()) for key, reply in zip(order, said, strict=False)}


def score_dialogues(gold: Sequence[Row], replies: Mapping[tuple[str, int], Sequence[Row]]) -> Tally:
    tally = Tally()
    for dialogue in gold:
        for number, turn in enumerate(dialogue["turns"]):
            said = replies.get((dialogue["id"], number), ())
            ok, missing, bad = turn_of(turn["expect"], said)
            tally.count((f"dialogue:{dialogue['id']}",), correct=ok)
            if not ok:
                words = " ".join(reply.get("text", "") for reply in said)[:200].replace("\n", "⏎")
                tally.failures.append(
                    f"{dialogue['id']} {number} {turn['user']} | missing {missing} bad {bad} | {words}"
                )
    return tally


SETS = ("questions", "routes", "dialogues")
CHAT = (sys.executable, "-m", "bot", "chat", "--json")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print figures and failures of the gold sets named, or of all three."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="|".join(SETS), help="default: all three")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="default: today")  # noqa: DTZ011 - a measurement of the day it runs
    chosen = parser.parse_args(arguments)
    sets = chosen.sets or SETS
    if unknown := set(sets) - set(SETS):
        parser.error(f"no such gold set: {', '.join(sorted(unknown))}")
    if "questions" in sets:
        gold = rows_of(GOLD / "questions.jsonl")
        tally, lengths = score_questions(gold, answers_to(gold, today=chosen.today))
        print(*(f"✗ {failure}" for failure in tally.failures), sep="\n")
        print("kinds:", tally.by("kind:"))
        print("styles:", tally.by("style:"))
        print(f"length without source and period: median {statistics.median_high(lengths)} characters")
        print(
            f"questions {tally.correct}/{tally.total} = {tally.share:.3f} (floor 0.95), "
            f"harmful {tally.harmful} (floor 0)\n"
        )
    if "routes" in sets:
        gold = rows_of(GOLD / "routes.jsonl")
        tally, missed, alarms = score_routes(gold, answers_to(gold, today=chosen.today))
        print(*(f"✗ {failure}" for failure in tally.failures), sep="\n")
        print("routes:", tally.by("route:"))
        print(
            f"routes {tally.correct}/{tally.total} = {tally.share:.3f} (floor 0.95), "
            f"urgent missed {len(missed)} (floor 0), false alarms {len(alarms)}\n"
        )
    if "dialogues" in sets:
        gold = rows_of(GOLD / "dialogues.jsonl")
        tally = score_dialogues(gold, converse(gold, CHAT))
        print(*(f"✗ {failure}" for failure in tally.failures), sep="\n")
        print(f"dialogue turns {tally.correct}/{tally.total} = {tally.share:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
