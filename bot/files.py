"""Files that people send and staff look at: what a channel and the service that keeps them tell each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Fetch = Callable[[str], Awaitable[bytes]]
"""A channel's own id of a file -> its content. Raises FileTooLarge; any other exception is tried again."""


class FileTooLarge(Exception):
    """It is larger than the channel lets us have."""


@dataclass(frozen=True)
class StoredFile:
    """A file that we keep."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


ReadFile = Callable[[str], Awaitable[StoredFile | None]]
"""What `Shown.file` names -> the file; None if it is not there any more."""
