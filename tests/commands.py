"""`shangan …` on a data folder of its own: in a process of its own, or in this one, as a script would call it.

A new process spends seconds on importing the whole program. Where a test is about what a command does and says, and
not about the process (a kill, an exit, a pipe that stays open), it is called here, through the same `main()`.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import cli
from knowledge.regions import load_regions
from tests.bureau import knowing


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


def call(words: Sequence[str], environment: Mapping[str, str], given: str = "") -> Said:
    """`shangan WORDS…` in this process, with these settings and this standard input."""
    # Commands run a loop of their own, which cannot be done in the thread of a test that runs in one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_call, words, environment, given).result()


def _call(words: Sequence[str], environment: Mapping[str, str], given: str) -> Said:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    code, logging = 0, structlog.get_config()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("SHANGAN_")]:
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["shangan", *words])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))
        read_knowledge_once(patch)
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        finally:
            structlog.configure(**logging)
    return Said(code, *(_text(stream) for stream in (out, err)))


def read_knowledge_once(patch: pytest.MonkeyPatch) -> None:
    """What ships with the package is the same for every command of this process."""
    patch.setattr("knowledge.regions.load_regions", cache(load_regions))
    patch.setattr("handlers.policy.knowing.load_knowing", knowing)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


class Machine:
    """A data folder and the program on it."""

    def __init__(self, folder: Path, url: str = "", clock: str = "2026-11-24T09:00:00+08:00") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "clock").write_text(clock, "utf-8")
        self.folder = folder
        self.settings = {
            "SHANGAN_DATA_DIR": str(folder),
            "SHANGAN_CLOCK_FILE": str(folder / "clock"),
            "SHANGAN_SECRET_KEY": "a key for tests, of more than thirty-two letters",
            **({"SHANGAN_DATABASE_URL": url} if url else {}),
        }

    @property
    def environment(self) -> dict[str, str]:
        """For processes."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SHANGAN_")}
        return kept | self.settings

    def start(self, *words: str) -> subprocess.Popen[str]:
        """In a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *words],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run_alone(self, *words: str, code: int = 0) -> str:
        """The same, to its end. -> what it printed, or what it said of its fault"""
        process = self.start(*words)
        out, said = process.communicate(timeout=120)
        assert process.returncode == code, said
        assert "Traceback" not in said
        return out if code == 0 else said

    def say(self, *words: str, told: str = "", code: int = 0) -> str:
        """In this process. -> what it printed on its standard output"""
        done = call(words, self.settings, told)
        assert done.code == code, done.err
        return done.out

    def run(self, *words: str, code: int = 0) -> str:
        """In this process. -> what it printed, or what it said of its fault"""
        done = call(words, self.settings)
        assert done.code == code, done.err
        return done.out if code == 0 else done.err

    def ask(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def seed(self, rows: list[dict[str, Any]], code: int = 0) -> list[str]:
        file = self.folder / "seed.jsonl"
        file.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
        out = self.run("tickets", "seed", str(file), code=code)
        return out.split() if code == 0 else [out]
