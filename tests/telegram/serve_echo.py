"""One process of the kill tests: `python -m tests.telegram.serve_echo URL TOKEN FOLDER [STEP NUMBER [DATABASE]]`.

With a step it kills itself the NUMBERth time that the work passes that step.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from bot.settings import Settings
from tests.telegram.serving import serving


def die_at(step: str, number: int) -> Callable[[str], None]:
    left = number

    def probe(passed: str) -> None:
        nonlocal left
        left -= passed == step
        if passed == step and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return probe


async def main(url: str, token: str, folder: str, step: str = "", number: str = "1", database: str = "") -> None:
    settings = Settings(
        data_dir=Path(folder),
        telegram_base_url=url,
        telegram_token=SecretStr(token),
        database_url=SecretStr(database),
    )
    async with serving(settings, probe=die_at(step, int(number))):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
