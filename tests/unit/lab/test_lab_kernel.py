# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the lab reads from the kernel: mounts and processes."""

from __future__ import annotations

import errno
import os
import subprocess
import time
from pathlib import Path

import pytest
from hostlab import kernel
from hostlab.errors import LabError
from hostlab.mounts import below, delete_tree, mount_points, mounts_of_types, unescape
from hostlab.processes import ProcessId, parse_stat, stat_state

MOUNTINFO = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
31 23 0:28 / /sys/fs/cgroup rw,relatime shared:4 - tmpfs tmpfs rw,mode=755
40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw
50 27 0:40 / /srv/lab rw - tmpfs tmpfs rw
51 50 0:41 / /srv/lab/a\\040b\\134c rw - overlay overlay rw
52 27 0:42 / /srv/laboratory rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("/plain", "/plain"),
        (r"/a\040b", "/a b"),
        (r"/tab\011line\012", "/tab\tline\n"),
        (r"/back\134slash", "/back\\slash"),
        # An escaped backslash before digits is not a second escape.
        (r"/\134040", r"/\040"),
        ("/ölçü", "/ölçü"),
    ],
)
def test_octal_escapes(field: str, text: str) -> None:
    assert unescape(field) == text


def test_mounts_below_a_path_latest_first_and_no_neighbours() -> None:
    points = mount_points(MOUNTINFO)
    assert below(points, "/srv/lab") == ["/srv/lab/a b\\c", "/srv/lab"]
    assert below(points, "/srv/lab/a") == []
    assert len(below(points, "/")) == len(points) == 7


def test_mounts_by_type() -> None:
    assert mounts_of_types(MOUNTINFO, {"cgroup2"}) == ["/sys/fs/cgroup/unified"]
    assert mounts_of_types(MOUNTINFO, {"cgroup", "cgroup2"}) == [
        "/sys/fs/cgroup/systemd",
        "/sys/fs/cgroup/unified",
    ]
    assert mounts_of_types(MOUNTINFO, {"btrfs"}) == []


def test_deleting_a_tree(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    tree = tmp_path / "tree"
    (tree / "a/b").mkdir(parents=True)
    (tree / "link").symlink_to(kept)
    delete_tree(tree)
    delete_tree(tree)
    assert not tree.exists()
    (tmp_path / "link").symlink_to(kept)
    delete_tree(tmp_path / "link")
    assert [path.name for path in tmp_path.rglob("*")] == ["kept", "file"]


def test_a_stat_line_with_a_tricky_name() -> None:
    rest = " ".join(["S"] + [str(n) for n in range(4, 22)] + ["987654", "0"])
    line = f"4321 (a) b) ({rest}) {rest}"
    assert parse_stat(line) == ProcessId(4321, 987654)
    assert stat_state(line) == "S"


@pytest.mark.parametrize("line", ["", "1", "1 (sh) S 1 2", "garbage (sh) " + "x " * 30])
def test_a_stat_line_cut_short_is_no_process(line: str) -> None:
    assert parse_stat(line) is None


def test_only_the_very_process_is_killed() -> None:
    child = subprocess.Popen(["sleep", "60"])
    try:
        known = parse_stat(Path(f"/proc/{child.pid}/stat").read_text(encoding="utf-8"))
        assert known is not None
        assert known.alive()
        recycled = ProcessId(known.pid, known.started - 1)
        assert not recycled.alive()
        recycled.kill()
        time.sleep(0.05)
        assert child.poll() is None
        known.kill()
        assert child.wait(5) == -9
        assert not known.alive()
        known.kill()
    finally:
        child.kill()
        child.wait()
    assert parse_stat(Path(f"/proc/{os.getpid()}/stat").read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize(
    ("hosts", "allowed", "then"),
    [(6, 128, 128), (7, 128, 134), (20, 128, 264), (20, 8192, 8192)],
)
def test_the_limit_of_inotify_instances_is_raised_to_what_the_hosts_need(
    tmp_path: Path, hosts: int, allowed: int, then: int
) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text(f"{allowed}\n", encoding="ascii")
    kernel.make_room(hosts, limit)
    assert int(limit.read_text(encoding="ascii")) == then


def test_a_limit_that_cannot_be_raised_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "max_user_instances"
    limit.write_text("128\n", encoding="ascii")

    def refuse(*_arguments: object, **_more: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(
        LabError, match=r"20 hosts need 264 .* allows 128: sysctl -w fs.inotify.max_user_instances=264"
    ):
        kernel.make_room(20, limit)
