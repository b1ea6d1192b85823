# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The modules as Ansible calls them, on a host where Asterisk is installed and, unless said, does not run."""

from __future__ import annotations

import contextlib
import grp
import importlib
import json
import os
import re
from pathlib import Path

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.testing import patch_module_args
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import hostfile, sorcery_cache
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.console import Console, Start
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import schema, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import fail2ban
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options, wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit.ordinary_user import as_an_ordinary_user
from ansible_collections.voiceops.asterisk.tests.unit.specs import PLUGINS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: The program asterisk: it tells its release and the trunks' registrations, and otherwise that it is stopped.
ASTERISK = """#!/bin/sh
case "$*" in
-V) echo 'Asterisk 22.10.1' ;;
*registrations) echo ' trunk-1/sip:a.example:5060   trunk-1   Registered   (exp. 285s)' ;;
*) echo 'Unable to connect to remote asterisk' >&2; exit 1 ;;
esac
"""
SUCCESS = "Response: Success\r\nActionID: {id}\r\n"
NOBODY = "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"
#: The phone of 1001, and one that has registered as a number that is not there any more.
CONTACTS = (
    f"{SUCCESS}EventList: start\r\n\r\n"
    + "".join(
        f"Event: ContactList\r\nActionID: {{id}}\r\nObjectName: {number};@aa\r\n"
        f"Uri: sip:{number}@192.0.2.7:5060\r\nExpirationTime: 4000000000\r\n\r\n"
        for number in ("1001", "1009")
    )
    + "Event: ContactListComplete\r\nActionID: {id}\r\nListItems: 2\r\n\r\n"
)
STORAGE = SUCCESS + "Variable: X\r\nValue: \r\n\r\n"


def nothing_listed(complete):
    return f"{SUCCESS}EventList: start\r\n\r\nEvent: {complete}\r\nActionID: {{id}}\r\nListItems: 0\r\n\r\n"


class Host:
    """A host with a directory database and a folder of configuration."""

    def __init__(self, folder: Path, monkeypatch, capsys, warned: list[str]) -> None:
        self._capsys = capsys
        self._warned = warned
        programs = folder / "programs"
        for made in (programs, folder / "etc"):
            made.mkdir()
        (programs / "asterisk").write_text(ASTERISK, encoding="utf-8")
        (programs / "asterisk").chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        self.folder = folder
        self.database = folder / "directory.sqlite3"
        self.secret = folder / "secret.conf"
        self.secret.write_text("secret = of-the-manager\n", encoding="utf-8")
        self._configuration = {
            "configuration_folder": str(folder / "etc"),
            "group": grp.getgrgid(os.getgid()).gr_name,
        }

    def call(self, module, /, check_mode=False, diff=False, **options):
        """Call a module, and return what it says."""
        arguments = options if module == "pbx_files" else {"database": str(self.database), **options}
        if module in ("pbx_directory", "pbx_connection_port", "pbx_trunk"):
            arguments = {**self._configuration, **arguments}
        arguments |= {"_ansible_check_mode": check_mode, "_ansible_diff": diff}
        main = importlib.import_module(f"{PLUGINS}.modules.{module}").main
        self._warned.clear()
        with patch_module_args(arguments), pytest.raises(SystemExit):
            main()
        return {**json.loads(self._capsys.readouterr().out), "warnings": " ".join(self._warned)}

    def has(self, **lists):
        """Make the directory hold this."""
        made = self.call("pbx_directory", ami_secret_file=str(self.secret), **lists)
        assert not made.get("failed"), made
        return made

    def facts(self, **options):
        """Return the facts of the host."""
        told = self.call("pbx_extension_facts", ami_secret_file=str(self.secret), **options)
        assert not told.get("failed"), told
        return wire.bare(told["ansible_facts"])


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    # In one process with Ansible's controller a warning would be the controller's.
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    warned: list[str] = []
    return Host(tmp_path, monkeypatch, capsys, warned)


ROLE_SPECS = Path(__file__).resolve().parents[3] / "roles" / "pbx" / "meta" / "argument_specs.yml"
PHONE = {"number": "1001", "password": "correct-horse-1"}
PORT = {"name": "SIP", "port": 5070}
OURS = "; Written by voiceops.asterisk.\n"


