# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A template becomes what ansible.builtin.template makes of it, and nothing is copied for that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar, trust_as_template
from ansible_collections.voiceops.asterisk.plugins.lookup.filled_template import LookupModule

OURS = "ours"
TEMPLATE = r"""; a comment
{% for number in numbers %}
exten => {{ number }},1,Log(NOTICE,\n\x28 {{ name | replace('\\', '/') }})
{% endfor %}
{# not said #}
{{ untrusted }} {{ chain }}

"""
VARIABLES = {
    "numbers": ["1001", 1002],
    "name": "a\\b",
    "untrusted": "{{ name }}",
    "chain": trust_as_template("{{ name }}!"),
}


class NeverCopied:
    """A variable that no template names, such as one with ten thousand extensions."""

    def __deepcopy__(self, _memo: object) -> NeverCopied:
        raise AssertionError("all variables were copied")


def lookup(kind: str, folder: Path, variables: dict[str, Any]) -> Any:
    loader = DataLoader()
    loader.set_basedir(str(folder))
    templar = Templar(loader, variables)
    if kind == OURS:
        return LookupModule(loader, templar)
    return lookup_loader.get("template", loader=loader, templar=templar)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.j2").write_text(TEMPLATE)
    return tmp_path


def test_it_says_what_the_lookup_of_ansible_says(folder: Path) -> None:
    said = [lookup(kind, folder, VARIABLES).run(["one.j2"], VARIABLES) for kind in (OURS, "theirs")]
    assert said[0] == said[1]
    assert r"exten => 1002,1,Log(NOTICE,\n\x28 a/b)" in said[0][0]
    # What is somebody else's text is not read as a template.
    assert said[0][0].endswith("{{ name }} a\\b!\n\n")


def test_the_variables_of_a_host_are_not_copied(folder: Path) -> None:
    variables = {**VARIABLES, "others": NeverCopied()}
    assert lookup(OURS, folder, variables).run(["one.j2", "one.j2"], variables)
    with pytest.raises(AssertionError, match="all variables were copied"):
        lookup("theirs", folder, variables).run(["one.j2"], variables)


def test_a_template_that_is_not_there_is_named(folder: Path) -> None:
    with pytest.raises(AnsibleLookupError, match=r"there is no template two\.j2"):
        lookup(OURS, folder, VARIABLES).run(["two.j2"], VARIABLES)
