# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What pjsip.conf and pjsip_wizard.conf say of phones, in the words of an inventory."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.tests.unit.exchange.adopting import PHONE, options_of, read, said

DIGEST = ha1("1001", "asterisk", "kirmizi-elma-7")


def phone(endpoint="", aor="max_contacts=1", auth="username=1001\npassword=kirmizi-elma-7", before=""):
    """A pjsip.conf with one phone that differs from the simplest one."""
    return (
        f"{before}\n[1001]\ntype=endpoint\naors=1001\nauth=1001\n{endpoint}\n"
        f"[1001]\ntype=aor\n{aor}\n[1001]\ntype=auth\n{auth}\n"
    )


def test_a_phone_is_its_endpoint_its_aor_and_its_auth():
    imported = read({"pjsip": PHONE})
    assert options_of(imported) == ["1001 max_devices=1 password=kirmizi-elma-7"]
    assert imported.extensions[0].place == "pjsip.conf:2, [1001]"
    assert not (*imported.changed, *imported.not_carried, *imported.problems)


@pytest.mark.parametrize(
    ("changes", "extension"),
    [
        ({"endpoint": 'callerid="Ayşe Öz" <1001>'}, "name=Ayşe Öz max_devices=1"),
        ({"endpoint": "callerid=Ayşe Öz <1001>"}, "name=Ayşe Öz max_devices=1"),
        ({"endpoint": r'callerid="A \"B\" C" <1001>'}, 'name=A "B" C max_devices=1'),
        ({"endpoint": "callerid=1001"}, "max_devices=1"),
        ({"endpoint": "callerid=A\ncallerid=B"}, "name=B max_devices=1"),
        ({"endpoint": "language=tr"}, "language=tr max_devices=1"),
        ({"endpoint": "named_call_group=sales, Satış,sales"}, "groups=['sales', 'Satış'] max_devices=1"),
        ({"endpoint": "accountcode=4711"}, "labels={'accountcode': '4711'} max_devices=1"),
        ({"endpoint": "transport=udp-nat"}, "connection_port=desk max_devices=1"),
        ({"aor": "max_contacts=3\nremove_existing=yes"}, "max_devices=3"),
        ({"aor": "max_contacts=50"}, "max_devices=20"),
        ({"before": "[t](!)\ntype=endpoint\nlanguage=tr\n[u](!,t)\nlanguage=en"}, "max_devices=1"),
    ],
)
def test_what_is_written_becomes_an_option(changes, extension):
    imported = read({"pjsip": phone(**changes)}, connection_ports={"udp-nat": "desk"})
    assert options_of(imported) == [f"1001 {extension} password=kirmizi-elma-7"]
    assert not imported.problems


