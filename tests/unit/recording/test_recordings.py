# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The command voiceops-recordings as the role installs it, on files that are really there."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

REPOSITORY = FOLDER.parent
DAY = 86400
#: How many files a storage has in the large test, and how many numbers they are spread over.
MANY = 10_000
#: How often that run is killed.
KILLS = 8


def install(folder: Path) -> Path:
    """Put the files there that the role puts on a host, and no others."""
    variables = (REPOSITORY / "roles/pbx/vars/main/recording.yml").read_text(encoding="utf-8")
    listed = yaml.safe_load(variables)["__pbx_recording_program"]
    library = folder / "voiceops_recordings"
    for name in (item["path"].partition("}}/")[2] for item in listed):
        (library / name).parent.mkdir(parents=True, exist_ok=True)
        (library / name).symlink_to(REPOSITORY / "plugins/module_utils" / name)
    template = (REPOSITORY / "roles/pbx/templates/voiceops-recordings.j2").read_text(encoding="utf-8")
    program = folder / "voiceops-recordings"
    language = jinja2.Environment(autoescape=False)  # noqa: S701 # as Ansible's own
    language.filters["dirname"] = os.path.dirname
    program.write_text(language.from_string(template).render(__pbx_recording_library=str(library)))
    return program


@dataclass
class Storage:
    """A folder of recordings, and the command that looks after it."""

    program: Path
    top: Path
    settings: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("recordings", "log", "state"):
            (self.top / name).mkdir()
        self.folder = self.top / "recordings"
        (self.folder / ".storage").touch()

    def record(self, days: float, number: str = "1002", size: int = 100, unique: int = 1) -> str:
        """Make a recording of so many days ago; return its path below the folder."""
        began = time.time() - days * DAY
        path = time.strftime("%Y/%m/%d/%H%M%S", time.gmtime(began)) + f"-{unique}.1-{number}.wav"
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
        os.utime(file, (began, began))
        return path

    def command(self, *words: str) -> list[str]:
        file = self.top / "settings.json"
        places = {name: str(self.top / name) for name in ("log", "state")}
        settings = {"folder": str(self.folder), **places, **self.settings}
        file.write_text(json.dumps({"settings": settings}))
        return [sys.executable, "-IB", str(self.program), "--settings", str(file), *words]

    def run(self, *words: str, status: int = 0) -> str:
        done = subprocess.run(self.command(*words), check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done
        return done.stdout + done.stderr

    def there(self) -> set[str]:
        # Not by pathlib, which would make an object of each of ten thousand files, each time.
        files = (
            f"{folder}/{name}"
            for folder, _folders, names in os.walk(self.folder)
            for name in names
            if name.endswith(".wav")
        )
        return {file[len(f"{self.folder}/") :] for file in files if not os.path.islink(file)}

    def log(self) -> list[dict[str, object]]:
        lines = [
            line for file in sorted((self.top / "log").iterdir()) for line in file.read_text().splitlines()
        ]
        return [json.loads(line) for line in lines if line.endswith("}")]

    def state(self) -> dict[str, object]:
        return dict(json.loads((self.top / "state" / "state.json").read_text()))


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    place = tmp_path / "installed"
    place.mkdir()
    top = tmp_path / "host"
    top.mkdir()
    return Storage(install(place), top, {"keep_days": 30})


def fill(storage: Storage) -> tuple[set[str], set[str], set[str]]:
    """Make many recordings; return those that are young, those that are due, and those on hold."""
    chance = random.Random(7919)
    young, due, held = set(), set(), set()
    for unique in range(MANY):
        days = chance.choice([chance.uniform(0, 29), chance.uniform(31, 1000)])
        number = chance.choice(["1001", "1002", "1003"])
        path = storage.record(days, number, chance.choice([44, 200, 5000]), unique)
        (young if days < 30 else held if number == "1003" else due).add(path)
    storage.settings["holds"] = [{"name": "Case 7", "number": "1003"}]
    return young, due, held


def wait_for_more(storage: Storage, run: subprocess.Popen[bytes], size: int) -> None:
    """Wait until the log is so many bytes longer, or the run has ended."""

    def logged() -> int:
        return sum(file.stat().st_size for file in (storage.top / "log").iterdir())

    before = logged()
    give_up = time.monotonic() + 60
    while run.poll() is None and logged() < before + size:
        assert time.monotonic() < give_up, "nothing is removed"
        # A few files go meanwhile. Without a pause, to look would take more of the processor than the run.
        time.sleep(0.002)


def test_of_ten_thousand_files_the_right_ones_go_also_when_it_is_killed_again_and_again(
    storage: Storage,
) -> None:
    young, due, held = fill(storage)
    assert len(young | due | held) == MANY
    assert min(map(len, (young, due, held))) > MANY // 10
    promised = storage.run("retain", "--dry-run").splitlines()
    assert {line.split()[2] for line in promised if line.startswith("would remove ")} == due
    assert len(storage.there()) == MANY
    assert storage.log() == []
    killed = 0
    for _kill in range(KILLS):
        run = subprocess.Popen(storage.command("retain"), stdout=subprocess.DEVNULL)
        wait_for_more(storage, run, random.randrange(1, 40_000))
        run.kill()
        killed += run.wait() == -signal.SIGKILL
        # Nothing is gone that is not in the log.
        assert due - storage.there() <= {entry["file"] for entry in storage.log()}
    # On a busy machine a run may have ended before it is killed, but not most of them.
    assert killed > KILLS // 2
    storage.run("retain")
    assert storage.there() == young | held
    entries = storage.log()
    assert {entry["file"] for entry in entries} == due
    once = [entry["file"] for entry in entries if "again" not in entry]
    assert len(once) == len(due), "each is logged once; whatever is more says so"
    assert {entry["why"] for entry in entries} == {"older than 30 days"}
    state = storage.state()
    assert (state["files"], state["problems"]) == (len(young | held), [])
    assert state["oldest"] == time.strftime(
        "%Y-%m-%dT%H:%M:%SZ", time.strptime(min(young | held)[:17], "%Y/%m/%d/%H%M%S")
    )
    # The next run finds nothing to do.
    assert "0 recordings, 0 bytes removed" in storage.run("retain")
    assert len(storage.log()) == len(entries)


def test_what_was_removed_and_why_is_said(storage: Storage) -> None:
    old = storage.record(45.5, size=3000)
    assert f"removed {old} (2.9 KiB, 45 days old): older than 30 days" in storage.run("retain")
    (entry,) = storage.log()
    assert {key: entry[key] for key in ("file", "size", "age_days", "why")} == {
        "file": old,
        "size": 3000,
        "age_days": 45,
        "why": "older than 30 days",
    }
    assert "last retention: 20" in storage.run("status")


def test_what_is_no_recording_of_ours_is_left_alone(storage: Storage) -> None:
    outside = storage.top / "outside"
    (outside / "01").mkdir(parents=True)
    others = [outside / "01" / "000000-1.1-1002.wav", storage.folder / "2020" / "notes.txt"]
    (storage.folder / "2020" / "02" / "02").mkdir(parents=True)
    others.append(storage.folder / "2020/02/02/000000-1.1-1002.wav.part")
    for file in others:
        file.write_text("x")
        os.utime(file, (1, 1))
    # Folders and files that lead out of the storage.
    (storage.folder / "2020" / "01").symlink_to(outside)
    (storage.folder / "2020" / "03").symlink_to("/")
    link = storage.folder / "2020/02/02/000001-1.1-1002.wav"
    link.symlink_to(others[0])
    (storage.folder / "2020/02/02/000002-1.1-1002.wav").mkdir()
    storage.run("retain")
    assert all(file.read_text() == "x" for file in others)
    assert link.is_symlink()
    assert storage.log() == []


def test_folders_of_days_that_are_over_go_when_they_are_empty(storage: Storage) -> None:
    storage.record(400)
    kept = storage.record(10)
    for days in (0, 1, 90):
        day = time.strftime("%Y/%m/%d", time.gmtime(time.time() - days * DAY))
        (storage.folder / day).mkdir(parents=True, exist_ok=True)
    storage.run("retain")
    days = {"/".join(path.relative_to(storage.folder).parts) for path in storage.folder.glob("*/*/*")}
    today, yesterday = (time.strftime("%Y/%m/%d", time.gmtime(time.time() - n * DAY)) for n in (0, 1))
    assert days == {today, yesterday, kept[:10]}
    assert time.strftime("%Y", time.gmtime(time.time() - 400 * DAY)) not in os.listdir(storage.folder)


@pytest.mark.parametrize("wrong", [{"holds": [{"name": "x"}]}, {"keep_days": "x"}, {"unknown": 1}])
def test_with_settings_that_are_wrong_nothing_goes(storage: Storage, wrong: dict[str, object]) -> None:
    old = storage.record(400)
    storage.settings.update(wrong)
    assert "nothing is removed" in storage.run("retain", status=2)
    assert storage.there() == {old}


def test_without_its_mark_the_storage_is_left_alone(storage: Storage) -> None:
    old = storage.record(400)
    (storage.folder / ".storage").unlink()
    assert "nothing is removed" in storage.run("retain", status=3)
    assert storage.there() == {old}
    assert "is not there: the storage is not mounted" in str(storage.state()["problems"])


def test_what_should_be_mounted_and_is_not_is_left_alone(storage: Storage) -> None:
    old = storage.record(400)
    storage.settings["device"] = "/dev/nothing"
    assert "where /dev/nothing should be" in storage.run("retain", status=3)
    assert storage.there() == {old}


def test_two_at_once_exclude_each_other(storage: Storage) -> None:
    old = storage.record(400)
    with (storage.top / "state" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another run is in progress" in storage.run("retain", status=75)
        assert storage.there() == {old}
        # Looking does no harm.
        assert f"would remove {old}" in storage.run("retain", "--dry-run")
    storage.run("retain")
    assert storage.there() == set()


def test_what_cannot_be_logged_stays(storage: Storage) -> None:
    old = storage.record(400)
    month = time.strftime("recordings-removed-%Y-%m.jsonl", time.gmtime())
    (storage.top / "log" / month).symlink_to(storage.top / "elsewhere")
    assert "nothing is removed, because of the log" in storage.run("retain", status=3)
    assert storage.there() == {old}
    assert not (storage.top / "elsewhere").exists()


def test_a_line_that_was_cut_off_harms_no_other(storage: Storage) -> None:
    storage.record(400)
    log = storage.top / "log" / time.strftime("recordings-removed-%Y-%m.jsonl", time.gmtime())
    log.write_text('{"file": "2020/0')
    storage.run("retain")
    first, second = log.read_text().splitlines()
    assert first == '{"file": "2020/0'
    assert json.loads(second)["why"] == "older than 30 days"


def archive(storage: Storage, script: str) -> None:
    storage.settings["archive_command"] = ["/bin/sh", "-c", script, "archive"]


def test_each_is_logged_once_although_a_line_of_the_second_try_was_cut_off(storage: Storage) -> None:
    month = storage.top / "log" / time.strftime("recordings-removed-%Y-%m.jsonl", time.gmtime())
    old = [storage.record(400, unique=unique) for unique in range(100)]
    # A run was ended before anything had gone, and the next one while it wrote.
    first = [json.dumps({"file": path}) + "\n" for path in old]
    second = [json.dumps({"file": path, "again": True}) + "\n" for path in old]
    month.write_text("".join([*first, *second[:50], second[50][:20]]), encoding="utf-8")
    storage.run("retain")
    assert storage.there() == set()
    assert [entry["file"] for entry in storage.log() if "again" not in entry] == old


def test_the_archive_gets_each_recording_before_it_goes(storage: Storage) -> None:
    old = [storage.record(400, size=size, unique=size) for size in (10, 20)]
    shelf = storage.top / "shelf"
    shelf.mkdir()
    archive(storage, f'cp "$1" {shelf}/')
    storage.run("retain")
    assert {file.name: file.stat().st_size for file in shelf.iterdir()} == {
        old[0].rpartition("/")[2]: 10,
        old[1].rpartition("/")[2]: 20,
    }
    assert storage.there() == set()
    assert [entry["archived"] for entry in storage.log()] == [True, True]


def test_what_the_archive_does_not_take_stays(storage: Storage) -> None:
    old = {storage.record(400, unique=unique) for unique in range(6)}
    asked = storage.top / "asked"
    archive(storage, f'echo "$1" >> {asked}; echo the tape is full >&2; exit 7')
    said = storage.run("retain", status=3)
    assert "exit status 7: the tape is full" in said
    assert storage.there() == old
    assert storage.log() == []
    assert len(asked.read_text().splitlines()) == 3, "after three failures it is left alone"
    assert "the archive did not take it" in str(storage.state()["problems"])


def test_no_file_name_means_anything_to_the_archive(storage: Storage) -> None:
    storage.record(400)
    storage.settings["archive_command"] = ["/no/such/program"]
    assert "/no/such/program: No such file" in storage.run("retain", status=3)


def test_an_archive_that_never_ends_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    place = tmp_path / "installed"
    place.mkdir()
    install(place)
    begun = tmp_path / "begun"
    script = f"sleep 60 & echo $! > {begun}; wait"
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r});"
        "from voiceops_recordings.recording import removal;"
        f"print(removal.run_archive(['/bin/sh', '-c', {script!r}], 1.0))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=30
    ).stdout
    assert said == "it did not end within 1 s\n"
    child = Path("/proc", begun.read_text().strip(), "stat")
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] in "ZX"