def test_a_directory_comes_into_being_once_and_is_then_as_it_should_be(host):
    first = host.has(extension_groups=[{"name": "Satış"}], extensions=[PHONE])
    assert first["changed"]
    assert first["directory"]["extensions"] == {
        "created": ["1001"],
        "updated": [],
        "deleted": [],
        "unchanged": 0,
        "unlisted": [],
    }
    second = host.has(extension_groups=[{"name": "Satış"}], extensions=[PHONE])
    assert not second["changed"]
    assert second["directory"]["extensions"]["unchanged"] == 1


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_a_run_names_who_is_on_the_host_and_no_longer_in_the_list(host, check_mode):
    left = [PHONE, {"number": "1002"}, {"number": "1003"}]
    host.has(extensions=left)
    told = host.call("pbx_directory", check_mode=check_mode, extensions=[PHONE])
    assert not told["changed"]
    assert told["directory"]["extensions"]["unlisted"] == ["1002", "1003"]
    assert "extensions: 2 on this host and not in the list, left as they are: 1002, 1003." in told["warnings"]


def test_in_check_mode_a_directory_that_is_not_there_is_taken_as_empty_and_not_made(host):
    told = host.call("pbx_directory", check_mode=True, diff=True, extensions=[PHONE])
    assert told["changed"]
    assert "1001" in told["diff"]["after"]
    assert "taken as empty" in told["warnings"]
    assert not host.database.exists()


def test_in_check_mode_a_directory_may_be_there_before_asterisk_is(host):
    host.has(extensions=[PHONE])
    (host.folder / "programs" / "asterisk").unlink()
    told = host.call("pbx_directory", check_mode=True, extensions=[PHONE])
    assert not told.get("failed"), told
    assert told["changed"]


#: What the role's user is told, and by which variables.
SAID_BY_ROLE = {
    "a weak password": (
        {"extensions": [{"number": "1001", "password": "x-7"}]},
        "pbx_extensions[0].password (1001): is shorter than 8 characters; choose a stronger one, or set "
        "pbx_allow_weak_passwords",
    ),
    "an unknown group": (
        {"extensions": [{"number": "1001", "groups": ["Depo"]}]},
        "pbx_extensions[0].groups (1001): 'Depo' does not exist on this host; there are: 'IT'; if it is a"
        " new group, define it in pbx_extension_groups, or set pbx_create_groups",
    ),
    "a group in use": (
        {"extension_groups": [{"name": "IT", "state": "absent"}], "extensions": [PHONE]},
        "pbx_extension_groups[0] (IT): group 'IT' is used by 1: 1007; change these extensions first, or set "
        "pbx_delete_groups_in_use, which takes it from them",
    ),
    "a purge of too much": (
        {"extensions": [PHONE], "purge": True},
        "of the 7 pbx_extensions there are (1002, 1003, 1004, 1005, 1006, 1007), and a purge deletes at most "
        "5 of them at once; if that is what you want, raise pbx_purge_limit (now 20 %)",
    ),
    "a wrong share": ({"purge_limit": 101}, "pbx_purge_limit: 101 is not a percentage from 0 to 100"),
    "a wrong timeout": ({"media_timeout": 2}, "pbx_media_timeout: 2 is neither 0 nor a number of seconds"),
}


@pytest.mark.parametrize("case", SAID_BY_ROLE)
def test_a_user_of_the_role_is_told_of_its_variables(host, case):
    members = [{"number": str(number)} for number in range(1002, 1007)] + [
        {"number": "1007", "groups": ["IT"]}
    ]
    host.has(extension_groups=[{"name": "IT"}], extensions=[PHONE, *members])
    options, said = SAID_BY_ROLE[case]
    told = host.call("pbx_directory", by_role=True, **options)
    assert told["failed"]
    assert said in " ".join(told["msg"].split())
    known = set(re.findall(r"^ +(pbx_[a-z_]+):", ROLE_SPECS.read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"pbx_[a-z_]+", told["msg"])) <= known


def test_a_run_of_the_role_that_leaves_somebody_out_names_its_variables(host):
    host.has(extensions=[PHONE, {"number": "1002"}])
    told = host.call("pbx_directory", by_role=True, extensions=[PHONE])
    assert "pbx_extensions: 1 on this host and not in the list" in told["warnings"]
    assert "pbx_purge deletes what a list leaves out" in told["warnings"]


def test_the_role_takes_a_group_in_use_away_where_that_is_wanted(host):
    host.has(extension_groups=[{"name": "IT"}], extensions=[{**PHONE, "groups": ["IT"]}])
    gone = host.call("pbx_directory", force=True, extension_groups=[{"name": "IT", "state": "absent"}])
    assert gone["directory"]["extension_groups"]["deleted"] == ["IT"]
    assert host.facts()["pbx_extensions"]["1001"]["groups"] == []


