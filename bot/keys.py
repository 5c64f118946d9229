"""The one secret of an installation, and keys derived from it for each purpose."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import StartupError
from bot.settings import Settings

KEY_FILE = "secret.key"


class Keys:
    """Gives a 32-byte key for a purpose, such as `keys.derive("people.phone")`; never shows the secret itself."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def derive(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=b"shangan", info=purpose.encode()).derive(self._secret)


def load_keys(settings: Settings) -> Keys:
    """The key of the settings, else of `secret.key` in the data folder, which is made once with mode 0600."""
    if settings.secret_key is not None:
        return Keys(settings.secret_key.get_secret_value())
    path = settings.data_dir / KEY_FILE
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return Keys(_read_or_make(path))
    except OSError as error:
        raise StartupError(f"{path}: cannot be read or made ({error.strerror})", exit_code=2) from None


def _read_or_make(path: Path) -> str:
    if not path.exists():
        # Made complete under another name and then linked: two processes that start at once agree on one key.
        draft = path.with_name(f"{KEY_FILE}.{secrets.token_hex(4)}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_urlsafe(48).encode())
            os.fsync(handle)
            with suppress(FileExistsError):  # the other process was quicker; its key counts
                os.link(draft, path)
        finally:
            os.close(handle)
            draft.unlink()
    secret = path.read_text(encoding="utf-8").strip()
    if len(secret) < 32:
        raise StartupError(f"{path}: must hold at least 32 characters", exit_code=2)
    return secret
