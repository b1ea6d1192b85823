# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: what is read of a host's files, as lines that a telephony engineer can compare."""

from __future__ import annotations

import textwrap

from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.adopted import adopted

#: What an endpoint of a phone needs beside what a test is about.
PHONE = """
[1001]
type=endpoint
aors=1001
auth=1001
[1001]
type=aor
max_contacts=1
[1001]
type=auth
username=1001
password=kirmizi-elma-7
"""


def read(files, **known):
    """Read a host's files, each given by its name without ``.conf``."""
    written = {f"{name}.conf": textwrap.dedent(text) for name, text in files.items()}
    return adopted(written, **known)


def options_of(imported):
    """Return each extension as ``1001 name=Anna password=…``."""
    return [
        " ".join(
            str(value) if name == "number" else f"{name}={value}"
            for name, value in {**each.options, **each.credentials}.items()
        )
        for each in imported.extensions
    ]


def said(remarks):
    """Return remarks or problems as a person reads them."""
    return [f"{place}: {message}" for place, message in remarks]