def test_the_same_mistake_of_many_is_said_once_with_their_numbers_and_names(host):
    host.has()
    people = [
        {"number": str(2000 + i), "name": f"Kişi {i}", "ring_timeout": f"soon {i}"} for i in range(1000)
    ]
    people[500] = {"number": "20 57", "name": "Ayşe"}
    told = host.call("pbx_directory", handed_over=json.dumps({"extensions": wire.packed_list(people)}))
    first, mistake, places, other = told["msg"].splitlines()
    assert first == "nothing was changed, because 1,000 things are wrong:"
    assert mistake.startswith("extensions[0].ring_timeout (2000 Kişi 0): 'soon 0' is not a number of seconds")
    assert places.startswith(
        "  the same 998 times more: extensions[1].ring_timeout (2001 Kişi 1), extensions[2]"
    )
    assert places.endswith(" extensions[20].ring_timeout (2020 Kişi 20), and 978 more")
    assert other.startswith("extensions[500].number (Ayşe): '20 57' is not a number")
    assert len(json.dumps(told)) < 20000


@contextlib.contextmanager
def nobody_may_read(folder):
    """Be a user who may do nothing in the folder."""
    folder.chmod(0)
    try:
        with as_an_ordinary_user():
            yield
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("pbx_extension_facts", {}),
        ("pbx_directory", {"extensions": [PHONE]}),
        ("pbx_extension", {"extensions": [PHONE]}),
    ],
)
def test_a_user_who_is_not_root_is_told_what_to_set(host, module, options):
    host.has(extensions=[PHONE])
    # All that it imports it has imported, for that user may not read it either where root alone may.
    host.call(module, **options)
    with nobody_may_read(host.folder):
        told = host.call(module, **options)
    assert told["msg"].startswith("not root, but ")
    assert "set ansible_become: true" in told["msg"]
    assert told["not_root"]


def test_the_password_is_in_nothing_that_a_module_says(host):
    told = host.call("pbx_directory", diff=True, extensions=[PHONE])
    assert PHONE["password"] not in json.dumps(told)
    again = host.call("pbx_extension", diff=True, number="1001", password="correct-horse-2")
    assert again["changed"]
    assert "correct-horse" not in json.dumps(again)


#: The HA1 of 1001 as another system hands it over; the user name is 0004f2a1b2c3.
MOVED_IN = {
    "number": "1001",
    "username": "0004f2a1b2c3",
    "password_digest": "5B1A0C6F6FF1D15AC8B0E3A4F1B6A2D9",
}


@pytest.mark.parametrize("as_list", [False, True], ids=["single", "list"])
def test_a_digest_is_taken_once_and_said_by_nothing(host, as_list):
    host.has()
    given_options = {"extensions": [MOVED_IN]} if as_list else MOVED_IN
    told = [host.call("pbx_extension", diff=True, **given_options) for _turn in range(2)]
    told.append(host.call("pbx_extension", **MOVED_IN, state=MOVED_IN["password_digest"]))
    assert [each["changed"] for each in told[:2]] == [True, False]
    facts = host.facts(gather=["definition", "directory"])
    assert facts["pbx_extensions"]["1001"]["username"] == "0004f2a1b2c3"
    assert facts["pbx_extensions"]["1001"]["has_password"]
    assert facts["pbx_directory"]["extensions"][0]["username"] == "0004f2a1b2c3"
    told.append(host.call("pbx_extension", **MOVED_IN, name=MOVED_IN["password_digest"], diff=True))
    assert not holds([told, facts], MOVED_IN["password_digest"])
    assert not holds([told, facts], MOVED_IN["password_digest"].lower())


def test_another_user_name_ends_the_registration_as_another_password_does(host):
    host.has(extensions=[PHONE])
    told = host.call("pbx_extension", **PHONE, username="anna")
    assert told["updated"] == ["1001"]
    assert "the phones of 1001 stay registered until their registration expires" in told["warnings"]


#: What an item may hold in a wrong option: its password, that and more, that in a list, or in a mapping.
MISTAKES = st.sampled_from(
    [str, "{} x".format, lambda s: [s], lambda s: {s: s}, lambda s: f"x'\"{s}", str.upper]
)
WRONG = {
    "extensions": options.ITEM[EXTENSIONS].keys() | {"passwd", "misspelt"},
    "trunks": options.ITEM[TRUNKS].keys() | {"misspelt"},
    "connection_ports": options.ITEM[PORTS].keys() | {"misspelt"},
    "outbound_profiles": options.ITEM[PROFILES].keys(),
    "extension_groups": options.ITEM[GROUPS].keys() | {"misspelt"},
}
#: Long enough not to be one of our words by chance.
PASSWORD = st.text("abcXYZ019-_.'\"\\ ğ🐎", min_size=8, max_size=70).filter(lambda text: len(set(text)) > 4)


