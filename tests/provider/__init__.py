"""A certified OpenID provider (Node's oidc-provider) as a process on this machine, and browsers that sign in there."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

from bench.node import NODE, workshop
from bench.processes import free_port

FOLDER = Path(__file__).parent
BACK, APP = "https://app.example/back", "com.example.app:/back"
CLIENT, SECRET = "salesloop", "a secret: with % and + in it"
MOST_PAGES = 12
LEAVE_SECONDS = 10


@dataclass
class RealProvider:
    """The provider: its process, and what it calls itself."""

    issuer: str
    process: "subprocess.Popen[str]"

    def rotate(self) -> None:
        """From now on it signs with other keys, and tells of no former ones."""
        self._do(rotate=True)

    def know(self, subject: str, **claims: Any) -> None:
        """From now on it knows somebody."""
        self._do(account=subject, claims=claims)

    async def sign_in(self, url: str, subject: str) -> dict[str, str]:
        """Somebody signs in by a browser of their own; gives what they are sent back with."""
        async with httpx.AsyncClient() as browser:
            answer = await browser.get(url)
            for _ in range(MOST_PAGES):
                if answer.is_redirect:
                    place = urljoin(str(answer.url), answer.headers["location"])
                    if place.startswith((BACK, APP)):
                        return dict(parse_qsl(urlsplit(place).query))
                    answer = await browser.get(place)
                    continue
                assert answer.status_code == 200, answer.text
                form = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert form, answer.text
                assert prompt, answer.text
                given = {"prompt": prompt[1], "login": subject, "password": "any"}
                answer = await browser.post(urljoin(str(answer.url), form[1]), data=given)
        raise AssertionError("the provider sends from page to page, and never back")

    def hear(self, word: str) -> None:
        """It says the word; what it warns of besides is passed over."""
        assert self.process.stdout
        while (line := self.process.stdout.readline()) != f"{word}\n":
            assert line, "the provider has ended"

    def _do(self, **order: Any) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        self.hear("done")


@contextmanager
def real_provider() -> Iterator[RealProvider]:
    """One that runs for the length of the block."""
    port = free_port()
    with workshop(FOLDER) as place:
        environment = {**os.environ, "PORT": str(port), "REDIRECTS": json.dumps([BACK, APP]), "NODE_NO_WARNINGS": "1"}
        with subprocess.Popen(
            [NODE, "provider.mjs"],
            cwd=place,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                running = RealProvider(f"http://127.0.0.1:{port}", process)
                running.hear("ready")
                yield running
            finally:
                process.terminate()
                process.wait(LEAVE_SECONDS)
