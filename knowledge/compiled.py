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


def folders() -> list[Path]:
    """Where compiled files may be: beside the code, else in the user's cache."""
    cache = Path(
        os.environ.get("XDG_CACHE_HOME") or Path(os.environ.get("HOME") or tempfile.gettempdir()) / ".cache"
    )
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
