# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Lines to the outside world, chan_sip's files, and what the dialplan says of numbers."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.dialplan_numbers import fits
from ansible_collections.voiceops.asterisk.tests.unit.exchange.adopting import PHONE, options_of, read, said

TRUNK = """
[line]
type=endpoint
aors=line
outbound_auth=line-auth
allow=!all,alaw,g722
transport=udp
[line]
type=aor
contact=sip:sip.example.net:5070
qualify_frequency=60
[line-auth]
type=auth
username=4930
password=gizli-kelime
"""


def trunk_of(imported):
    (trunk,) = imported.trunks
    return {**trunk.options, **trunk.credentials}


def test_an_endpoint_that_sends_a_password_is_a_trunk():
    imported = read({"pjsip": TRUNK}, connection_ports={"udp": "wan"})
    assert not imported.extensions
    assert trunk_of(imported) == {
        "name": "line",
        "host": "sip.example.net",
        "port": 5070,
        "connection_port": "wan",
        "codecs": ["alaw", "g722"],
        "qualify": True,
        "username": "4930",
        "password": "gizli-kelime",
    }
    assert not (*imported.changed, *imported.not_carried, *imported.problems)


@pytest.mark.parametrize(
    ("registration", "registers"),
    [
        ("server_uri=sip:sip.example.net", True),
        ("server_uri=sip:other.example.net\noutbound_auth=line-auth", True),
        ("server_uri=sip:other.example.net\nendpoint=line\nline=yes", True),
        ("server_uri=sip:other.example.net", False),
    ],
)
def test_a_registration_belongs_to_the_trunk_that_it_names(registration, registers):
    imported = read({"pjsip": f"{TRUNK}[reg]\ntype=registration\n{registration}"})
    assert trunk_of(imported).get("register", False) is registers
    unused = "pjsip.conf:16, [reg]: registers with a host that no endpoint calls: no trunk is made of it"
    assert (unused in said(imported.not_carried)) is not registers


def test_where_calls_of_a_trunk_come_from_and_that_it_is_believed_is_carried():
    identify = "[x]\ntype=identify\nendpoint=line\nmatch=192.0.2.0/24,sip.example.net:5060\nmatch=2001:db8::1"
    imported = read({"pjsip": TRUNK + identify + "\n[line](+)\ntrust_id_inbound=yes\ncontext=in"})
    assert trunk_of(imported)["inbound_addresses"] == ["192.0.2.0/24", "sip.example.net", "2001:db8::1"]
    assert trunk_of(imported)["trust_identity"] is True
    assert "pjsip.conf:2, [line]: its calls go to the context in: write inbound_numbers" in said(
        imported.not_carried
    )


def test_a_trunk_of_a_wizard_has_one_host_and_the_others_are_told():
    imported = read(
        {
            "pjsip_wizard": "[line]\ntype=wizard\nsends_auth=yes\nsends_registrations=yes\n"
            "remote_hosts=a.example.net:5070,b.example.net\noutbound_auth/username=4930\n"
            "outbound_auth/password=gizli-kelime"
        }
    )
    assert trunk_of(imported) == {
        "name": "line",
        "host": "a.example.net",
        "port": 5070,
        "register": True,
        "inbound_addresses": ["a.example.net", "b.example.net"],
        "qualify": False,
        "username": "4930",
        "password": "gizli-kelime",
    }
    assert said(imported.not_carried) == [
        "pjsip_wizard.conf:1, [line]: has further hosts, b.example.net: write a trunk for each"
    ]


@pytest.mark.parametrize(
    ("changes", "options", "remarks"),
    [
        ("[line](+)\ncallerid=Office <+4930123>", {"caller_id": "+4930123"}, []),
        ("[line-auth](+)\nrealm=example.net", {"realm": "example.net"}, []),
        (
            "[line](+)\nauth=line-auth",
            {},
            ["2, [line]: auth is not carried: a trunk is known by its address"],
        ),
        (
            "[line-auth](+)\npassword=\nmd5_cred=" + "0a" * 16,
            {"password": None},
            ["12, [line-auth]: has no password that can be carried: write the trunk's password"],
        ),
        (
            "[line](+type=aor)\ncontact=sip:b.example.net",
            {"host": "sip.example.net"},
            ["2, [line]: has further hosts, b.example.net: write a trunk for each"],
        ),
    ],
)
def test_what_else_a_trunk_says(changes, options, remarks):
    imported = read({"pjsip": TRUNK + changes}, connection_ports={"udp": "wan"})
    assert {name: trunk_of(imported).get(name) for name in options} == options
    assert said(imported.not_carried) == [f"pjsip.conf:{remark}" for remark in remarks]


def test_a_trunk_that_is_known_by_its_address_alone():
    text = "[line]\ntype=endpoint\ntransport=udp\n[line]\ntype=identify\nendpoint=line\nmatch="
    imported = read({"pjsip": f"{text}192.0.2.0/24,192.0.2.1"})
    assert trunk_of(imported) == {
        "name": "line",
        "host": "192.0.2.1",
        "inbound_addresses": ["192.0.2.0/24", "192.0.2.1"],
    }
    assert said(imported.not_carried) == [
        "pjsip.conf:1, [line]: transport = udp: say which connection port it is"
    ]
    network = read({"pjsip": f"{text}192.0.2.0/24"})
    assert said(network.not_carried) == ["pjsip.conf:1, [line]: names no host, so no trunk is made of it"]