@pytest.mark.parametrize(
    ("auth", "known"),
    [
        ("username=1001\npassword=kirmizi-elma-7", "password=kirmizi-elma-7"),
        ("username=0019159BF771\npassword=mavi-deniz-9", "username=0019159BF771 password=mavi-deniz-9"),
        ("auth_type=md5\nusername=1001\nmd5_cred={DIGEST}", "password_digest={DIGEST}"),
        ("auth_type=md5\nusername=anna\nmd5_cred={DIGEST}", "username=anna password_digest={DIGEST}"),
        ("auth_type=digest\nusername=1001\npassword_digest=MD5:{DIGEST}", "password_digest={DIGEST}"),
        ("username=1001\npassword_digest=SHA-256:{DIGEST}00,md5:{DIGEST}", "password_digest={DIGEST}"),
        ("username=1001\npassword=kirmizi-elma-7\nmd5_cred={DIGEST}", "password=kirmizi-elma-7"),
        ("username=1001\npassword=kirmizi-elma-7\nrealm=pbx.example.net", "password=kirmizi-elma-7"),
        ("username=1001", ""),
    ],
)
def test_a_phone_proves_itself_as_before(auth, known):
    imported = read({"pjsip": phone(auth=auth.format(DIGEST=DIGEST))})
    assert options_of(imported) == [f"1001 max_devices=1 {known}".strip().format(DIGEST=DIGEST)]
    assert not imported.problems


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"auth": f"username=1001\nmd5_cred={DIGEST}\nrealm=pbx.example.net"},
            "pjsip.conf:10, [1001]: has a digest of the realm pbx.example.net, which says nothing about"
            " asterisk,"
            " the realm of this collection; write its password instead of the digest, or give the phone a"
            " new one",
        ),
        (
            {"auth": f"username=1001\nmd5_cred={DIGEST}", "before": "[global]\ntype=global\ndefault_realm=x"},
            "pjsip.conf:12, [1001]: has a digest of the realm x, which says nothing about asterisk, the"
            " realm of"
            " this collection; write its password instead of the digest, or give the phone a new one",
        ),
        (
            {"auth": f"username=1001\npassword=other\nmd5_cred={DIGEST}"},
            "pjsip.conf:10, [1001]: has a password and a digest that is not of this password; take the"
            " wrong one out",
        ),
        (
            {"auth": "username=1001\nmd5_cred=0123"},
            "pjsip.conf:10, [1001]: has a digest that is not of 32 digits 0 to 9 and a to f; write its"
            " password",
        ),
        (
            {"auth": "username=1001\npassword_digest=SHA-256:00"},
            "pjsip.conf:10, [1001]: has a digest, but none of MD5; write its password",
        ),
        ({"auth": "password=x"}, "pjsip.conf:10, [1001]: has no username, so Asterisk does not take it;"
                                 " write it"),
        ({"endpoint": "auth=other"}, "pjsip.conf:2, [1001]: names the auth other, which is not there"),
        (
            {"endpoint": "auth=1001,other"},
            "pjsip.conf:2, [1001]: has several auths: an extension has one. Leave the one that its phone"
            " uses",
        ),
        ({"endpoint": "aors=1001,other"}, "pjsip.conf:2, [1001]: names the aor other, which is not there"),
        (
            {"endpoint": "[1001]\ntype=aor"},
            "pjsip.conf:8, [1001]: is a second aor of this name beside pjsip.conf:6, [1001]: Asterisk then"
            " has none"
            " of this type; take one out",
        ),
        (
            {"aor": "max_contacts=1\nallow=ulaw"},
            "pjsip.conf:7, [1001]: has allow, which a section of type aor cannot have: Asterisk drops all"
            " of it;"
            " take the option out, or write it into the section where it belongs",
        ),
        (
            {"auth": "username=1001\npassword=x\n[1001](+)\nmax_contacts=2"},
            "pjsip.conf:2, [1001]: has max_contacts, which a section of type endpoint cannot have:"
            " Asterisk drops"
            " all of it. pjsip.conf:15 adds to the first section of this name, which is its endpoint; write"
            " [1001](+type=aor)",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_a_problem_with_its_place_and_its_remedy(changes, problem):
    assert said(read({"pjsip": phone(**changes)}).problems)[:1] == [problem]


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        (
            {"endpoint": "context=office"},
            "pjsip.conf:2, [1001]: context = office is not carried: callable_groups and"
            " outbound_profile say who may call whom and where",
        ),
        (
            {"endpoint": "set_var=PIN=4711"},
            "pjsip.conf:2, [1001]: set_var is not carried: the dialplan has no variables of one extension",
        ),
        ({"endpoint": "allow=!all,ulaw,opus"},
         "pjsip.conf:2, [1001]: the codec opus is not carried: calls have g722, alaw, ulaw"),
        ({"endpoint": "transport=udp-wan"},
         "pjsip.conf:2, [1001]: transport = udp-wan: say which connection port it is, or phones may come"
         " by any"),
        ({"endpoint": "callerid=Ayşe <2222>"},
         "pjsip.conf:2, [1001]: its calls show the number 2222: here they show 1001"),
        ({"endpoint": "identify_by=username,auth_username"},
         "pjsip.conf:2, [1001]: identify_by = auth_username: phones say their number in From"),
        ({"aor": "max_contacts=1\nmailboxes=1001@default"},
         "pjsip.conf:7, [1001]: mailboxes is not carried: there is no voicemail"),
        ({"aor": "max_contacts=1\ncontact=sip:192.0.2.9"},
         "pjsip.conf:7, [1001]: has a fixed contact: a phone has to register here"),
        (
            {"endpoint": "aors=lobby,1001", "before": "[lobby]\ntype=aor\nmax_contacts=1"},
            "pjsip.conf:4, [1001]: has several aors: lobby cannot be carried, with its phones",
        ),
    ],
)  # fmt: skip
def test_what_has_no_word_here_is_told(changes, remark):
    imported = read({"pjsip": phone(**changes)})
    assert said(imported.not_carried) == [remark]
    assert options_of(imported)


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"aor": ""}, "pjsip.conf:7, [1001]: max_contacts is 0, so no phone can register; here one can"),
        ({"aor": "max_contacts=50"},
         "pjsip.conf:7, [1001]: max_contacts is more than 20, and 20 is the most here"),
        ({"auth": "username=1001\npassword=x\nrealm=pbx.example.net"},
         "pjsip.conf:10, [1001]: phones are asked for their password in the realm asterisk, no longer in"
         " pbx.example.net"),
        ({"auth": "username=1001"},
         "pjsip.conf:10, [1001]: has no password; without one its phone cannot register here"),
        ({"endpoint": "auth="},
         "pjsip.conf:2, [1001]: has no auth: anybody can register as it. Without a password nobody can here"),
    ],
)  # fmt: skip
def test_what_is_taken_otherwise_than_it_is_written_is_told(changes, remark):
    assert said(read({"pjsip": phone(**changes)}).changed) == [remark]


