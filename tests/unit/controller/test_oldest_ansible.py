# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""An ansible-core that is too old is named, and not what it lacks."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import ansible.errors
import ansible.release
import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import oldest_ansible
from ansible_collections.voiceops.asterisk.tests.unit.specs import PLUGINS

PLUGINS_FOLDER = Path(oldest_ansible.__file__).resolve().parents[1]
ACTIONS = sorted(path.stem for path in (PLUGINS_FOLDER / "action").glob("pbx_*.py"))


@pytest.mark.parametrize("version", ["2.19.0", "2.19.14", "2.21.5", "2.22.0rc1", "3.0.0"])
def test_what_is_new_enough_is_not_refused(version):
    assert oldest_ansible.refusal(version) == ""


@pytest.mark.parametrize("version", ["2.9.27", "2.17.14", "2.18.0"])
def test_what_is_too_old_is_named_with_what_is_needed(version):
    said = oldest_ansible.refusal(version)
    assert said.startswith(f"voiceops.asterisk needs ansible-core 2.19 or newer, and this is {version}.")


def test_it_is_the_one_that_the_collection_requires():
    runtime = yaml.safe_load((PLUGINS_FOLDER.parent / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime["requires_ansible"] == ">={}.{}.0".format(*oldest_ansible.OLDEST)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_says_so_before_it_misses_anything(action, monkeypatch):
    monkeypatch.setattr(ansible.release, "__version__", "2.17.14")
    monkeypatch.delattr(ansible.errors, "AnsibleValueOmittedError")
    for name in ("oldest_ansible", "handing_over", "changing"):
        monkeypatch.delitem(sys.modules, f"{PLUGINS}.plugin_utils.{name}", raising=False)
    monkeypatch.delitem(sys.modules, f"{PLUGINS}.action.{action}", raising=False)
    with pytest.raises(AnsibleError, match=r"needs ansible-core 2\.19 or newer, and this is 2\.17\.14"):
        importlib.import_module(f"{PLUGINS}.action.{action}")