def test_a_trunk_without_host_or_without_its_auth_is_told():
    imported = read({"pjsip": "[line]\ntype=endpoint\noutbound_auth=no"})
    assert said(imported.not_carried) == ["pjsip.conf:1, [line]: names no host, so no trunk is made of it"]
    imported = read({"pjsip": TRUNK.replace("[line-auth]", "[other]")})
    assert said(imported.problems) == ["pjsip.conf:2, [line]: names the auth line-auth, which is not there"]


@pytest.mark.parametrize(
    ("peer", "options", "remark"),
    [
        ("host=dynamic\nfullname=Anna\ncid_number=2222",
         {"number": "1001", "name": "Anna"}, "its calls show the number 2222: here they show 1001"),
        ("host=dynamic\ntransport=udp,tls\naccountcode=7",
         {"number": "1001", "labels": {"accountcode": "7"}},
         "transport = udp,tls: phones may come by any connection port"),
        ("callbackextension=1", None, "names no host, so no phone can register as it"),
    ],
)  # fmt: skip
def test_what_else_a_phone_of_chan_sip_says(peer, options, remark):
    imported = read({"sip": f"[1001]\ntype=friend\nsecret=x\n{peer}"})
    assert [each.options for each in imported.extensions] == ([options] if options else [])
    assert said(imported.not_carried) == [f"sip.conf:1, [1001]: {remark}"]


def test_a_trunk_of_chan_sip_whose_password_stands_in_its_register_line_alone():
    general, peer = "register => 4930:gizli@a.example", "host=a.example\nport=5070\nallow=alaw"
    imported = read({"sip": f"[general]\n{general}\n[line]\ntype=peer\n{peer}"})
    assert trunk_of(imported) == {
        "name": "line",
        "host": "a.example",
        "port": 5070,
        "username": "4930",
        "codecs": ["alaw"],
    }
    assert said(imported.not_carried) == [
        "sip.conf:3, [line]: has no secret: the one of its line register => is to be written by hand"
    ]


def test_users_conf_with_a_fixed_host_or_too_large_a_general_section_is_no_phone():
    assert said(read({"users": "[6000]\nhassip=yes\nhost=192.0.2.1"}).not_carried) == [
        "users.conf:1, [6000]: has a fixed host, so no extension is made of it"
    ]
    assert said(read({"users": "[general]\n" + "x=1\n" * 201}).problems) == [
        "users.conf:1, [general]: has more than 200 options, which is more than is read here"
    ]


def test_no_password_of_an_address_is_told():
    text = TRUNK.replace("sip:sip.example.net:5070", "sip:user:gizli-kelime@sip.example.net")
    imported = read({"pjsip": text})
    assert trunk_of(imported)["host"] == "sip.example.net"
    assert "gizli" not in repr(imported)


def test_what_is_neither_phone_nor_trunk_is_told():
    assert said(read({"pjsip": "[anonymous]\ntype=endpoint\ncontext=public"}).not_carried) == [
        "pjsip.conf:1, [anonymous]: is neither a phone nor a line to the outside world"
    ]


@pytest.mark.parametrize(
    ("general", "peer", "extension"),
    [
        ("", "secret=kirmizi-elma-7", "password=kirmizi-elma-7"),
        ("", "secret=x\ncallerid=Anna <1001>\nlanguage=tr", "name=Anna language=tr password=x"),
        ("", "md5secret=" + "0a" * 16, "password_digest=" + "0a" * 16),
        ("", "secret=x\ndefaultuser=anna", "password=x"),
        ("secret=general", "", ""),
        ("realm=pbx.example.net", "secret=x", "password=x"),
        ("", "secret=x\ntransport=tcp", "connection_port=tcp-port password=x"),
        ("", "secret=x\ntransport=udp,tcp", "password=x"),
        ("", "secret=x\nnamedcallgroup=sales", "groups=['sales'] password=x"),
    ],
)
def test_a_phone_of_chan_sip_proves_itself_by_the_name_of_its_section(general, peer, extension):
    text = f"[general]\n{general}\n[phones](!)\ntype=friend\nhost=dynamic\n[1001](phones)\n{peer}"
    imported = read({"sip": text}, connection_ports={"tcp": "tcp-port"})
    assert options_of(imported) == [f"1001 {extension}".strip()]
    assert not imported.problems


def test_a_digest_of_chan_sip_holds_for_its_realm():
    text = "[general]\nrealm=pbx.example.net\n[1001]\ntype=friend\nhost=dynamic\nmd5secret=" + "0a" * 16
    assert said(read({"sip": text}).problems) == [
        "sip.conf:3, [1001]: has a digest of the realm pbx.example.net, which says nothing about asterisk,"
        " the"
        " realm of this collection; write its password instead of the digest, or give the phone a new one"
    ]


