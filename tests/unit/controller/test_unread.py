# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Variables that look like the role's, and that neither it nor the inventory reads."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.unread import unknown, unread

KNOWN = ["pbx_extensions", "pbx_fail2ban_ignore"]


def test_only_names_that_resemble_none_are_unknown():
    names = ["pbx_extensions", "pbx_extension", "pbx_ignore", "ansible_host", "other", "pbx_building"]
    assert unknown(names, KNOWN) == ["pbx_ignore", "pbx_building"]


@pytest.mark.parametrize(
    ("variables", "paths"),
    [
        ({"pbx_ignore": []}, ["pbx_ignore"]),
        ({"pbx_ignore": [], "a": "{{ pbx_ignore | first }}"}, []),
        ({"pbx_ignore": [], "a": [{"b": "{% if pbx_ignore %}x{% endif %}"}]}, []),
        ({"pbx_ignore": [], "a": "{{ pbx_ignored }} {{ my_pbx_ignore }}"}, ["pbx_ignore"]),
        ({"pbx_ignore": [], "a": "pbx_ignore is a text"}, ["pbx_ignore"]),
    ],
    ids=["nobody", "a template", "a template below", "templates that read others", "a text"],
)
def test_a_variable_is_read_where_a_template_names_it(variables, paths):
    found = unread({"a": ["pbx_ignore"]}, lambda _host: variables)
    assert [each.path for each in found] == paths


def test_a_template_of_one_host_may_read_a_variable_of_another():
    variables = {"a": {"pbx_ignore": 1}, "b": {"x": "{{ hostvars['a'].pbx_ignore }}"}}
    assert unread({"a": ["pbx_ignore"], "b": []}, variables.__getitem__) == []


def test_where_all_are_known_no_variables_are_looked_at():
    assert unread({"a": [], "b": []}, {}.__getitem__) == []
