# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What becomes of user names, and of the digests that are bound to them."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import Extension
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    OTHER_SECRET,
    SECRET,
    becomes,
    directory,
    ext,
    plan_ext,
    refusal,
)

#: As an old system hands it over: nobody knows the password behind it.
FOREIGN = "0123456789abcdef0123456789abcdef"


def digest(username, password=SECRET):
    return ha1(username, REALM, password)


def holding(stored, **fields):
    """Extension 1001 with this digest."""
    return Extension("1001", digest=stored, **fields)


# --- a user name of its own ------------------------------------------------------------------


def test_the_digest_of_a_password_is_bound_to_the_user_name():
    plan = plan_ext(directory(), {"number": "1001", "username": "anna", "password": SECRET})
    assert plan.extensions == Changes(create=(ext(username="anna", password=SECRET),))
    assert becomes(plan).digest == digest("anna") != digest("1001")


@pytest.mark.parametrize("written", ["1001", 1001, ""], ids=repr)
def test_the_number_is_no_user_name_of_its_own(written):
    asked = {"number": "1001", "username": written, "password": SECRET}
    assert becomes(plan_ext(directory(), asked)) == ext(password=SECRET)
    assert not plan_ext(directory(ext(password=SECRET)), asked)


def test_a_user_name_that_is_left_out_is_left_alone():
    have = directory(ext(username="anna", password=SECRET))
    assert not plan_ext(have, {"number": "1001", "password": SECRET})
    new = becomes(plan_ext(have, {"number": "1001", "name": "Anna", "password": OTHER_SECRET}))
    assert new == ext(name="Anna", username="anna", password=OTHER_SECRET)


@pytest.mark.parametrize(
    ("there", "asked"),
    [
        pytest.param({"password": SECRET}, {"username": "anna", "password": SECRET}, id="a first one"),
        pytest.param(
            {"username": "ayse", "password": SECRET}, {"username": "anna", "password": SECRET}, id="another"
        ),
        pytest.param({}, {"username": "anna", "password": SECRET}, id="where there was no password"),
    ],
)
def test_another_user_name_comes_with_the_password(there, asked):
    plan = plan_ext(directory(ext(**there)), {"number": "1001", **asked})
    assert becomes(plan) == ext(username="anna", password=SECRET)


def test_the_number_becomes_the_user_name_again():
    have = directory(ext(username="anna", password=SECRET))
    assert becomes(plan_ext(have, {"number": "1001", "username": "", "password": SECRET})) == ext(
        password=SECRET
    )


@pytest.mark.parametrize("enabled", [True, False], ids=["enabled", "disabled"])
def test_another_user_name_without_the_password_is_refused(enabled):
    have = directory(ext(username="ayse", password=SECRET, enabled=enabled))
    assert refusal(plan_ext, have, {"number": "1001", "username": "anna"}) == {
        "extensions[0].username": (
            "the password is stored for the user name 'ayse' only;"
            " give password (or password_digest) together with another name"
        )
    }


@pytest.mark.parametrize("asked", [{}, {"password": ""}, {"password_digest": ""}], ids=repr)
def test_who_has_no_password_gets_any_user_name(asked):
    plan = plan_ext(directory(ext()), {"number": "1001", "username": "anna", **asked})
    assert becomes(plan) == ext(username="anna")


@pytest.mark.parametrize("secret", ["password", "password_digest"])
def test_a_password_that_goes_takes_the_bond_along(secret):
    have = directory(ext(username="ayse", password=SECRET))
    plan = plan_ext(have, {"number": "1001", "username": "anna", secret: ""})
    assert becomes(plan) == ext(username="anna")


# --- only the user name changes, whatever update_password says -------------------------------


@pytest.mark.parametrize(
    ("there", "asked", "then"),
    [
        pytest.param(
            digest("ayse"),
            {"password": SECRET},
            digest("anna"),
            id="the password that stands, for another name",
        ),
        pytest.param(
            FOREIGN, {"password_digest": FOREIGN}, FOREIGN, id="the digest that stands, made for that name"
        ),
    ],
)
def test_where_passwords_are_set_on_creation_only_the_name_of_one_that_stands_changes(there, asked, then):
    have = directory(holding(there, username="ayse"))
    plan = plan_ext(have, {"number": "1001", "username": "anna", **asked}, update_password=False)
    assert (becomes(plan).username, becomes(plan).digest) == ("anna", then)


@pytest.mark.parametrize(
    "asked", [{"password": OTHER_SECRET}, {"password_digest": FOREIGN}, {"password": ""}], ids=repr
)
def test_where_passwords_are_set_on_creation_only_another_one_is_no_way_to_another_name(asked):
    have = directory(ext(username="ayse", password=SECRET))
    found = refusal(plan_ext, have, {"number": "1001", "username": "anna", **asked}, update_password=False)
    assert found == {
        "extensions[0].username": (
            "the password is stored for the user name 'ayse' only, and the one that is given is another;"
            " set update_password to always to change both"
        )
    }


def test_a_weak_password_that_stands_is_none_the_newer_for_another_user_name():
    have = directory(ext(password="1"))
    plan = plan_ext(have, {"number": "1001", "username": "anna", "password": "1"})
    assert becomes(plan) == ext(username="anna", password="1")


def test_a_password_that_contains_the_user_name_is_weak():
    asked = {"number": "1001", "username": "anna", "password": "anna-Kx7#mQ"}
    found = refusal(plan_ext, directory(), asked)
    assert found["extensions[0].password"].startswith("contains the extension's user name;")


