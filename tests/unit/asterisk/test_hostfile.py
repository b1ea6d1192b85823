# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Files of configuration take the place of what others have written, and give it back as it was."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import hostfile
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.hostfile import (
    FOREIGN,
    OF_A_PACKAGE,
    OURS,
    Wanted,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import files as module_files
from hypothesis import given
from hypothesis import strategies as st

MARK = "; Written by the role voiceops.asterisk.pbx: changes made here are lost.\n"
THEIRS = "[1001]\ntype = endpoint\n[1001]\ntype=auth\n\n[transport-udp]\ntype => transport\n"


@pytest.fixture
def host(tmp_path, monkeypatch):
    """A host's folder of configuration, and the place where the texts of others are kept."""
    monkeypatch.setattr(hostfile, "is_pristine", lambda path, _text: path.endswith("sample.conf"))
    (tmp_path / "etc").mkdir()
    return SimpleNamespace(etc=tmp_path / "etc", kept=str(tmp_path / "kept"))


def settle(host, *wanted):
    """Do what has to be done, and return the paths that were changed."""
    found = {each.path: file for each in wanted if (file := hostfile.look_at_for(each)) is not None}
    kept = {each.path: hostfile.look_at_kept(each.path, host.kept) for each in wanted}
    steps = hostfile.steps(wanted, found, kept)
    for step in steps:
        hostfile.take(step, host.kept)
    return [step.wanted.path for step in steps]


@pytest.mark.parametrize(
    ("text", "pristine", "whose"),
    [
        (MARK, False, OURS),
        ("# Written by voiceops.asterisk.pbx_trunk: changes made here are lost.\n", False, OURS),
        ("\n\n\n\n" + MARK, False, OURS),
        ("[general]\n\n\n\n\n" + MARK, False, FOREIGN),
        (THEIRS, True, OF_A_PACKAGE),
        (THEIRS, False, FOREIGN),
        ("", False, FOREIGN),
    ],
)
def test_whose_text_it_is(text, pristine, whose):
    assert hostfile.origin(text, lambda: pristine) == whose


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (THEIRS, "x.conf (7 lines: 1 auth, 1 endpoint, 1 transport)"),
        ("[general]\n[default]\nexten => 1,1,Hangup()\n", "x.conf (3 lines: 1 section)"),
        ("".join(f"[{n}]\n" for n in "abcdefg"), "x.conf (7 lines: 7 sections)"),
        ("type = endpoint\ntype = hunter-two\n", "x.conf (2 lines: 1 endpoint, 1 other)"),
        ("; nothing\n", "x.conf (1 lines: no section)"),
    ],
)
def test_what_somebody_has_written_in_a_few_words(text, said):
    assert hostfile.described("x.conf", text) == said


@pytest.mark.parametrize("name", ["pjsip.conf", "sample.conf"])
def test_what_was_there_before_is_kept_once_and_comes_back_as_it_was(host, name):
    file = host.etc / name
    file.write_text(THEIRS)
    file.chmod(0o604)
    os.utime(file, ns=(5, 7))
    first, second = (Wanted(str(file), MARK + text) for text in ("a\n", "b\n"))
    assert settle(host, first) == settle(host, second) == [str(file)]
    assert settle(host, second) == []
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (MARK + "b\n", 0o640)
    # Only root gets near it.
    assert stat.S_IMODE(os.stat(host.kept).st_mode) == 0o700
    assert settle(host, Wanted(str(file), None)) == [str(file)]
    back = file.stat()
    assert (file.read_text(), stat.S_IMODE(back.st_mode), back.st_mtime_ns) == (THEIRS, 0o604, 7)
    assert not os.path.exists(host.kept)
    assert settle(host, Wanted(str(file), None)) == []


def test_a_link_is_kept_as_the_link_that_it_is(host):
    target, link = host.etc / "target.conf", host.etc / "pjsip.conf"
    target.write_text(THEIRS)
    link.symlink_to("target.conf")
    settle(host, Wanted(str(link), MARK))
    assert (link.is_symlink(), target.read_text()) == (False, THEIRS)
    settle(host, Wanted(str(link), None))
    assert os.readlink(link) == "target.conf"


def test_a_file_that_was_not_there_is_gone_afterwards(host):
    file = host.etc / "deeper" / "new.conf"
    settle(host, Wanted(str(file), MARK))
    assert settle(host, Wanted(str(file), None)) == [str(file)]
    assert os.listdir(file.parent) == []


