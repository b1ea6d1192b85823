# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The package mirror: the one that this machine's own apt uses, never a fixed one."""

from __future__ import annotations

import re
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass

from .errors import LabError
from .processes import run

# What a lab host's apt inherits from this machine's apt.
INHERITED = (
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
    "Acquire::Check-Date",
)


@dataclass(frozen=True)
class Mirror:
    """A Debian archive and the apt settings that are needed to reach it."""

    url: str
    apt_conf: str
    proxy: str


def find() -> Mirror:
    url = _first_target()
    if url is None:
        # A fresh machine has sources but no package lists yet.
        subprocess.run(["apt-get", "-q", "update"], check=False, capture_output=True)
        url = _first_target()
    if url is None:
        raise LabError(
            "no package mirror: this machine's apt has no lists of the Debian archive (try: apt-get update)"
        )
    settings = read_settings(run(["apt-config", "dump"]))
    return Mirror(url, apt_conf(settings), settings.get("Acquire::http::Proxy", ""))


def _first_target() -> str | None:
    wanted = "$(LABEL)|$(COMPONENT)|$(CREATED_BY)|$(REPO_URI)"
    return pick(run(["apt-get", "indextargets", "--format", wanted]))


def pick(targets: str) -> str | None:
    for line in targets.splitlines():
        label, component, created_by, url = line.split("|", 3)
        if (label, component, created_by) == ("Debian", "main", "Packages"):
            return url.rstrip("/")
    return None


def read_settings(dump: str) -> dict[str, str]:
    found = dict(re.findall(r'^(\S+) "(.*)";$', dump, flags=re.MULTILINE))
    return {key: found[key] for key in INHERITED if found.get(key)}


def apt_conf(settings: dict[str, str]) -> str:
    # A mirror that is kept as it was on some day has release files past their date.
    lines = ['Acquire::Check-Valid-Until "false";']
    lines += [f'{key} "{value}";' for key, value in settings.items()]
    return "\n".join(lines) + "\n"


def check_suite(mirror: Mirror, release: str) -> None:
    """Tells a mirror that cannot be reached from one that lacks the release."""
    proxies = {"http": mirror.proxy, "https": mirror.proxy} if mirror.proxy not in ("", "DIRECT") else None
    opener = urllib.request.build_opener(urllib.request.ProxyHandler(proxies))
    try:
        opener.open(f"{mirror.url}/dists/{release}/Release", timeout=30).close()
    except urllib.error.HTTPError as error:
        if error.code in (403, 404, 410):
            raise LabError(f"the package mirror {mirror.url} has no {release}") from None
        raise LabError(f"the package mirror {mirror.url} answers {error.code} {error.reason}") from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        raise LabError(f"the package mirror {mirror.url} cannot be reached: {reason}") from None