# --- a digest in place of a password ---------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "asked", "update_password", "then"),
    [
        pytest.param(None, FOREIGN, True, FOREIGN, id="a new extension"),
        pytest.param(None, FOREIGN.upper(), True, FOREIGN, id="a new extension, in capitals"),
        pytest.param(None, FOREIGN, False, FOREIGN, id="a new extension, only on creation"),
        pytest.param(FOREIGN, FOREIGN, True, FOREIGN, id="the same again"),
        pytest.param(FOREIGN, FOREIGN.upper(), True, FOREIGN, id="the same again in capitals"),
        pytest.param(digest("1001"), FOREIGN, True, FOREIGN, id="another one"),
        pytest.param(digest("1001"), FOREIGN, False, digest("1001"), id="another one, only on creation"),
        pytest.param(FOREIGN, "", True, None, id="taken away"),
        pytest.param(FOREIGN, "", False, FOREIGN, id="taken away, only on creation"),
    ],
)
def test_when_a_digest_is_set(there, asked, update_password, then):
    have = directory() if there is None else directory(holding(there))
    plan = plan_ext(have, {"number": "1001", "password_digest": asked}, update_password=update_password)
    assert becomes(plan) == holding(then)
    assert bool(plan) is (there != then)


def test_a_password_with_the_stored_digest_is_no_change():
    have = directory(holding(digest("anna"), username="anna"))
    assert not plan_ext(have, {"number": "1001", "password": SECRET})
    assert not plan_ext(have, {"number": "1001", "password_digest": digest("anna")})


def test_a_digest_and_a_password_together_are_refused():
    asked = {"number": "1001", "password": SECRET, "password_digest": digest("1001")}
    assert refusal(plan_ext, directory(), asked) == {
        "extensions[0].password_digest": "is given in addition to password; give one of them"
    }


def test_a_diff_says_that_there_is_another_password_and_not_which():
    plan = plan_ext(directory(holding(FOREIGN)), {"number": "1001", "password_digest": digest("1001")})
    assert plan.diff()["after"] == {"extensions": {"1001": {"password": "(a new one)"}}}


# --- each extension has a user name of its own -----------------------------------------------


def test_a_user_name_of_another_extension_is_refused():
    have = directory(ext("1002", username="anna"))
    found = refusal(plan_ext, have, {"number": "1001", "username": "anna"})
    assert found == {
        "extensions[0].username": "anna is the user name of extension 1002; give one of them another"
    }


def test_a_number_that_is_the_user_name_of_its_extension_is_refused():
    found = refusal(plan_ext, directory(ext("1002")), {"number": "1001", "username": "1002"})
    assert list(found) == ["extensions[0].username"]


def test_the_number_of_an_extension_with_another_user_name_is_taken():
    plan = plan_ext(directory(ext("1002", username="anna")), {"number": "1001", "username": "1002"})
    assert becomes(plan).username == "1002"


def test_a_new_extension_whose_number_somebody_has_as_user_name_is_refused():
    found = refusal(plan_ext, directory(ext("1001", username="1002")), {"number": "1002"})
    assert found == {
        "extensions[0].number": "1002 is the user name of extension 1001; give one of them another"
    }


def test_of_a_list_everybody_who_has_the_name_of_another_is_told_once():
    found = refusal(
        plan_ext,
        directory(),
        {"number": "1003", "username": "anna"},
        {"number": "1001", "username": "anna"},
        {"number": "1002", "username": "1004"},
        {"number": "1004"},
        {"number": "1005", "username": "anna"},
    )
    assert found == {
        "extensions[0].username": "anna is the user name of extension 1001; give one of them another",
        "extensions[2].username": "1004 is the user name of extension 1004; give one of them another",
        "extensions[4].username": "anna is the user name of extension 1001; give one of them another",
    }


def test_spellings_in_capitals_are_names_of_their_own():
    # A digest is another one then, and Asterisk compares letter by letter (digest_lookup).
    asked = [{"number": "1001", "username": "anna"}, {"number": "1002", "username": "Anna"}]
    assert len(plan_ext(directory(), *asked).extensions.create) == 2


def test_two_extensions_swap_their_user_names():
    have = directory(ext("1001", username="anna"), ext("1002", username="1001"))
    plan = plan_ext(have, {"number": "1001", "username": ""}, {"number": "1002", "username": "anna"})
    assert [new.username for _old, new in plan.extensions.change] == [None, "anna"]


@pytest.mark.parametrize("purge", [True, False], ids=["left out", "absent"])
def test_a_user_name_is_free_again_once_its_extension_goes(purge):
    have = directory(ext("1001", username="anna"))
    gone = [] if purge else [{"number": "1001", "state": "absent"}]
    plan = plan_ext(have, {"number": "1002", "username": "anna"}, *gone, purge=purge)
    assert [e.username for e in plan.extensions.create] == ["anna"]


def test_in_check_mode_a_user_name_of_one_who_is_left_as_it_is_is_a_warning():
    have = directory(ext("1002", username="anna"))
    plan = plan_ext(have, {"number": "1001", "username": "anna"}, check_mode=True)
    assert plan.warnings == (
        "extensions[0].username: anna is the user name of extension 1002; give one of them another"
        " (the run refuses this)",
    )


def test_the_name_of_one_in_whose_item_something_is_wrong_is_no_second_mistake():
    have = directory(ext("1002", username="anna"))
    wrong = {"number": "1002", "username": "", "max_calls": 0}
    found = refusal(plan_ext, have, {"number": "1001", "username": "anna"}, wrong)
    assert list(found) == ["extensions[1].max_calls"]
