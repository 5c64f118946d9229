"""`shangan ask` and `shangan knowledge …`. Imports what is heavy only when it is used: a cold answer is quick."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from handlers.policy.desk_commands import crises, gaps

__all__ = ["ask", "crises", "knowledge"]

knowledge = typer.Typer(no_args_is_help=True, help="The documents: check, scaffold, gaps.")
knowledge.add_typer(gaps, name="gaps")


def today() -> date:
    """The day at the bureau; SHANGAN_CLOCK_FILE is obeyed as everywhere."""
    from bot.clock import LOCAL, FileClock, SystemClock

    file = os.environ.get("SHANGAN_CLOCK_FILE")
    clock = FileClock(Path(file)) if file else SystemClock()
    return clock.now().astimezone(LOCAL).date()


def ask(
    question: Annotated[str | None, typer.Argument(help="问题")] = None,
    region: Annotated[str | None, typer.Option(help="地方，如 洪湖市")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
    batch: Annotated[Path | None, typer.Option(help="a file of JSON lines {id, q, region}")] = None,
) -> None:
    """Answer a question from the documents, without database and network."""
    from bot.replies import ReplyBook
    from handlers.policy.ask import UnknownRegion
    from handlers.policy.ask import ask as answer
    from handlers.policy.knowing import load_knowing
    from handlers.policy.replies import KINDS
    from knowledge.faults import KnowledgeError

    try:
        knowing = load_knowing()
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    book = ReplyBook(KINDS)
    day = today()

    def one(line: dict[str, Any]) -> dict[str, Any]:
        said = answer(knowing, book, line["q"], region=line.get("region"), today=day)
        return {"id": line.get("id"), **said.as_json()}

    if batch is not None:
        try:
            lines = batch.read_bytes().split(b"\n")  # not splitlines: a question may hold other line ends
        except OSError as error:
            print(f"{batch}: {error.strerror}", file=sys.stderr)
            raise typer.Exit(2) from error
        for raw in filter(bytes.strip, lines):
            known: Any = None
            try:
                line = json.loads(raw)
                known = line.get("id")
                if not isinstance(line.get("q"), str):
                    raise ValueError("q must be a string")
                if not isinstance(line.get("region"), str | None):
                    raise ValueError("region must be a string or null")
                result = one(line)
            except (ValueError, AttributeError, RecursionError) as error:
                result = {"id": known, "error": f"{type(error).__name__}: {error}"}
            print_line(result)
        return
    if question is None:
        print("give a question or --batch FILE", file=sys.stderr)
        raise typer.Exit(2)
    try:
        result = one({"q": question, "region": region})
    except UnknownRegion as error:
        print(f"no such place: {error}", file=sys.stderr)
        raise typer.Exit(2) from error
    if as_json:
        del result["id"]
        print_line(result)
    else:
        print(result["text"])
        for number, label in enumerate(result["buttons"], 1):
            print(f"  {number} {label}")


def print_line(result: dict[str, Any]) -> None:
    """One JSON line; half a surrogate pair, which UTF-8 cannot hold, is escaped."""
    line = json.dumps(result, ensure_ascii=False)
    print(line if _fits(line) else json.dumps(result), flush=True)


def _fits(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


@knowledge.command("check")
def check(
    folders: Annotated[list[Path] | None, typer.Argument(help="folders of documents; all that ship without")] = None,
) -> None:
    """Hold every record against its document; try whether questions find it. Exit 1 if anything is refused."""
    from knowledge import check as proof
    from knowledge import trial
    from knowledge.faults import KnowledgeError
    from knowledge.loader import load_policies

    faults = proof.main(folders or [])
    if folders:
        raise typer.Exit(int(bool(faults)))
    try:
        found, summary = trial.run(load_policies())
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    for fault in found:
        print(fault)
    print("\n".join(summary))
    raise typer.Exit(int(bool(faults or found)))


@knowledge.command("new")
def new(
    file: Annotated[Path, typer.Argument(help="the document as text, UTF-8")],
    region: Annotated[str | None, typer.Option(help="whose document it is, such as 洪湖市")] = None,
) -> None:
    """Make the folder of a further document: everything that can be read from it, and what is left to fill."""
    from knowledge.faults import KnowledgeError
    from knowledge.scaffold import scaffold

    try:
        paths = scaffold(file, region)
    except KnowledgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
    for path in paths:
        print(path)


@knowledge.command("compile")
def compile_all() -> None:
    """Learn all asks now, so that the first answer does not wait."""
    from handlers.policy.knowing import load_knowing

    for shelf in load_knowing().book.shelves:
        shelf.learn()
