# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Of a host's files those are read that Asterisk reads, and no other, whoever may write where they are."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.adopted import adopted
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.asterisk_text import (
    ConfigurationError,
    read_configuration,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import adoption, host_files
from hypothesis import given
from hypothesis import strategies as st

NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root makes things of other users")
PHONE = "[1001]\ntype=endpoint\nauth=1001\naors=1001\n[1001]\ntype=auth\nusername=1001\npassword=x\n"


@pytest.fixture
def etc(tmp_path):
    """A folder with files by their names, and what is fetched of them."""

    class Etc:
        folder = tmp_path / "asterisk"

        def has(self, **texts: str) -> None:
            for name, text in texts.items():
                path = tmp_path / name
                path.parent.mkdir(exist_ok=True, parents=True)
                path.write_bytes(text.replace("HERE", str(tmp_path)).encode("latin-1"))

        def fetched(self) -> list[str]:
            return sorted(self.files().texts)

        def files(self) -> host_files.HostFiles:
            main = host_files.HostFiles(str(self.folder))
            return adoption.fetched(main, adoption.directory_of(main))

    etc = Etc()
    etc.folder.mkdir()
    return etc


INCLUDES = [
    pytest.param("", [], id="nothing"),
    pytest.param("#include a.conf", ["a.conf"], id="a file"),
    pytest.param("#tryinclude a.conf", ["a.conf"], id="one that may be missing"),
    pytest.param('#include "phones/*.conf"', ["phones/1.conf", "phones/2.conf"], id="a pattern"),
    pytest.param("#include phones/[!1].*", ["phones/2.conf"], id="a class"),
    pytest.param("#include {a,b}.conf", ["a.conf", "b.conf"], id="braces"),
    pytest.param("#include */1.conf", ["phones/1.conf"], id="a pattern of folders"),
    pytest.param("#include phones/.*", ["phones/.hidden.conf"], id="hidden files by their dot"),
    pytest.param("#include HERE/elsewhere/*.conf", ["HERE/elsewhere/x.conf"], id="elsewhere"),
    pytest.param("#include ../elsewhere/x.conf", ["HERE/elsewhere/x.conf"], id="beside it"),
    pytest.param("#include more.conf", ["a.conf", "more.conf"], id="what is included by one that is"),
    pytest.param("; #include a.conf\n;--\n#include b.conf\n--;", [], id="no comments"),
    pytest.param('#exec "touch HERE/was-run"', [], id="no programs"),
    pytest.param("#tryinclude phones", [], id="no folders"),
    pytest.param("#tryinclude pipe", [], id="nobody waits for a FIFO"),
    pytest.param("#include gone.conf\n#include a.conf", [], id="nothing behind what stops Asterisk"),
]


@pytest.mark.parametrize(("text", "read"), INCLUDES)
def test_what_is_included_is_fetched_and_nothing_else(etc, text, read):
    etc.has(**{
        "asterisk/pjsip.conf": text,
        "asterisk/a.conf": PHONE,
        "asterisk/b.conf": "",
        "asterisk/more.conf": "#include a.conf",
        "asterisk/phones/1.conf": "",
        "asterisk/phones/2.conf": "",
        "asterisk/phones/.hidden.conf": "",
        "asterisk/manager.conf": "[admin]\nsecret=not-to-be-fetched",
        "elsewhere/x.conf": "",
    })  # fmt: skip
    os.mkfifo(etc.folder / "pipe")
    here = str(etc.folder.parent)
    assert etc.fetched() == sorted(["pjsip.conf", *(name.replace("HERE", here) for name in read)])
    assert etc.files().problems == []
    assert not (etc.folder.parent / "was-run").exists()


def test_asterisk_says_where_its_files_are(etc):
    """The main file goes along under its name, because it says whether programs are run."""
    etc.has(**{
        "asterisk/asterisk.conf": "[directories]\nastetcdir => HERE/srv\n[options]\nexecincludes=yes\n",
        "asterisk/pjsip.conf": "[not-this]\n",
        "srv/pjsip.conf": PHONE + "#exec x\n",
    })  # fmt: skip
    files = etc.files()
    directory = files.directory
    assert directory == str(etc.folder.parent / "srv")
    assert sorted(files.texts) == ["asterisk.conf", "pjsip.conf"]
    found = adopted(files.texts, directory=directory)
    assert [each.options["number"] for each in found.extensions] == ["1001"]
    assert "runs a program" in found.problems[0].message


def test_a_template_of_the_main_file_says_nothing(etc):
    etc.has(**{"asterisk/asterisk.conf": "[directories](!)\nastetcdir => /srv\n", "asterisk/pjsip.conf": ""})
    assert etc.fetched() == ["asterisk.conf", "pjsip.conf"]


def test_what_is_no_text_is_kept_as_it_is(etc):
    etc.has(**{"asterisk/pjsip.conf": "[1001]\ncallerid=\xdc <1001>\n"})
    text = etc.files().texts["pjsip.conf"]
    assert text.encode("utf-8", "surrogateescape") == b"[1001]\ncallerid=\xdc <1001>\n"


@as_root
@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_link_of_another_user_is_told_and_not_followed(etc, which):
    etc.has(**{"asterisk/pjsip.conf": "#tryinclude theirs/x.conf\n#include theirs/*\n", "secret/x.conf": "s"})
    if which == "file":
        (etc.folder / "theirs").mkdir()
        link = etc.folder / "theirs" / "x.conf"
        link.symlink_to(etc.folder.parent / "secret" / "x.conf")
    else:
        link = etc.folder / "theirs"
        link.symlink_to(etc.folder.parent / "secret")
    os.lchown(link, NOBODY, NOBODY)
    files = etc.files()
    assert sorted(files.texts) == ["pjsip.conf"]
    assert files.problems
    assert all("a link that nobody has made is on the way: remove it" in p.message for p in files.problems)


@as_root
def test_a_link_of_root_is_followed(etc):
    etc.has(**{"asterisk/pjsip.conf": "#include x.conf\n", "secret/x.conf": PHONE})
    (etc.folder / "x.conf").symlink_to(etc.folder.parent / "secret" / "x.conf")
    assert etc.fetched() == ["pjsip.conf", "x.conf"]


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        pytest.param({"FILE_MAX_CHARACTERS": 100}, "is longer than 100 bytes", id="a long file"),
        pytest.param({"TEXT_MAX_CHARACTERS": 200}, "more than", id="all together"),
        pytest.param({"FILES_MAX": 3}, "more than 3 files", id="many files"),
        pytest.param({"NAMES_MAX": 3}, "has patterns for 3 names", id="many names"),
    ],
)
def test_there_is_a_limit_and_it_is_told(etc, monkeypatch, limit, said):
    etc.has(**{"asterisk/pjsip.conf": "#include */*.conf\n"})
    etc.has(**{f"asterisk/phones/{number}.conf": ";" * (number * 50) for number in range(4)})
    for name, most in limit.items():
        monkeypatch.setattr(host_files, name, most)
    assert said in " ".join(problem.message for problem in etc.files().problems)


NAMES = ("pjsip.conf", "a.conf", "b.conf", "phones/1.conf", "phones/2.conf", "phones/more/3.conf", ".x.conf")
PATTERNS = (
    *NAMES,
    "*.conf",
    "phones/*",
    "*/*.conf",
    "**/3.conf",
    "phones/../a.conf",
    "{a,b}.conf",
    "[ab].conf",
)
LINES = st.one_of(
    st.builds("#{} {}".format, st.sampled_from(["include", "tryinclude"]), st.sampled_from(PATTERNS)),
    st.sampled_from(["[a](!)", "[b](a)", "[a](+)", "x=1", "y=2", ";--", "--;", "; x", "#exec x"]),
)


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(LINES, max_size=3), min_size=1))
def test_what_is_fetched_says_the_same_as_all_files_do(files):
    """Nothing is missing of what Asterisk reads, or of the mistake at which it stops."""
    texts = {name: "\n".join(lines) for name, lines in files.items()}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        fetched = adoption.fetched(host_files.HostFiles(folder), folder)
    assert fetched.problems == []
    assert outcome(fetched.texts) == outcome(texts)


def outcome(texts):
    try:
        return read_configuration(texts, "pjsip.conf")
    except ConfigurationError as error:
        return str(error)