@st.composite
def lists_with_mistakes(draw):
    """Any lists of items in whose options a password of one of them stands."""
    password = draw(PASSWORD)
    lists = {"extensions": [{"number": "1001", "password": password}]}
    for name, known in WRONG.items():
        for _item in range(draw(st.integers(0, 2))):
            mistaken = draw(st.sets(st.sampled_from(sorted(known - {"password"})), max_size=3))
            item = {"name": "x", "number": "1002"} if draw(st.booleans()) else {}
            item |= {option: draw(MISTAKES)(password) for option in sorted(mistaken)}
            if draw(st.booleans()):
                item[password] = "a"
            lists.setdefault(name, []).append(item)
    return password, lists


def test_a_group_whose_name_holds_a_password_is_not_told_by_that_name(host):
    password = "correct-horse-17"
    lists = {
        "extensions": [{"number": "1001", "password": password}],
        "extension_groups": [{"name": f"x{password}"}],
    }
    handed_over = json.dumps({option: wire.packed_list(items) for option, items in lists.items()})
    told = host.call("pbx_directory", ami_secret_file=str(host.secret), handed_over=handed_over)
    assert told["changed"]
    assert not holds(told, password)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_lists=lists_with_mistakes(), check=st.booleans(), weak=st.booleans(), groups=st.booleans())
def test_a_password_that_stands_in_any_option_of_any_item_is_not_repeated(
    host, given_lists, check, weak, groups
):
    password, lists = given_lists
    told = host.call(
        "pbx_directory",
        check_mode=check,
        diff=True,
        ami_secret_file=str(host.secret),
        handed_over=json.dumps({option: wire.packed_list(items) for option, items in lists.items()}),
        allow_weak_password=weak,
        create_groups=groups,
    )
    assert not holds(told, password)


def holds(told, secret):
    """Tell whether a secret stands in what a module has said, in any text of it."""
    if isinstance(told, dict):
        return any(holds(each, secret) for pair in told.items() for each in pair)
    if isinstance(told, list):
        return any(holds(each, secret) for each in told)
    forms = {secret, secret.strip(), json.dumps(secret)[1:-1], repr(secret)[1:-1]}
    return any(form in str(told) for form in forms)


@pytest.mark.parametrize(
    ("module", "given_options"),
    [
        ("pbx_extension", {"number": "1001", "state": PHONE["password"]}),
        ("pbx_extension", {"number": "1001", "record": PHONE["password"]}),
        ("pbx_extension", {"number": "1001", "forward_to": PHONE["password"]}),
        ("pbx_extension", {"number": PHONE["password"]}),
        ("pbx_extension", {"number": "1001", "labels": PHONE["password"]}),
        ("pbx_extension", {"number": "1001", "purge_limit": PHONE["password"]}),
        ("pbx_extension", {"number": "1001", PHONE["password"]: "x"}),
        ("pbx_trunk", {"name": "line", "state": PHONE["password"]}),
        ("pbx_trunk", {"name": "line", "codecs": [PHONE["password"]]}),
        ("pbx_trunk", {"name": PHONE["password"], "host": "x.example", "username": PHONE["password"]}),
        ("pbx_directory", {"restart": PHONE["password"]}),
        ("pbx_directory", {"purge_limit": PHONE["password"]}),
        ("pbx_directory", {"group": PHONE["password"]}),
        ("pbx_directory", {"database": f"/nowhere/{PHONE['password']}"}),
        ("pbx_directory", {"emergency_numbers": [PHONE["password"]]}),
    ],
)
def test_nor_is_it_by_what_ansible_says_of_wrong_options(host, monkeypatch, module, given_options):
    monkeypatch.setenv("ANSIBLE_MODULE_ARGS", "")
    host.has()
    if module == "pbx_directory":
        given_options = {
            "handed_over": json.dumps({"extensions": wire.packed_list([PHONE])}),
            **given_options,
        }
    else:
        given_options = {"password": PHONE["password"], **given_options}
    told = host.call(module, diff=True, _ansible_inject_invocation=True, **given_options)
    assert not holds(told, PHONE["password"])


def test_a_label_that_is_the_password_is_masked_in_the_diff(host):
    named = {**PHONE, "labels": {"note": PHONE["password"]}, "groups": [PHONE["password"]]}
    told = host.call("pbx_directory", diff=True, create_groups=True, extensions=[named])
    assert "********" in told["diff"]["after"]
    assert not holds(told, PHONE["password"])


