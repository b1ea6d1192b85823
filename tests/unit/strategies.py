# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: any directory over a few names, any list that asks for changes to it, and any plan."""

from __future__ import annotations

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    EmergencyNumber,
    Extension,
    ExtensionGroup,
    InboundNumber,
    OutboundProfile,
    OutboundRule,
    Trunk,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    KINDS,
    Directory,
    Plan,
    by,
    sort_out,
)
from ansible_collections.voiceops.asterisk.tests.unit.directories import OTHER_SECRET, SECRET
from hypothesis import strategies as st

NUMBERS = ["1", "01", "10", "1001", "905321234567890"]
EMERGENCY = ["110", "112"]
GROUPS = ["A", "a", "Satış", "x'); --"]
PORTS = ["desk", "wan", "Ofis 🏢"]
TRUNKS = ["line", "Hat 2", "'; --"]
PROFILES = ["office", "Herkes", '"x"']
NAMES = ["", "Ayşe", 'O"Hara\\ $;']
PASSWORDS = ["", "1", SECRET, OTHER_SECRET]
#: What phones authenticate as; one of them is a number that somebody may have.
PHONE_USERNAMES = ["", "anna", "0004F2@x", "10"]
DIGESTS = ["", ha1("anna", REALM, SECRET), ha1("1001", REALM, OTHER_SECRET)]
LANGUAGES = ["", "tr", "en_GB"]
EMAILS = ["", "a@example.org", "ş'@example.org"]
LABELS = [{}, {"room": "1"}, {"room": 'B "1"', "a.b": "ğ; 🏢"}]
DEVICES = [1, 2, 20]
CALLS = [1, 10, 1000]
SECONDS = [5, 30, 300]
ADDRESSES = ["0.0.0.0", "::1"]
PORT_NUMBERS = [5060, 5061]
USERNAMES = ["", "4930", "anna+1"]
REALMS = ["example.net", "sip.example.net"]
CODECS = [("alaw", "ulaw"), ("g722",)]
CALLERS = ["", "030", "+4930"]
NETWORKS = [(), ("10.0.0.0/8", "2001:db8::/32")]
OUTSIDE = ["*", "030", "+4930"]
ENCRYPTED = ("tls", "wss")
FILES = {"certificate": "/c.pem", "private_key": "/k.pem"}
#: What a port listens on; at most one of ws and of wss, and none in the way of another.
LISTENERS = [
    *((p, a, n) for p in ("udp", "tcp") for a in ADDRESSES for n in PORT_NUMBERS),
    ("tls", "0.0.0.0", 5062),
    ("ws", "::1", 8088),
    ("wss", "::1", 8089),
]


def some_of(values):
    return st.sets(st.sampled_from(sorted(values)), max_size=3) if values else st.just(set())


def one_or_none(values):
    return st.sampled_from([None, *sorted(values)])


def _order(values):
    return st.lists(st.sampled_from(sorted(values)), unique=True, min_size=1, max_size=2)


# --- any directory ---------------------------------------------------------------------------


@st.composite
def _ports(draw):
    listeners = draw(st.lists(st.sampled_from(LISTENERS), unique=True, max_size=len(PORTS)))
    ports = {}
    for name, listener in zip(draw(st.permutations(PORTS)), listeners):
        ports[name] = ConnectionPort(
            name,
            *listener,
            **(FILES if listener[0] in ENCRYPTED else {}),
            external_address=draw(one_or_none(["192.0.2.9"])),
            local_networks=draw(st.sampled_from(NETWORKS)),
        )
    return ports


@st.composite
def _trunks(draw, ports, numbers):
    sip = [name for name, port in ports.items() if port.protocol not in ("ws", "wss")]
    trunks = {}
    for name in draw(some_of(TRUNKS)):
        username = draw(st.sampled_from(USERNAMES)) or None
        realm = draw(st.sampled_from(REALMS))
        password = draw(st.sampled_from([None, SECRET])) if username else None
        country_code = draw(st.sampled_from([None, "49"]))
        # 030 is +4930 there.
        outside = st.sampled_from(["*", "+4930"] if country_code else OUTSIDE)
        inbound = draw(st.dictionaries(outside, st.sampled_from(numbers))) if numbers else {}
        register = draw(st.booleans()) if password else False
        # Two that do not register must not have both an address and a number in common.
        own = TRUNKS.index(name)
        sources = [(), (f"198.51.100.{own}/32", f"gw-{own}.example.net")]
        trunks[name] = Trunk(
            name,
            draw(st.sampled_from([f"host-{own}.example.net", f"192.0.2.{own}", f"2001:db8::{own + 1}"])),
            draw(st.sampled_from(PORT_NUMBERS)),
            connection_port=draw(one_or_none(sip)),
            register=register,
            username=username,
            realm=realm,
            digest=ha1(username, realm, password) if password else None,
            codecs=draw(st.sampled_from(CODECS)),
            caller_id=draw(st.sampled_from(CALLERS)) or None,
            inbound_addresses=draw(st.sampled_from(sources)),
            inbound_numbers=tuple(InboundNumber(*pair) for pair in sorted(inbound.items())),
            country_code=country_code,
            area_code=draw(st.sampled_from([None, "30"])) if country_code else None,
            called_number_header=draw(st.sampled_from([None, "P-Called-Party-ID"])),
            trust_identity=draw(st.booleans()),
            qualify=draw(st.booleans()),
            emergency=draw(st.booleans()),
        )
    return trunks