def test_what_somebody_has_put_in_its_place_since_is_left_alone(host):
    file = host.etc / "pjsip.conf"
    settle(host, Wanted(str(file), MARK))
    file.write_text(THEIRS)
    assert settle(host, Wanted(str(file), None)) == []
    assert file.read_text() == THEIRS


@pytest.mark.parametrize("name", ["pjsip.conf", "sample.conf"])
@pytest.mark.parametrize(
    ("texts", "kept_later"),
    [
        ([THEIRS, "later\n"], ["later\n"]),
        ([THEIRS, "later\n", "later still\n"], ["later\n", "later still\n"]),
        # The same again is there already, and who has emptied a file has written nothing.
        ([THEIRS, "later\n", THEIRS, "later\n"], ["later\n"]),
        ([THEIRS, "", "\n"], []),
    ],
)
def test_the_oldest_comes_back_and_what_somebody_writes_later_is_kept_beside_it(
    host, name, texts, kept_later, monkeypatch
):
    file = host.etc / name
    monkeypatch.setattr(hostfile, "is_pristine", lambda path, text: "sample" in path and text == THEIRS)
    for text in texts:
        file.write_text(text)
        settle(host, Wanted(str(file), MARK))
    settle(host, Wanted(str(file), None))
    assert file.read_text() == THEIRS
    kept = hostfile.kept_at(str(file), host.kept)
    places = [f"{kept}.{number + 2}" for number in range(len(kept_later))]
    assert [Path(place).read_text() for place in places] == kept_later
    assert not os.path.exists(f"{kept}.{len(places) + 2}")


TEXTS = st.sampled_from([MARK, MARK + "a\n", THEIRS, "", "other\n"])


@given(before=st.none() | TEXTS, written=st.lists(st.sampled_from([MARK, MARK + "a\n"]), max_size=4))
def test_whatever_is_written_in_between_the_first_text_comes_back(tmp_path_factory, before, written):
    folder = tmp_path_factory.mktemp("host")
    host = SimpleNamespace(kept=str(folder / "kept"))
    file = folder / "x.conf"
    if before is not None:
        file.write_text(before)
    for text in written:
        settle(host, Wanted(str(file), text))
        assert settle(host, Wanted(str(file), text)) == []
    settle(host, Wanted(str(file), None))
    # Our text that was there is what an earlier run has left.
    gone = before is None or before.startswith(MARK)
    assert (file.read_text() if file.exists() else None) == (None if gone else before)


# --- the module ------------------------------------------------------------------------------


class LeftError(Exception):
    """Raised in the place of the module's end."""


def run(monkeypatch, host, *, check=False, absent=(), verbosity=1, **files):
    """Run the module with these files of the host, by name with dots for underscores; return its result."""
    defaults = {"content": MARK, "mode": "0640", "group": "root", "secret": False, "adopt": True}
    warnings = []
    module = SimpleNamespace(
        params={
            "files": [
                {"path": str(host.etc / name.replace("_", ".")), **defaults, **options}
                for name, options in files.items()
            ],
            "absent": [str(host.etc / name) for name in absent],
            "kept_folder": host.kept,
        },
        check_mode=check,
        _diff=True,
        _verbosity=verbosity,
        warn=warnings.append,
    )

    def leave(_module, *message, **result):
        raise LeftError({"msg": "".join(str(each) for each in message), **result})

    monkeypatch.setattr(module_files, "start", lambda _spec: module)
    for name in ("end", "failed", "refused"):
        monkeypatch.setattr(module_files, name, leave)
    with pytest.raises(LeftError) as left:
        module_files.run()
    return {**left.value.args[0], "warnings": warnings}


def test_check_mode_promises_what_the_run_does(monkeypatch, host):
    (host.etc / "rtp.conf").write_text("[general]\n")
    asked = {"rtp_conf": {}, "new_conf": {"secret": True}}
    promised = run(monkeypatch, host, check=True, **asked)
    assert sorted(os.listdir(host.etc)) == ["rtp.conf"]
    done = run(monkeypatch, host, **asked)
    assert done == promised
    assert done["changed"]
    assert done["kept"] == [str(host.etc / "rtp.conf")]
    assert "it is kept as" in done["warnings"][0]
    again = run(monkeypatch, host, **asked)
    assert (again["changed"], again["written"], again["kept"], again["warnings"]) == (False, [], [], [])


