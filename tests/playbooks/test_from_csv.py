# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The manual's script for a spreadsheet reads what spreadsheets write, or says why not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "inventory.md").read_text(encoding="utf-8")
SCRIPT = PAGE.partition("```python\n# from_csv.py\n")[2].partition("```")[0]

PEOPLE = [{"number": "1101", "name": "Deniz Çelik", "groups": ["Satış", "Depo"]}, {"number": "0102"}]
LINES = ["number,name,groups", "1101,Deniz Çelik,Satış Depo", "0102,,"]


def convert(folder: Path, content: bytes) -> subprocess.CompletedProcess[str]:
    (folder / "people.csv").write_bytes(content)
    (folder / "host").mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, "people.csv", "host"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["Unix", "Windows"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_it_reads_what_excel_writes(tmp_path, separator, end, encoding):
    text = end.join(LINES).replace(",", separator) + end
    run = convert(tmp_path, text.encode(encoding))
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads((tmp_path / "host" / "extensions.json").read_text()) == {"pbx_extensions": PEOPLE}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n".join(LINES).encode("cp1254"), "people.csv is not UTF-8"),
        (
            b"Dahili,Ad\n1101,Deniz\n",
            "has to hold the names of options, 'number' among them, and is: Dahili,Ad",
        ),
        (b"", "has to hold the names of options"),
    ],
    ids=["another encoding", "names of its own", "nothing"],
)
def test_what_it_cannot_read_it_says(tmp_path, content, said):
    run = convert(tmp_path, content)
    assert run.returncode == 1
    assert said in run.stderr
    assert not (tmp_path / "host" / "extensions.json").exists()


@pytest.mark.parametrize("name", ["extensions.yml", "people.yaml", "people"])
def test_a_file_that_would_hide_it_is_named(tmp_path, name):
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / name).write_text("pbx_extensions: []\n")
    run = convert(tmp_path, "\n".join(LINES).encode())
    assert run.returncode == 1
    assert f"host/{name} has pbx_extensions too" in run.stderr


def test_a_vault_beside_it_is_nothing_to_it_and_it_can_be_run_again(tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "vault.yml").write_text("$ANSIBLE_VAULT;1.1;AES256\n3336\n")
    for _run in range(2):
        assert convert(tmp_path, "\n".join(LINES).encode()).returncode == 0
