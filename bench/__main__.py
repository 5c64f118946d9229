"""`make bench`: every figure beside its floor, measured in the same run, or its aim.

Parts can be named: `python -m bench cold`.
"""

from __future__ import annotations

import importlib
import sys
import time

from bench.table import Row, load_words, print_table

PARTS = (
    "retrieval",
    "cold",
    "thousand",
    "webchat",
    "webhook",
    "postgres",
    "lifecycle",
    "audit",
    "race",
    "console",
    "seats",
    "vacancies",
    "campaigns",
    "sending",
    "ledger",
    "persons",
)


def main(names: list[str]) -> int:
    rows: list[Row] = []
    for name in names or PARTS:
        start = time.perf_counter()
        rows += importlib.import_module(f"bench.{name}").rows()
        print(f"{name}: {time.perf_counter() - start:.0f} s; {load_words()}", flush=True)
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
