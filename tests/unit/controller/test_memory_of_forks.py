# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the main process of Ansible has loaded is shared with its forks for as long as these live.

What it costs where it is not: docs/measurements/fleet.md.
"""

from __future__ import annotations

import gc
import importlib.util
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

CALLBACK = FOLDER.parent / "playbooks" / "callback_plugins" / "pbx_rollout.py"


@pytest.fixture
def collector() -> Iterator[None]:
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("collector")
@pytest.mark.parametrize(("hosts", "is_left_alone"), [(1, False), (500, True)])
def test_a_garbage_collection_leaves_alone_what_many_hosts_had_when_a_task_began(
    hosts: int, is_left_alone: bool
) -> None:
    spec = importlib.util.spec_from_file_location("pbx_rollout_callback", CALLBACK)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    callback = module.CallbackModule()
    callback._variables = SimpleNamespace(_inventory=SimpleNamespace(hosts=range(hosts)))
    of_the_inventory = {"pbx_extensions": [{"number": "1001"}]}
    callback.v2_playbook_on_task_start(None, False)
    callback._variables = None
    assert any(each is of_the_inventory for each in gc.get_objects()) is not is_left_alone
    later = {"pbx_extensions": [{"number": "1002"}]}
    assert any(each is later for each in gc.get_objects())