def test_the_diff_shows_each_file_but_no_secret(monkeypatch, host):
    done = run(monkeypatch, host, rtp_conf={}, prometheus_conf={"content": MARK + "hush\n", "secret": True})
    shown, hidden = done["diff"]
    assert (shown["before"], shown["after"]) == ("", MARK)
    assert "hush" not in str(done)
    assert "prometheus.conf: not shown" in hidden["prepared"]


def test_a_new_file_is_named_with_its_length_and_a_changed_one_is_shown(monkeypatch, host):
    new = run(monkeypatch, host, verbosity=0, rtp_conf={"content": MARK + "a\nb\n"})
    assert [each["prepared"] for each in new["diff"]] == [
        f"{host.etc}/rtp.conf: new, 3 lines\n",
        "-v shows what is in new files\n",
    ]
    changed = run(monkeypatch, host, verbosity=0, rtp_conf={"content": MARK + "a\n"})
    assert changes(changed) == [(MARK + "a\nb\n", MARK + "a\n")]


HUSH = "password = hush-hush-1\n"


def changes(run):
    return [(each["before"], each["after"]) for each in run["diff"]]


def test_what_this_collection_has_written_is_shown_when_it_changes_and_when_it_goes(monkeypatch, host):
    run(monkeypatch, host, rtp_conf={})
    changed = run(monkeypatch, host, rtp_conf={"content": MARK + "a\n"})
    assert changes(changed) == [(MARK, MARK + "a\n")]
    assert changes(run(monkeypatch, host, absent=["rtp.conf"])) == [(MARK + "a\n", "")]
    assert not os.path.exists(host.kept)


@pytest.mark.parametrize("check", [True, False])
def test_what_somebody_else_has_written_is_shown_neither_when_it_goes_nor_when_it_comes_back(
    monkeypatch, host, check
):
    (host.etc / "rtp.conf").write_text(HUSH)
    replaced = run(monkeypatch, host, rtp_conf={}, check=check)
    ((before, after),) = changes(replaced)
    assert "(1 line that may hold a secret: not shown; kept as " in before
    assert after == MARK
    run(monkeypatch, host, rtp_conf={})
    gone = run(monkeypatch, host, absent=["rtp.conf"], check=check)
    ((before, after),) = changes(gone)
    assert before == MARK
    assert "what was there before" in after
    assert "hush-hush" not in str(replaced) + str(gone)


@pytest.mark.parametrize(
    "next_run", [{"rtp_conf": {}}, {"rtp_conf": {"secret": True}}, {"absent": ["rtp.conf"]}]
)
def test_what_somebody_has_added_to_a_text_of_ours_is_not_shown(monkeypatch, host, next_run):
    run(monkeypatch, host, rtp_conf={})
    (host.etc / "rtp.conf").write_text(MARK + HUSH)
    told = run(monkeypatch, host, **next_run)
    assert told["changed"]
    assert "hush-hush" not in str(told)


def test_a_file_with_a_secret_is_not_shown_when_it_goes(monkeypatch, host):
    run(monkeypatch, host, ami_conf={"content": MARK + HUSH, "secret": True})
    (host.etc / "made-by-a-task.conf").write_text(MARK + HUSH)
    gone = run(monkeypatch, host, absent=["ami.conf", "made-by-a-task.conf"])
    assert len(gone["removed"]) == 2
    assert "hush-hush" not in str(gone)


def test_a_host_that_an_older_release_has_written_shows_its_texts_from_the_second_run_on(monkeypatch, host):
    for name in ("rtp.conf", "cdr.conf"):
        (host.etc / name).write_text(MARK)
        (host.etc / name).chmod(0o640)
    asked = {"rtp_conf": {}, "cdr_conf": {"content": MARK + "a\n"}}
    ((before, after),) = changes(run(monkeypatch, host, **asked))
    assert ("not shown" in before, after) == (True, MARK + "a\n")
    again = run(monkeypatch, host, rtp_conf={"content": MARK + "b\n"})
    assert changes(again) == [(MARK, MARK + "b\n")]


def test_of_a_file_that_somebody_has_removed_nothing_stays_noted(monkeypatch, host):
    run(monkeypatch, host, rtp_conf={}, cdr_conf={})
    (host.etc / "cdr.conf").unlink()
    run(monkeypatch, host, absent=["rtp.conf"])
    assert not os.path.exists(host.kept)