def test_a_name_that_is_no_number_is_no_extension_and_the_remark_says_what_to_do():
    text = PHONE.replace("[1001]", "[anna]").replace("=1001", "=anna")
    imported = read({"pjsip": text, "extensions": "[office]\nexten => 1001,1,Dial(PJSIP/anna,20)"})
    assert not imported.extensions
    assert said(imported.not_carried) == [
        "pjsip.conf:2, [anna]: phones register as 'anna', which is not a number: a phone here says the number"
        " of its"
        " extension. The dialplan calls it as 1001. Write an extension with a number for it, and give the"
        " phone that"
        " number as its user; it may keep its password and the name by which it proves itself (username)"
    ]  # fmt: skip


def test_the_same_of_many_is_said_once_with_its_places():
    template = "[t](!)\ntype=endpoint\ncontext=office\n[a](!)\ntype=aor\nmax_contacts=1\n"
    phones = [
        f"[{n}](t)\naors={n}\nauth={n}\n[{n}](a)\n[{n}]\ntype=auth\nusername={n}\npassword=x{n}\n"
        for n in range(30)
    ]
    imported = read({"pjsip": template + "".join(phones)})
    assert len(imported.extensions) == 30
    assert len(imported.not_carried) == 1
    remark = imported.not_carried[0]
    assert remark.message.startswith("context = office is not carried: callable_groups and")
    assert "(30 times, also at pjsip.conf:15, [1]; " in remark.message
    assert remark.message.endswith("; and 9 more)")


