# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""By what a request is known: a trunk's address before the user name, or after it where phones share it."""

from __future__ import annotations

import re

import jinja2
import pytest
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

TEMPLATE = FOLDER.parent / "roles" / "pbx" / "templates" / "pjsip.conf.j2"


@pytest.mark.parametrize(
    ("at_trunks", "order"),
    [
        (False, ["header", "ip", "username", "auth_username"]),
        (True, ["header", "username", "auth_username", "ip"]),
        # As an INI inventory gives it.
        ("no", ["header", "ip", "username", "auth_username"]),
        ("yes", ["header", "username", "auth_username", "ip"]),
    ],
)
def test_a_request_with_replaces_is_refused_before_it_is_known_whose_it_is(at_trunks, order):
    environment = jinja2.Environment(autoescape=False)  # noqa: S701 - no HTML
    environment.tests["truthy"] = lambda value, convert_bool: value in (True, "yes")
    text = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        pbx_phones_at_trunks=at_trunks
    )
    (found,) = re.findall(r"^endpoint_identifier_order = (.*)$", text, re.MULTILINE)
    assert found.split(",") == order