def test_a_password_that_is_a_common_word_leaves_the_result_as_it_is(host):
    short = [{"number": "1001", "password": "12"}, {"number": "1002", "password": "1002"}]
    lists = json.dumps({"extensions": wire.packed_list(short)})
    told = host.call("pbx_directory", diff=True, allow_weak_password=True, handed_over=lists)
    assert told["directory"]["extensions"]["created"] == ["1001", "1002"]
    assert "ring_timeout: 30" in told["diff"]["after"]
    assert "********" not in json.dumps(told)


def test_check_mode_says_of_a_directory_what_the_run_then_does(host):
    host.has(extensions=[PHONE])
    change = {"number": "1001", "name": "Ayşe", "groups": ["Satış"], "create_groups": True}
    foretold = host.call("pbx_extension", check_mode=True, diff=True, **change)
    done = host.call("pbx_extension", diff=True, **change)
    assert foretold["diff"] == done["diff"]
    assert (done["updated"], done["created_groups"]) == (["1001"], ["Satış"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"number": "1001", "extensions": [PHONE]}, "give either extensions or a single one by its options"),
        ({}, "number is missing; give it, or several in extensions"),
        ({"number": "1001", "purge": True}, "purge deletes what a list does not name"),
        ({"extensions": [], "purge_limit": 101}, "purge_limit: 101 is not a percentage from 0 to 100"),
    ],
)
def test_options_that_do_not_go_together_are_refused(host, options, message):
    host.has(extensions=[])
    refused = host.call("pbx_extension", **options)
    assert refused["failed"]
    assert message in refused["msg"]


def test_everything_that_is_wrong_is_told_at_once_with_its_place(host):
    host.has(extensions=[])
    refused = host.call("pbx_extension", extensions=[{"number": "10 01"}, {"number": "1", "groups": ["X"]}])
    assert [problem["path"] for problem in refused["problems"]] == [
        "extensions[0].number",
        "extensions[1].groups",
    ]


def test_without_a_directory_a_module_says_what_creates_one(host):
    assert "there is no directory database" in host.call("pbx_extension", number="1001")["msg"]
    assert "there is no directory database" in host.call("pbx_extension_facts")["msg"]


def test_where_the_group_of_asterisk_is_unknown_asterisk_may_not_be_installed(host):
    refused = host.call("pbx_directory", extensions=[], group="no-such-group")
    assert "there is no group 'no-such-group' on this host; is Asterisk installed?" in refused["msg"]