def test_what_chan_sip_has_besides_is_told_without_secrets():
    text = """
        [general]
        register => 4930:gizli-kelime@sip.example.net/1001
        register => gizli
        [authentication]
        auth=4930:gizli-kelime@sip.example.net
        [1001]
        type=friend
        host=dynamic
        secret=gizli-kelime
        nat=no
        setvar=PIN=gizli
        [anna]
        type=friend
        host=dynamic
        [old]
        secret=gizli
    """
    imported = read({"sip": text})
    assert "gizli" not in repr(imported)
    assert said(imported.not_carried) == [
        "sip.conf:2, [general]: has a line register => that is not understood here",
        "sip.conf:7, [1001]: nat = no is not carried",
        "sip.conf:7, [1001]: setvar is not carried",
        "sip.conf:13, [anna]: phones register as 'anna', which is not a number: a phone here says the number"
        " of its"
        " extension. Write an extension with a number for it, and set up the phone again",
        "sip.conf:16, [old]: has no type, so Asterisk makes nothing of it",
        "sip.conf:2, [general]: registers with sip.example.net, which no section calls",
    ]


def test_a_trunk_of_chan_sip():
    text = """
        [general]
        register => 4930:x@sip.example.net:5070/1001
        [line]
        type=peer
        host=sip.example.net
        secret=x
        qualify=yes
    """
    assert trunk_of(read({"sip": text})) == {
        "name": "line",
        "host": "sip.example.net",
        "port": 5070,
        "register": True,
        "username": "4930",
        "qualify": True,
        "password": "x",
    }


def test_users_conf_has_phones_where_hassip_is_set():
    text = """
        [general]
        hassip=yes
        hasvoicemail=yes
        [6000]
        fullname=Anna Kurt
        secret=kirmizi-elma-7
        email=anna@example.org
        vmsecret=4711
        [6001]
        hassip=no
    """
    imported = read({"users": text})
    assert options_of(imported) == ["6000 name=Anna Kurt email=anna@example.org password=kirmizi-elma-7"]
    assert "4711" not in repr(imported)
    assert said(imported.not_carried) == [
        "users.conf:5, [6000]: hasvoicemail = yes is not carried",
        "users.conf:5, [6000]: vmsecret is not carried",
        "users.conf:10, [6001]: has no hassip=yes, so no phone of SIP can register as it",
    ]


@pytest.mark.parametrize(
    ("dialplan", "ring_timeout", "remarks"),
    [
        ("exten => 1001,1,Dial(PJSIP/1001,20)", 20, []),
        ("exten => 1001,1,Dial(PJSIP/${EXTEN},20,tT)", 20, []),
        ("exten => 1001,hint,PJSIP/1001\nsame => 1,Dial(PJSIP/1001)", None, []),
        ("exten => _1XXX,1,Dial(PJSIP/${EXTEN},25)", 25, []),
        ("exten => _2XXX,1,Dial(PJSIP/${EXTEN},25)", None, []),
        ("exten => _1XXX,1,Dial(PJSIP/${EXTEN},25)\nexten => 1001,1,Dial(PJSIP/1001,40)", 40, []),
        ("exten = 1001,1,Dial(PJSIP/1001,${TIME})", None, []),
        (
            "exten => 1001,1,Dial(PJSIP/1001&PJSIP/1002,20)\nexten => 1001,n,Hangup()\ninclude => other",
            None,
            ["extensions.conf:1, [office]: lines of the dialplan that are not carried: 3"],
        ),
        (
            "exten => 2222,1,Dial(PJSIP/1001,20)",
            20,
            ["pjsip.conf:2, [1001]: the dialplan calls it as 2222, too: here it has the number 1001 alone"],
        ),
    ],
)
def test_the_dialplan_tells_how_long_a_number_rings(dialplan, ring_timeout, remarks):
    imported = read({"pjsip": PHONE, "extensions": f"[office]\n{dialplan}"})
    assert imported.extensions[0].options.get("ring_timeout") == ring_timeout
    assert said(imported.not_carried) == remarks


def test_a_phone_that_rings_longer_than_it_can_is_told():
    imported = read({"pjsip": PHONE, "extensions": "[office]\nexten => 1001,1,Dial(PJSIP/1001,900)"})
    assert imported.extensions[0].options["ring_timeout"] == 300
    assert said(imported.changed) == [
        "extensions.conf:2: rings for 900 seconds: an extension rings from 5 to 300 seconds"
    ]


@pytest.mark.parametrize(
    ("pattern", "number", "meant"),
    [
        ("1XXX", "1001", True),
        ("1XXX", "100", False),
        ("1XXX", "10011", False),
        ("[2-4]ZN", "312", True),
        ("[2-4]ZN", "302", False),
        ("[2-4]ZN", "511", False),
        ("1.", "10", True),
        ("1.", "1", False),
        ("1!", "1", True),
        ("[", "1", False),
        ("", "1", False),
    ],
)
def test_a_pattern_of_the_dialplan_means_numbers(pattern, number, meant):
    assert fits(pattern, number) is meant
