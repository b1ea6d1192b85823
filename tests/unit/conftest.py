# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Makes the collection importable, sets how hard Hypothesis tries, gives databases and plays Asterisk."""

from __future__ import annotations

import contextlib
import importlib
import os
import pkgutil
import socket
import sys
import threading
import typing as t
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import settings

PLUGINS = "ansible_collections.voiceops.asterisk.plugins"
UNDER_ANSIBLE_TEST = any(name.startswith("ANSIBLE_TEST_") for name in os.environ)

settings.register_profile("unit", deadline=None, max_examples=40, print_blob=True)
# Under ansible-test it is about other releases of Ansible and of Python, not about the search for examples.
settings.register_profile("ansible-test", deadline=None, max_examples=8, print_blob=True)
settings.load_profile("ansible-test" if UNDER_ANSIBLE_TEST else "unit")


def pytest_configure(config: pytest.Config) -> None:
    # pytest-cov's own, which ansible-test lacks. To follow each line of a test with thousands of examples
    # takes longer than the test; branches are counted where they are tried one by one.
    config.addinivalue_line("markers", "no_cover: disable coverage for this test.")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Import what tests import while they run: ansible-test has a fork for each, which begins from here."""
    if not UNDER_ANSIBLE_TEST or session.config.option.collectonly:
        return
    for folder in ("module_utils", "modules"):
        package = importlib.import_module(f"{PLUGINS}.{folder}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)


def _collection_is_importable() -> bool:
    try:
        return find_spec("ansible_collections.voiceops.asterisk") is not None
    except ModuleNotFoundError:
        return False


if not _collection_is_importable():  # under ansible-test it is
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".venv" / "collections"))

BANNER = b"Asterisk Call Manager/9.0.0\r\n"

#: What is expected and what is answered: the action's name, and the bytes, where {id} is its ActionID.
Exchange = tuple[str, str]


class ScriptedAsterisk:
    """A manager interface on loopback that follows a script and remembers what it was asked.

    When the script is over it closes the connection, or with ``stalls`` says nothing until
    the client has gone.
    """

    def __init__(
        self,
        exchanges: t.Sequence[Exchange],
        banner: bytes = BANNER,
        stalls: bool = False,
        login: bool = True,
    ) -> None:
        success = ("Login", "Response: Success\r\nActionID: {id}\r\nMessage: Authentication accepted\r\n\r\n")
        challenge = ("Challenge", "Response: Success\r\nActionID: {id}\r\nChallenge: 4711\r\n\r\n")
        self._exchanges = [challenge, *([success] if login else []), *exchanges]
        self._banner = banner
        self._stalls = stalls
        # Several actions may come at once.
        self._unread = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port: int = self._listener.getsockname()[1]
        #: What it was asked to challenge, and every other action that arrived, as fields.
        self.challenged: list[dict[str, str]] = []
        self.received: list[dict[str, str]] = []
        self._thread = threading.Thread(target=self._play, daemon=True)
        self._thread.start()

    def asked(self, name: str) -> list[dict[str, str]]:
        """Return the actions of this name that arrived."""
        return [action for action in self.received if action["Action"] == name]

    def finish(self) -> None:
        self._thread.join(10)
        self._listener.close()

    def _play(self) -> None:
        with contextlib.suppress(OSError), self._listener.accept()[0] as client:
            client.settimeout(10)
            client.sendall(self._banner)
            for expected, reply in self._exchanges:
                action = self._next_action(client)
                if action is None:
                    return
                if action["Action"] == "Challenge":
                    self.challenged.append(action)
                else:
                    self.received.append(action)
                if action["Action"] != expected:
                    answer = f"Response: Error\r\nActionID: {{id}}\r\nMessage: expected {expected}\r\n\r\n"
                else:
                    answer = reply
                client.sendall(answer.replace("{id}", action["ActionID"]).encode())
            if self._stalls:
                client.recv(1)

    def _next_action(self, client: socket.socket) -> dict[str, str] | None:
        while b"\r\n\r\n" not in self._unread:
            more = client.recv(65536)
            if not more:
                return None
            self._unread += more
        action, _end, self._unread = self._unread.partition(b"\r\n\r\n")
        return dict(line.split(": ", 1) for line in action.decode().split("\r\n"))


@pytest.fixture(scope="session")
def scripted_asterisk() -> t.Callable[..., contextlib.AbstractContextManager[ScriptedAsterisk]]:
    """A function: ``with scripted_asterisk(("Ping", "Response: ...")) as asterisk: ... asterisk.port``."""

    @contextlib.contextmanager
    def play(*exchanges: Exchange, **options: t.Any) -> t.Iterator[ScriptedAsterisk]:
        asterisk = ScriptedAsterisk(exchanges, **options)
        try:
            yield asterisk
        finally:
            asterisk.finish()

    return play


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A new, empty directory database."""
    return _new_database(tmp_path)


@pytest.fixture(scope="module")
def shared_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A directory database for the examples of a property, which are many."""
    return _new_database(tmp_path_factory.mktemp("store"))


def _new_database(folder: Path) -> str:
    from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store  # noqa: PLC0415

    database = str(folder / "directory.sqlite3")
    store.create(database, os.getgid())
    return database
