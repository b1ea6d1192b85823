# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What tells by one digest whether a host is to be the same as at an earlier run."""

from __future__ import annotations

import string

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import EncryptedString, VaultLib, VaultSecret
from ansible.template import Templar, trust_as_template
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import declared
from hypothesis import given
from hypothesis import strategies as st

HOST = {"inventory_hostname": "pbx", "pbx_metrics": False}
TEMPLATE = trust_as_template("{{ passwords[number] }}")


def digest(**variables):
    return declared.digest({**HOST, **variables})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"pbx_purge": True}, {"pbx_purge": False}, id="a value"),
        pytest.param({"pbx_purge": "yes"}, {"pbx_purge": True}, id="a type"),
        pytest.param({"pbx_purge": True}, {}, id="one more"),
        pytest.param(
            {"pbx_extensions": [{"number": "1001"}]}, {"pbx_extensions": [{"number": "1002"}]}, id="a list"
        ),
        pytest.param({"inventory_hostname": "pbx"}, {"inventory_hostname": "other"}, id="another host"),
        pytest.param(
            {"pbx_x": TEMPLATE, "passwords": {"1": "a"}},
            {"pbx_x": TEMPLATE, "passwords": {"1": "b"}},
            id="what a template names",
        ),
        pytest.param(
            {"pbx_x": "{{ a }}", "a": "{% if b %}x{% endif %}", "b": 1},
            {"pbx_x": "{{ a }}", "a": "{% if b %}x{% endif %}", "b": 2},
            id="what that names",
        ),
        pytest.param({"pbx_x": "{{ a }}", "a": 1}, {"pbx_x": "{{ a }}"}, id="a variable that is not there"),
    ],
)
def test_what_is_declared_otherwise_has_another_digest(one, other):
    assert digest(**one) != digest(**other)
    assert len(digest(**one)) == 64


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            {"pbx_change_comment": "Ayşe moves"}, {"pbx_change_comment": "Ali leaves"}, id="why it is changed"
        ),
        pytest.param({"a": 1}, {"a": 2}, id="what nobody names"),
        pytest.param({"pbx_x": "a", "a": 1}, {"pbx_x": "a", "a": 2}, id="a word that is not a template"),
        pytest.param({"pbx_x": 1, "pbx_y": 2}, {"pbx_y": 2, "pbx_x": 1}, id="the order of variables"),
        pytest.param(
            {"pbx_x": "{{ __pbx_own }}", "__pbx_own": 1},
            {"pbx_x": "{{ __pbx_own }}", "__pbx_own": 2},
            id="the role's own",
        ),
    ],
)
def test_what_makes_no_difference_has_the_same(one, other):
    assert digest(**one) == digest(**other)


@pytest.mark.parametrize(
    "value",
    [
        "{{ lookup('file', 'passwords') }}",
        "{{ query('vars', 'x') }}",
        "{{ q('vars', 'x') }}",
        "{{ hostvars['other'].x }}",
        "{% set x = hostvars %}{{ x }}",
        "{{ [1, 2] | random }}",
        "{{ now() }}",
        "{{ ansible_facts.distribution }}",
        "{{ 'x' | password_hash('sha512') }}",
        "{{ named }}",
        ["{{ lookup('env', 'X') }}"],
        {"a": [{"b": "{{ lookup('env',\n 'X') }}"}]},
        object(),
        {1, 2},
    ],
)
def test_what_cannot_be_told_by_the_variables_has_none(value):
    assert digest(pbx_x=value, named="{{ lookup('pipe', 'id') }}") == ""


def test_an_encrypted_value_counts_as_it_is_written():
    vault = VaultLib([("default", VaultSecret(b"a"))])
    values = [EncryptedString(ciphertext=vault.encrypt("trunk-horse-1").decode()) for _time in range(2)]
    assert digest(pbx_x=values[0]) == digest(pbx_x=values[0]) != digest(pbx_x=values[1])


def test_with_metrics_there_is_no_key():
    assert declared.settled_key(HOST) == declared.digest(HOST)
    for metrics in (True, "yes", "{{ x }}", None):
        assert declared.settled_key({**HOST, "pbx_metrics": metrics}) == ""


def test_another_file_of_the_collection_is_another_digest(monkeypatch, tmp_path):
    monkeypatch.setattr(declared, "_COLLECTION", tmp_path)
    file = tmp_path / "roles" / "pbx" / "tasks" / "main.yml"
    file.parent.mkdir(parents=True)
    digests = set()
    for text in ("a", "b", "a"):
        file.write_text(text, encoding="utf-8")
        declared.of_the_collection.cache_clear()
        digests.add(declared.of_the_collection())
    file.rename(file.with_name("other.yml"))
    declared.of_the_collection.cache_clear()
    digests.add(declared.of_the_collection())
    declared.of_the_collection.cache_clear()
    assert len(digests) == 3


NAMES = st.sampled_from(["a", "b", "c"])
VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(), st.text(string.printable, max_size=8), NAMES.map("{{{{ {} }}}}".format)
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
VARIABLES = st.dictionaries(st.sampled_from(["pbx_x", "pbx_y", "a", "b", "c"]), VALUES)


@given(VARIABLES, VARIABLES)
def test_variables_with_the_same_digest_become_the_same(one, other):
    def become(variables):
        templar = Templar(DataLoader(), {name: _trusted(value) for name, value in variables.items()})
        try:
            return [
                repr(templar.template(templar.available_variables.get(name))) for name in ("pbx_x", "pbx_y")
            ]
        except Exception as error:
            return [str(type(error))]

    if declared.digest(one | HOST) == declared.digest(other | HOST):
        assert become(one) == become(other)


def _trusted(value):
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, list):
        return [_trusted(each) for each in value]
    return {key: _trusted(each) for key, each in value.items()} if isinstance(value, dict) else value