def test_a_note_that_somebody_has_damaged_is_none(monkeypatch, host):
    run(monkeypatch, host, rtp_conf={})
    note = os.path.join(host.kept, "shown")
    assert stat.S_IMODE(os.stat(note).st_mode) == 0o600
    for damage in ("{", "[]", ""):
        with open(note, "w", encoding="utf-8") as file:
            file.write(damage)
        told = run(monkeypatch, host, rtp_conf={"content": MARK + damage})
        assert all("not shown" in before for before, _after in changes(told))


@pytest.mark.parametrize("option", ["mode", "path", "group"])
def test_a_wrong_option_that_stands_in_a_secret_text_is_not_repeated(monkeypatch, host, option):
    secret = {"content": MARK + HUSH, "secret": True, option: "hush-hush-1"}
    told = run(monkeypatch, host, rtp_conf={}, ami_conf=secret)
    assert "hush-hush" not in str(told)
    assert f"files[1].{option}: " in told["msg"]
    assert "********" in told["msg"]


def test_what_nobody_has_given_up_is_not_replaced_nor_anything_else(monkeypatch, host):
    (host.etc / "pjsip.conf").write_text(THEIRS)
    refused = run(monkeypatch, host, rtp_conf={}, pjsip_conf={"adopt": False})
    assert "1 auth, 1 endpoint, 1 transport" in refused["msg"]
    assert "pbx_adopt: true" in refused["msg"]
    assert sorted(os.listdir(host.etc)) == ["pjsip.conf"]


@pytest.mark.parametrize("first", [None, "the package's\n", THEIRS])
def test_what_somebody_writes_later_is_refused_or_kept_as_what_was_there_first(monkeypatch, host, first):
    monkeypatch.setattr(hostfile, "is_pristine", lambda _path, text: text == "the package's\n")
    file = host.etc / "pjsip.conf"
    if first is not None:
        file.write_text(first)
    run(monkeypatch, host, pjsip_conf={})
    file.write_text("[2001]\ntype = endpoint\n")
    for check in (True, False):
        refused = run(monkeypatch, host, check=check, rtp_conf={}, pjsip_conf={"adopt": False})
        assert "pjsip.conf (2 lines: 1 endpoint)" in refused["msg"]
        assert ("comes back" in refused["msg"]) == (first is None)
        assert sorted(os.listdir(host.etc)) == ["pjsip.conf"]
    promised = run(monkeypatch, host, check=True, pjsip_conf={})
    done = run(monkeypatch, host, pjsip_conf={})
    assert done == promised
    place = hostfile.kept_at(str(file), host.kept) + ("" if first is None else ".2")
    assert done["kept"] == [str(file)]
    assert f"it is kept as {place}, and replaced" in done["warnings"][0]
    assert f"kept as {place}" in done["diff"][0]["before"]
    assert Path(place).read_text() == "[2001]\ntype = endpoint\n"
    assert file.read_text() == MARK


def test_the_sample_of_a_package_is_nobodys(monkeypatch, host):
    (host.etc / "sample.conf").write_text(THEIRS)
    done = run(monkeypatch, host, sample_conf={"adopt": False})
    assert (done["changed"], done["kept"], done["warnings"]) == (True, [], [])


@pytest.mark.parametrize(
    ("option", "place"),
    [
        ({"content": None}, "files[0].content"),
        ({"mode": "rw"}, "files[0].mode"),
        ({"path": "etc/x"}, "files[0].path"),
        ({"path": "/etc/../x"}, "files[0].path"),
        ({"group": "nobody-has-this"}, "files[0].group"),
        ({"secret": "maybe"}, "files[0].secret"),
        ({"owner": "root"}, "files[0]: has no option 'owner'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(monkeypatch, host, option, place):
    assert place in run(monkeypatch, host, rtp_conf=option)["msg"]


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/null", path)])
def test_what_is_no_file_is_not_ours_to_take_away(host, make):
    path = str(host.etc / "asterisk.service")
    make(path)
    assert settle(host, Wanted(path, None)) == []
    assert os.path.lexists(path)
    with pytest.raises(OSError, match=r"no ordinary file|Is a directory"):
        settle(host, Wanted(path, MARK))