def test_where_asterisk_is_not_installed_no_directory_is_made_for_it(host, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    refused = host.call("pbx_directory", extensions=[])
    assert "is Asterisk installed?" in refused["msg"]
    assert not host.database.exists()


def test_phones_that_stay_registered_for_want_of_asterisk_are_named(host):
    host.has(extensions=[PHONE])
    told = host.call("pbx_extension", number="1001", state="absent", ami_secret_file="/no/such/file")
    assert told["deleted"] == ["1001"]
    assert "the phones of 1001 stay registered" in told["warnings"]


def test_asterisk_is_told_of_a_change_and_only_of_a_change(host, scripted_asterisk):
    host.has(extensions=[PHONE])
    asked = {"name": "Depo", "ami_secret_file": str(host.secret)}
    done = "Response: Success\r\nActionID: {id}\r\n\r\n"
    with scripted_asterisk(*[("SorceryMemoryCacheExpire", done)] * 3) as asterisk:
        for check_mode in (True, False, False):
            told = host.call("pbx_extension_group", check_mode=check_mode, ami_port=asterisk.port, **asked)
            assert not told.get("warnings")
    caches = [action["Cache"] for action in asterisk.received if "Cache" in action]
    assert caches == list(sorcery_cache.CACHES)


def test_who_changes_a_directory_learns_that_asterisk_goes_by_the_former_one(host, scripted_asterisk):
    host.has(extensions=[PHONE])
    refusal = "Response: Error\r\nActionID: {id}\r\nMessage: Permission denied\r\n\r\n"
    with scripted_asterisk(("SorceryMemoryCacheExpire", refusal)) as asterisk:
        told = host.call(
            "pbx_extension_group", name="Depo", ami_port=asterisk.port, ami_secret_file=str(host.secret)
        )
    assert told["changed"]
    assert "calls may go by the directory as it was for up to 5 minutes" in told["warnings"]


def test_a_port_is_text_for_asterisk_and_its_restart_is_announced_where_one_is_due(host, monkeypatch):
    host.has(connection_ports=[PORT])
    assert "bind = 0.0.0.0:5070" in "".join(
        file.read_text(encoding="utf-8") for file in (host.folder / "etc").iterdir()
    )
    read_at_start = host.folder / "modules.conf"
    read_at_start.touch()
    monkeypatch.setattr(Console, "running", lambda _console: Start("long ago", 0))
    for check_mode in (True, False):
        told = host.call(
            "pbx_connection_port", check_mode=check_mode, read_at_start=[str(read_at_start)], **PORT
        )
        assert not told["changed"]
        assert told["restart_required"]
        assert "Asterisk has to be restarted, which ends calls" in told["warnings"]


@pytest.mark.parametrize(
    ("runs", "registered", "noted"),
    [
        pytest.param(True, True, True, id="it knows phones"),
        pytest.param(True, False, False, id="it knows none"),
        pytest.param(False, True, False, id="it does not run"),
    ],
)
def test_phones_of_an_asterisk_that_has_no_port_of_ours_are_noted(host, monkeypatch, runs, registered, noted):
    """So that they can be called once it is restarted; the manager interface is not ours until then."""
    contact = '/registrar/contact/1001;@a : {"endpoint": "1001", "uri": "sip:1@192.0.2.1"}\n'
    monkeypatch.setattr(Console, "running", lambda _console: Start("theirs", 0) if runs else None)
    monkeypatch.setattr(Console, "ask", lambda _console, _command: contact if registered else "")
    told = host.has(extensions=[PHONE], ami_port=1)
    assert ("are looked at by the next run" in told["warnings"]) is noted
    with store.reading(str(host.database)) as directory:
        assert (directory.setting("earlier_contacts") == schema.UNMARKED) is noted


def beside(host, text=OURS, **more):
    """Ask for the directory and one file beside it, as the role does before anything else."""
    file = {
        "path": str(host.folder / "beside.conf"),
        "content": text,
        "group": grp.getgrgid(os.getgid()).gr_name,
    }
    return host.call(
        "pbx_directory", ami_secret_file=str(host.secret), extensions=[PHONE], files=[{**file, **more}]
    )


@pytest.fixture
def settled(host, monkeypatch):
    """A host with a directory and a file that are as they are wanted."""
    monkeypatch.setattr(hostfile, "KEPT", str(host.folder / "kept"))
    host.has(extensions=[PHONE])
    group = grp.getgrgid(os.getgid()).gr_name
    file = {"path": str(host.folder / "beside.conf"), "content": OURS, "group": group}
    written = host.call("pbx_files", files=[file], kept_folder=hostfile.KEPT)
    assert written["changed"], written
    return host


def test_where_nothing_is_to_do_a_run_is_told_so_and_how_many_phones_there_are(settled, scripted_asterisk):
    contact = (
        "Event: ContactList\r\nActionID: {id}\r\nObjectName: 1001;@a\r\nExpirationTime: 99999999999\r\n\r\n"
    )
    reply = nothing_listed("ContactListComplete").replace(
        "Event: ContactListC", f"{contact}Event: ContactListC"
    )
    with scripted_asterisk(("PJSIPShowContacts", reply.replace("Items: 0", "Items: 1"))) as asterisk:
        file = {"path": str(settled.folder / "beside.conf"), "content": OURS}
        told = settled.call(
            *("pbx_directory",),
            ami_port=asterisk.port,
            ami_secret_file=str(settled.secret),
            extensions=[PHONE],
            files=[{**file, "group": grp.getgrgid(os.getgid()).gr_name}],
        )
    assert (told["changed"], told["nothing_to_do"]) == (False, True)
    assert told["phones"] == {"asterisk": "running", "extensions": 1, "registered": 1}
    assert told["directory"]["extensions"]["unchanged"] == 1


def test_where_asterisk_is_silent_nothing_is_said_of_phones(settled):
    told = beside(settled)
    assert told["nothing_to_do"]
    assert "phones" not in told


def test_where_anything_is_to_do_nothing_is_done(settled):
    before = settled.database.read_bytes()
    for told in (
        beside(settled, text=f"{OURS}; more\n"),
        beside(settled, path=str(settled.folder / "another.conf")),
        settled.call(
            "pbx_directory", extensions=[PHONE], files=[], absent=[str(settled.folder / "beside.conf")]
        ),
        settled.call("pbx_directory", extensions=[{**PHONE, "name": "Ayşe"}], files=[]),
    ):
        assert {name: told.get(name) for name in ("failed", "changed", "nothing_to_do")} == {
            "failed": None,
            "changed": False,
            "nothing_to_do": False,
        }
    assert settled.database.read_bytes() == before
    assert (settled.folder / "beside.conf").read_text() == OURS


def test_where_nothing_is_to_do_what_an_earlier_run_has_left_behind_is_done(settled):
    with store.writing(str(settled.database)) as directory:
        directory.note(store.LAMPS_DUE, "yes")
    assert beside(settled)["nothing_to_do"]
    with store.reading(str(settled.database)) as directory:
        assert directory.setting(store.LAMPS_DUE) is None


def test_what_is_wrong_is_said_once_where_a_run_is_tried_first(settled):
    settled.has(extensions=[PHONE, {"number": "1002"}])
    told = beside(settled)
    assert told["warnings"].count("on this host and not in the list") == 1
    wrong = beside(settled, mode="rw")
    assert "files[0].mode" in wrong["msg"]
    unreadable = beside(settled, path=str(settled.folder / "beside.conf" / "below"))
    assert "beside.conf" in unreadable["msg"]


def test_a_port_with_a_certificate_that_is_not_there_is_refused_and_foretold(host):
    port = {"name": "TLS", "protocol": "tls", "certificate": "/no/such.pem", "private_key": "/no/such.key"}
    host.has(extensions=[])
    foretold = host.call("pbx_connection_port", check_mode=True, **port)
    assert "(the run refuses this)" in foretold["warnings"]
    refused = host.call("pbx_connection_port", **port)
    assert "nothing was changed, because ports are taken" in refused["msg"]
    assert not host.facts()["pbx_connection_ports"]


def test_a_folder_that_is_not_there_is_told_and_nothing_is_changed(host):
    host.has(extensions=[])
    refused = host.call("pbx_connection_port", configuration_folder=str(host.folder / "no"), **PORT)
    assert refused["failed"]
    assert not host.facts()["pbx_connection_ports"]


def test_views_are_made_anew_for_another_release_of_asterisk(host, monkeypatch):
    host.has(extensions=[PHONE])
    program = host.folder / "programs" / "asterisk"
    program.write_text(ASTERISK.replace("22.10.1", "16.28.0"), encoding="utf-8")
    assert host.call("pbx_directory", check_mode=True, extensions=[PHONE])["changed"]
    assert host.has(extensions=[PHONE])["changed"]
    assert not host.has(extensions=[PHONE])["changed"]


def test_a_call_without_media_ends_when_the_directory_was_told_to_let_it(host):
    trunk = {"name": "Telco", "host": "192.0.2.10"}
    host.has(trunks=[trunk])
    text = host.folder / "etc" / "pjsip_trunks.conf"
    assert "rtp_timeout = 60\nrtp_timeout_hold = 1800\n" in text.read_text()
    asked = {"media_timeout": 30, "ami_secret_file": str(host.secret)}
    before = text.read_text()
    assert host.call("pbx_directory", check_mode=True, **asked)["changed"]
    assert text.read_text() == before
    assert [host.call("pbx_directory", **asked)["changed"] for _run in range(2)] == [True, False]
    assert "rtp_timeout = 30\nrtp_timeout_hold = 1800\n" in text.read_text()
    # What is not given stays, and the module of trunks knows it too.
    assert not host.call("pbx_directory", ami_secret_file=str(host.secret))["changed"]
    assert not host.call("pbx_trunk", trunks=[trunk])["changed"]
    refused = host.call("pbx_directory", media_timeout_hold=4)
    assert refused["msg"] == "media_timeout_hold: 4 is neither 0 nor a number of seconds from 5 to 86400"


def test_what_is_handed_over_as_one_text_is_what_is_asked(host):
    host.has(extensions=[])
    handed_over = json.dumps({"extensions": wire.packed_list([PHONE])})
    told = host.call("pbx_extension", handed_over=handed_over)
    assert told["created"] == ["1001"]
    assert PHONE["password"] not in json.dumps(told)


def test_of_a_stopped_asterisk_the_facts_are_what_is_defined(host):
    host.has(extensions=[PHONE])
    facts = host.facts()
    assert facts["pbx_extensions"]["1001"]["registered"] is None
    assert facts["pbx_extension_summary"]["asterisk"] == "stopped"


def test_facts_tell_which_addresses_are_blocked_and_whose_phones_are_there(
    host, scripted_asterisk, monkeypatch
):
    host.has(extensions=[PHONE])
    row = ("192.0.2.7", 1_700_000_000, -1, b'{"failures": 30}')
    monkeypatch.setattr(fail2ban, "bans", lambda _now: fail2ban.Bans(1, [row]))
    # Without the registrations Asterisk is not asked whose phones are there.
    (told,) = host.facts(gather=[status.BLOCKED])["pbx_blocked_addresses"]
    assert (told["address"], told["until"], told["registered"]) == ("192.0.2.7", None, None)
    script = [
        ("PJSIPShowContacts", CONTACTS),
        ("DeviceStateList", nothing_listed("DeviceStateListComplete")),
    ]
    with scripted_asterisk(*script) as asterisk:
        facts = host.facts(ami_port=asterisk.port, gather=[status.REGISTRATION, status.BLOCKED])
    assert facts["pbx_extension_summary"]["blocked_addresses"] == 1
    assert facts["pbx_blocked_addresses"][0]["registered"] == ["1001"]


@pytest.mark.parametrize(("bans", "told"), [(None, (None, None)), (fail2ban.Bans(0, ()), (0, []))])
def test_without_blocks_facts_tell_whether_fail2ban_runs(host, monkeypatch, bans, told):
    host.has(extensions=[PHONE])
    monkeypatch.setattr(fail2ban, "bans", lambda _now: bans)
    facts = host.facts()
    assert (facts["pbx_extension_summary"]["blocked_addresses"], facts["pbx_blocked_addresses"]) == told


def test_what_fail2ban_has_written_and_cannot_be_read_is_a_warning(host, monkeypatch):
    def unreadable(_now):
        raise fail2ban.NotReadableError("fail2ban.sqlite3: database is locked")

    host.has(extensions=[PHONE])
    monkeypatch.setattr(fail2ban, "bans", unreadable)
    told = host.call("pbx_extension_facts", ami_secret_file=str(host.secret))
    assert not told.get("failed"), told
    assert wire.bare(told["ansible_facts"])["pbx_blocked_addresses"] is None
    assert "cannot be told: fail2ban.sqlite3: database is locked" in told["warnings"]


def test_facts_in_one_text_are_the_same_facts(host):
    host.has(extensions=[PHONE])
    gather = [status.DEFINITION, status.REGISTRATION]
    packed = host.facts(packed=True, gather=gather)
    assert wire.unpacked(packed[wire.FACT]) == host.facts(gather=gather)


def test_of_what_another_host_has_this_one_says_so_and_tells_nothing(host):
    host.has(extensions=[PHONE])
    told = host.call(
        "pbx_extension_facts", ami_secret_file=str(host.secret), numbers=["1002"], groups=["Depo"]
    )
    assert not told.get("failed"), told
    assert wire.bare(told["ansible_facts"])["pbx_extensions"] == {}
    assert "numbers[0]: there is no extension '1002' on this host" in told["warnings"]
    assert "groups[0]: there is no group 'Depo' on this host" in told["warnings"]


def test_a_running_asterisk_tells_of_phones_and_of_the_trunks_that_register(host, scripted_asterisk):
    trunk = {"name": "Telco", "host": "a.example", "register": True, "username": "u", "password": "p4ssw0rd-"}
    host.has(extensions=[PHONE], trunks=[trunk], connection_ports=[PORT])
    script = [
        ("PJSIPShowContacts", NOBODY),
        ("DeviceStateList", nothing_listed("DeviceStateListComplete")),
    ]
    with scripted_asterisk(*script) as asterisk:
        facts = host.facts(ami_port=asterisk.port, gather=[status.REGISTRATION])
    assert facts["pbx_trunks"]["Telco"]["registration"] == "registered"
    assert facts["pbx_extension_summary"]["registered"] == 0


def test_without_the_console_the_registrations_of_trunks_cannot_be_told(host, scripted_asterisk):
    trunk = {"name": "Telco", "host": "a.example", "register": True, "username": "u", "password": "p4ssw0rd-"}
    host.has(trunks=[trunk], connection_ports=[PORT])
    (host.folder / "programs" / "asterisk").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    script = [
        ("PJSIPShowContacts", NOBODY),
        ("DeviceStateList", nothing_listed("DeviceStateListComplete")),
    ]
    with scripted_asterisk(*script) as asterisk:
        refused = host.call(
            "pbx_extension_facts",
            ami_secret_file=str(host.secret),
            ami_port=asterisk.port,
            gather=[status.REGISTRATION],
        )
    assert "show registrations" in refused["msg"]


def test_a_port_with_a_certificate_has_facts_of_it(host):
    data = Path(__file__).parents[1] / "data"
    port = {
        "name": "TLS",
        "protocol": "tls",
        "certificate": str(data / "test-only-certificate.pem"),
        "private_key": str(data / "test-only-key.pem"),
    }
    made = host.call("pbx_directory", connection_ports=[port])
    assert not made.get("failed"), made
    told = host.facts()["pbx_connection_ports"]["TLS"]["certificate_facts"]
    assert told["days_left"]