@st.composite
def _rules(draw, trunks):
    rules = []
    for _turn in range(draw(st.integers(0, 2))):
        form = draw(st.sampled_from([("0X.", ""), ("+49[1-9]!", ""), ("", "00")]))
        if trunks and draw(st.booleans()):
            through = tuple(draw(_order(trunks)))
            strip, prepend = draw(st.sampled_from([0, 1])), draw(st.sampled_from(["", "+49"]))
            caller_id = draw(st.sampled_from(CALLERS)) or None
            rules.append(OutboundRule(*form, "allow", through, strip, prepend, caller_id))
        else:
            rules.append(OutboundRule(*form, "deny"))
    return tuple(rules)


@st.composite
def directories(draw, dangling=True):
    """Any directory over a few names; ``dangling``: with numbers of extensions that are gone."""
    ports = draw(_ports())
    groups = draw(some_of(GROUPS))
    numbers = draw(some_of(NUMBERS))
    trunks = draw(_trunks(ports, NUMBERS if dangling else sorted(numbers)))
    profiles = {
        name: OutboundProfile(
            name, draw(_rules(trunks)), draw(st.sampled_from([0, 5])), draw(st.sampled_from([0, 14400]))
        )
        for name in draw(some_of(PROFILES))
    }
    extensions = []
    usernames = set()
    for number in sorted(numbers):
        # Nobody has the number of another, for whose turn it may be later.
        username = draw(one_or_none({*PHONE_USERNAMES[1:]} - usernames - numbers))
        usernames.add(username)
        password = draw(st.sampled_from([None, *PASSWORDS[1:]]))
        extensions.append(
            Extension(
                number,
                draw(st.sampled_from(NAMES)),
                connection_port=draw(one_or_none(ports)),
                outbound_profile=draw(one_or_none(profiles)),
                outbound_caller_id=draw(st.sampled_from(CALLERS)) or None,
                groups=frozenset(draw(some_of(groups))),
                callable_groups=draw(st.one_of(st.none(), some_of(groups).map(frozenset))),
                record=draw(st.booleans()),
                enabled=draw(st.booleans()),
                max_devices=draw(st.sampled_from(DEVICES)),
                max_calls=draw(st.sampled_from(CALLS)),
                ring_timeout=draw(st.sampled_from(SECONDS)),
                forward_to=draw(one_or_none({*(NUMBERS if dangling else numbers)} - {number})),
                language=draw(st.sampled_from(LANGUAGES)) or None,
                email=draw(st.sampled_from(EMAILS)) or None,
                labels=tuple(sorted(draw(st.sampled_from(LABELS)).items())),
                username=username,
                digest=password and ha1(username or number, REALM, password),
            )
        )
    return Directory(
        REALM,
        ports=ports,
        groups={name: ExtensionGroup(name) for name in groups},
        extensions={extension.number: extension for extension in extensions},
        trunks=trunks,
        profiles=profiles,
        emergency_numbers={number: EmergencyNumber(number) for number in draw(some_of(EMERGENCY))},
    )


@st.composite
def plans_for(draw, have):
    """Any plan that can be carried out on this directory, whether it makes sense or not."""
    other = draw(directories())
    named = {}
    for kind in KINDS:
        old, new = getattr(have, kind.attribute), getattr(other, kind.attribute)
        keys = sorted(draw(some_of(old.keys() | new.keys())))
        named[kind.attribute] = sort_out([(old.get(key), new.get(key)) for key in keys], by(kind))
    return Plan(**named)


# --- any list --------------------------------------------------------------------------------


@st.composite
def lists_of(draw, key, keys, **options):
    """Any list of items, each with its own key, a state, and some of the options."""
    items = []
    for each in draw(st.lists(st.sampled_from(keys), unique=True, max_size=5)):
        optional = {name: st.one_of(st.none(), values) for name, values in options.items()}
        state = st.sampled_from(["present", "present", "absent"])
        item = draw(st.fixed_dictionaries({key: st.just(each)}, optional={"state": state, **optional}))
        items.append(item)
    return items


POLICIES = st.builds(
    Policy,
    create_groups=st.booleans(),
    update_password=st.booleans(),
    allow_weak_password=st.booleans(),
    purge=st.booleans(),
    purge_limit=st.just(100),
    force=st.booleans(),
)
