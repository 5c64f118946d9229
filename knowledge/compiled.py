"""Keeps trained classifiers in files, so that a cold start does not learn them anew.

A file is named by a digest of its asks and of the code's constants: a changed policy is never answered from an
old file. Where no folder can be written, everything still works, only the first answer waits.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge.matcher import Arrays, Classifier, Example, digest, train

KEPT = 40
"""Files kept in a folder; the oldest go first."""
KEPT_SMALL = 4000


def folders() -> list[Path]:
    """Where compiled files may be: beside the code, else in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or tempfile.gettempdir()) / ".cache")
    return [Path(__file__).parent / "_compiled", cache / "shangan"]


def classifier_for(examples: Sequence[Example]) -> Classifier:
    """The classifier of these examples: read from its file, or trained and kept."""
    name = f"{digest(examples)}.npz"
    for folder in folders():
        try:
            with np.load(folder / name, allow_pickle=False) as model:
                return Classifier({key: model[key] for key in model.files})
        except (OSError, ValueError, KeyError, EOFError):
            continue  # not there, or cut off by a crash: made again below
    model = train(examples)
    for folder in folders():
        if keep(folder, name, model):
            break
    return Classifier(model)


def kept_bytes(kind: str, name: str) -> bytes | None:
    """A small file kept before; None if there is none."""
    for folder in folders():
        try:
            return (folder / kind / name).read_bytes()
        except OSError:
            continue
    return None


def keep_bytes(kind: str, name: str, data: bytes) -> None:
    """Keep a small file in the first folder that can be written; none is no fault."""
    for folder in folders():
        try:
            (folder / kind).mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder / kind, suffix=".part", delete=False) as part:
                part.write(data)
            Path(part.name).replace(folder / kind / name)
            there = list((folder / kind).iterdir())
            if len(there) > KEPT_SMALL:
                for old in sorted(there, key=lambda path: path.stat().st_mtime)[: KEPT_SMALL // 2]:
                    old.unlink(missing_ok=True)
        except OSError:
            continue
        return


def keep(folder: Path, name: str, model: Arrays) -> bool:
    """Write a file whole or not at all; False where the folder cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as part:
            np.savez(part, allow_pickle=False, **model)
        Path(part.name).replace(folder / name)
        for old in sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return False
    return True
