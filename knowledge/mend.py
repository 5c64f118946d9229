"""Replays the mends of a document: original.txt as given, mends.yaml, and source.txt as the result.

Run as `python -m knowledge.mend FOLDER` to write source.txt; `knowledge check` replays and compares.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml


class MendError(ValueError):
    """A mend that does not apply as written."""


def mend(original: str, mends: list[dict[str, Any]]) -> str:
    """Apply the mends in order; each must occur exactly once unless it says `every: true`."""
    text = original
    for number, step in enumerate(mends, 1):
        pattern = step["pattern"] if "pattern" in step else re.escape(step["find"])
        if not step.get("why"):
            raise MendError(f"mend {number} gives no reason")
        found = len(re.findall(pattern, text, re.MULTILINE))
        if not found or (found > 1 and not step.get("every")):
            raise MendError(f"mend {number} ({step.get('find') or step.get('pattern')!r}) occurs {found} times")
        if "pattern" in step:
            text = re.sub(pattern, step["to"], text, flags=re.MULTILINE)
        else:
            text = text.replace(step["find"], step["to"])
    return text


def mended_source(folder: Path) -> str:
    """The text of source.txt as original.txt and mends.yaml make it."""
    original = (folder / "original.txt").read_text("utf-8")
    mends = yaml.safe_load((folder / "mends.yaml").read_text("utf-8")) or []
    return mend(original, mends)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        source = mended_source(Path(name))
        (Path(name) / "source.txt").write_text(source, "utf-8")
        print(f"{name}: {len(source)} characters")