def test_a_wizard_is_a_phone():
    imported = read(
        {
            "pjsip_wizard": """
                [phone](!)
                type = wizard
                accepts_registrations = yes
                accepts_auth = yes
                has_hint = yes
                hint_context = office
                hint_application = Dial(${HINT},25)
                aor/max_contacts = 2

                [1001](phone)
                inbound_auth/username = anna
                inbound_auth/password = kirmizi-elma-7
                endpoint/callerid = Anna Kurt <1001>
                hint_exten = 1001

                [1002](phone)
                inbound_auth/password = mavi-deniz-9
            """
        }
    )
    assert options_of(imported) == [
        "1001 name=Anna Kurt max_devices=2 username=anna ring_timeout=25 password=kirmizi-elma-7"
    ]
    assert said(imported.problems) == [
        "pjsip_wizard.conf:17, [1002]: has no inbound_auth/username, so Asterisk does not make all of its"
        " objects;"
        " write it"
    ]


def test_files_of_freepbx_are_read_with_what_was_added_by_hand():
    files = {
        "pjsip": "#include pjsip.transports.conf\n#include pjsip.endpoint.conf\n"
        "#include pjsip.endpoint_custom_post.conf\n#include pjsip.aor.conf\n#include pjsip.auth.conf",
        "pjsip.transports": "[0.0.0.0-udp]\ntype=transport\nprotocol=udp\nbind=0.0.0.0:5060",
        "pjsip.endpoint": "#include pjsip.endpoint_custom.conf\n[1001]\n"
        "type=endpoint\naors=1001\nauth=1001-auth\n"
        "callerid=Anna Kurt <1001>\nmailboxes=1001@default\noutbound_auth=1001-auth\n",
        "pjsip.endpoint_custom": "",
        "pjsip.endpoint_custom_post": "[1001](+)\nlanguage=tr",
        "pjsip.aor": "[1001]\ntype=aor\nmax_contacts=2\nremove_existing=yes",
        "pjsip.auth": "[1001-auth]\ntype=auth\nauth_type=userpass\nusername=1001\npassword=kirmizi-elma-7",
    }  # fmt: skip
    imported = read(files)
    assert options_of(imported) == ["1001 name=Anna Kurt language=tr max_devices=2 password=kirmizi-elma-7"]
    assert said(imported.not_carried) == [
        "pjsip.endpoint.conf:2, [1001]: outbound_auth is not carried: a phone is never asked for a password",
        "pjsip.endpoint.conf:2, [1001]: mailboxes is not carried: there is no voicemail",
        "pjsip.transports.conf:1, [0.0.0.0-udp]: is a transport: write a connection port for it, if it is"
        " needed",
    ]


@pytest.mark.parametrize(
    ("others", "where"),
    [
        ({}, "problems"),
        ({"asterisk": "[options]\nexecincludes = yes"}, "problems"),
        ({"asterisk": "[options]\nexecincludes = no"}, "not_carried"),
        ({"asterisk": "[options]"}, "not_carried"),
    ],
)
def test_a_program_is_never_run_and_stops_an_adoption_unless_asterisk_does_not_run_it_either(others, where):
    imported = read({"pjsip": PHONE + "#exec /usr/local/bin/phones\n", **others})
    assert [str(each[0]) for each in getattr(imported, where)] == ["pjsip.conf:13"]


def test_an_unreadable_file_is_a_problem_and_the_others_are_read():
    imported = read({"pjsip": PHONE, "sip": "[1002](no)"})
    assert len(imported.extensions) == 1
    assert said(imported.problems) == [
        "sip.conf:1: inherits from [no], which is not before it; Asterisk does not read on here"
    ]
    assert said(read({"asterisk": ""}).problems) == [
        "/etc/asterisk: there is none of pjsip.conf, pjsip_wizard.conf, sip.conf, users.conf,"
        " extensions.conf;"
        " nothing can be read"
    ]


def test_a_number_of_both_channel_drivers_is_a_problem():
    imported = read({"pjsip": PHONE, "sip": "[1001]\ntype=friend\nhost=dynamic\nsecret=x"})
    assert said(imported.problems) == [
        "sip.conf:1, [1001]: 1001 is also at pjsip.conf:2, [1001]: leave the one that its phone uses"
    ]
