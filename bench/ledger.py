"""Import of a ledger of 25,000 rows and 34 columns, and the same again, by the command: seconds, peak memory.

On SQLite also how long somebody else waits to write meanwhile: a writer beside it asks for the lock all the time.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from bench.postgres import make_database, running_postgres
from bench.table import Row, load_words, print_table
from handlers.people.ledger.columns import Template, load_columns
from handlers.people.ledger.identity import check_digit

MANY, FEW = 25_000, 2_500
ONCE, AGAIN = 60.0, 30.0
FLAT = 1.5
"""Peak memory with ten times the rows, of that with a tenth."""
HELD = 100.0
"""Milliseconds that nobody else may write."""
TOWNS = ("新堤街道", "螺山镇", "乌林镇", "龙口镇")


@dataclass(frozen=True)
class Ran:
    seconds: float
    peak: float
    """Megabytes of resident memory at most."""
    told: dict[str, int]


def make_file(file: Path, count: int) -> None:
    """A made-up ledger of everybody's own number, name and phone, as a spreadsheet keeps it."""
    fields = [one for one in load_columns().fields[Template.T2].values() if not one.extra]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    sheet.append([one.label for one in fields])
    for place in range(count):
        said = _row(place)
        sheet.append([said.get(one.name, "") for one in fields])
    book.save(file)


def _row(place: int) -> dict[str, object]:
    born = f"19{50 + place % 50}{1 + place % 12:02}{1 + place % 28:02}"
    first = f"421083{born}{place // 600 % 999:03}"
    return {
        "number": place + 1,
        "name": f"示例{chr(0x4E00 + place % 2000)}{chr(0x5000 + place % 1999)}",
        "gender": "男" if int(first[16]) % 2 else "女",
        "id_number": first + check_digit(first),
        "birth": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "phone": f"138{place:08}",
        "town": TOWNS[place % 4],
        "village": f"示例{place % 60}村",
        "fisher_type": ("专业", "兼业", "提前退捕")[place % 3],
        "retired_on": "2019.12.31",
        "education": "初中",
        "health": "健康",
        "labour": "有",
        "employment": ("已就业", "未就业", "无意愿")[place % 3],
        "work_form": "企业" if place % 3 == 0 else "",
        "employer": "示例水产公司",
        "work_place": "象山",
        "work_since": "2021-03",
        "income": "4500",
        "skills": "捕鱼、织网",
        "training_wish": "电焊" if place % 2 else "",
        "work_wish": "电焊工" if place % 5 == 0 else "",
        "insurance": "居民",
        "insurance_state": "正常",
        "insurance_level": "200",
        "hardship": "就业困难人员" if place % 7 == 0 else "",
        "helper": "示例干部",
        "visited_on": "2026-10-01",
        "note": "无",
    }


def run_import(file: Path, folder: Path, url: str, *words: str) -> Ran:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SHANGAN_")}
    environment |= {"SHANGAN_DATA_DIR": str(folder), **({"SHANGAN_DATABASE_URL": url} if url else {})}
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "people", "import", str(file), "--json", *words],
        env=environment,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    told = json.loads(process.stdout.read())
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, told
    return Ran(time.perf_counter() - start, used.ru_maxrss / 1024, told)


class WriterBeside:
    """Somebody else who writes on the same SQLite file, and how long each write had to wait."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.waits: list[float] = []

    def __enter__(self) -> WriterBeside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        base = sqlite3.connect(self._file, isolation_level=None, timeout=0)
        while not self._stop.wait(0.01):
            start = time.perf_counter()
            while not self._begin(base):
                time.sleep(0.001)
            self.waits.append((time.perf_counter() - start) * 1000)
            base.execute("COMMIT")
        base.close()

    @staticmethod
    def _begin(base: sqlite3.Connection) -> bool:
        try:
            base.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def measure(kind: str, few: Path, many: Path, folder: Path, url: str = "") -> list[Row]:
    small = run_import(few, folder, url, "--yes")
    look = run_import(many, folder, url)
    waits: list[float] = []
    if url:
        once = run_import(many, folder, url, "--yes")
    else:
        with WriterBeside(folder / "shangan.sqlite3") as beside:
            once = run_import(many, folder, url, "--yes")
        waits = sorted(beside.waits)
    again = run_import(many, folder, url, "--yes")
    assert once.told["added"] == MANY - FEW, once.told
    assert again.told["same"] == MANY, again.told
    peak = once.peak / small.peak
    found = [
        Row(
            f"import of {MANY:,} rows, {kind}",
            once.seconds,
            "s",
            "looked at only",
            look.seconds,
            aim=f"≤ {ONCE:.0f}",
            ok=once.seconds <= ONCE,
        ),
        Row("the same again", again.seconds, "s", "", None, aim=f"≤ {AGAIN:.0f}", ok=again.seconds <= AGAIN),
        Row(
            "peak memory",
            once.peak,
            "MB",
            f"{FEW:,} rows",
            small.peak,
            aim=f"≤ {FLAT} of the floor",
            ok=peak <= FLAT,
            note=f"again {again.peak:.0f} MB",
        ),
    ]
    if waits:
        longest = waits[-1]
        most = waits[len(waits) * 99 // 100]
        note = f"{len(waits):,} writes beside it, median {waits[len(waits) // 2]:.1f} ms, p99 {most:.0f} ms"
        found.append(
            Row("longest wait to write", longest, "ms", "", None, aim=f"≤ {HELD:.0f}", ok=longest <= HELD, note=note)
        )
    return found


def rows() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="shangan-bench-") as name:
        folder = Path(name)
        few, many = folder / "few.xlsx", folder / "many.xlsx"
        make_file(few, FEW)
        make_file(many, MANY)
        found = measure("SQLite", few, many, folder / "sqlite")
        with running_postgres() as server:
            url = asyncio.run(make_database(server))
            found += measure("PostgreSQL", few, many, folder / "postgres", url)
    return found


if __name__ == "__main__":
    print_table(rows())
    print(load_words())
