# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Dumps of the tables of Asterisk's realtime engine, as tools of three databases write them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.realtime_tables import realtime
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sql_dump import DumpError, rows_of
from ansible_collections.voiceops.asterisk.tests.unit.exchange.adopting import options_of, said
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = int(os.environ.get("VOICEOPS_HOSTILE_FILES", "200"))

#: One password that each tool has to escape.
PASSWORD = "O'Hara\\n\"; --\t"

CSV = {
    "ps_endpoints.csv": "id,transport,aors,auth,callerid\n"
    '1001,udp,1001,1001,"""Anna Kurt"" <1001>"\n'
    "1002,\\N,1002,1002,\\N\n",
    "ps_auths.csv": "id,auth_type,md5_cred,password,realm,username\n"
    '1001,userpass,,"O\'Hara\\n""; --\t",,anna\n'
    "1002,md5,0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a,,,1002\n",
    "ps_aors.csv": "id,max_contacts,remove_existing\n1001,2,yes\n1002,1,yes\n",
    "ps_contacts.csv": "id,uri\n1001;@x,sip:1001@192.0.2.1\n",
}
MYSQL = r"""-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS `ps_auths`;
CREATE TABLE `ps_auths` (
  `id` varchar(40) NOT NULL,
  `auth_type` enum('md5','userpass','it''s (not),') DEFAULT NULL,
  `password` varchar(80) DEFAULT NULL COMMENT 'a, b',
  `username` varchar(40) DEFAULT NULL,
  `md5_cred` varchar(40) DEFAULT NULL,
  UNIQUE KEY `id` (`id`),
  KEY `ps_auths_id` (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
LOCK TABLES `ps_auths` WRITE;
INSERT INTO `ps_auths` VALUES ('1001','userpass','O\'Hara\\n\"; --\t','anna',NULL),
('1002','md5',NULL,'1002','0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a');
UNLOCK TABLES;
CREATE TABLE `ps_endpoints` (`id` varchar(40), `transport` varchar(40), `aors` varchar(200),
  `auth` varchar(40), `callerid` varchar(40));
INSERT INTO `ps_endpoints` VALUES ('1001','udp','1001','1001','\"Anna Kurt\" <1001>'),
('1002',NULL,'1002','1002',NULL);
INSERT INTO `cdr` VALUES (1,'; INSERT INTO `ps_auths` VALUES (1)');
INSERT INTO `ps_aors` (`id`, `max_contacts`, `remove_existing`) VALUES ('1001',2,'yes'),('1002',1,'yes');
"""
POSTGRESQL = r"""--
-- PostgreSQL database dump
--
CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS $_$ INSERT INTO ps_auths VALUES ('x'); $_$;
CREATE TABLE public.ps_auths (
    id character varying(40) NOT NULL,
    password character varying(80)
);
COPY public.ps_auths (id, auth_type, md5_cred, password, username) FROM stdin;
1001	userpass	\N	O'Hara\\n"; --\t	anna
1002	md5	0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a	\N	1002
\.

COPY public.ps_contacts (id, uri) FROM stdin;
1001;@x	sip:1001@192.0.2.1
\.
INSERT INTO public.ps_aors (id, max_contacts, remove_existing) VALUES ('1001', 2, 'yes');
INSERT INTO public.ps_aors (id, max_contacts, remove_existing) VALUES ('1002', 1, 'yes');
COPY public.ps_endpoints (id, transport, aors, auth, callerid) FROM stdin;
1001	udp	1001	1001	"Anna Kurt" <1001>
1002	\N	1002	1002	\N
\.
"""


def sqlite():
    """A dump as the command .dump of SQLite writes it."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            """
            CREATE TABLE ps_endpoints (id VARCHAR(40), transport TEXT, aors TEXT, auth TEXT, callerid TEXT);
            CREATE TABLE ps_auths (id TEXT, auth_type TEXT, password TEXT, username TEXT, md5_cred TEXT);
            CREATE TABLE ps_aors (id TEXT, max_contacts INTEGER, remove_existing TEXT);
            INSERT INTO ps_endpoints VALUES ('1001', 'udp', '1001', '1001', '"Anna Kurt" <1001>');
            INSERT INTO ps_endpoints VALUES ('1002', NULL, '1002', '1002', NULL);
            INSERT INTO ps_aors VALUES ('1001', 2, 'yes'), ('1002', 1, 'yes');
            """
        )
        digest = "0a" * 16
        database.execute("INSERT INTO ps_auths VALUES ('1001', 'userpass', ?, 'anna', NULL)", [PASSWORD])
        database.execute("INSERT INTO ps_auths VALUES ('1002', 'md5', NULL, '1002', ?)", [digest])
        return "\n".join(database.iterdump())


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(CSV, id="CSV"),
        pytest.param({name: text.replace(",", ";") for name, text in CSV.items()}, id="semicolons"),
        pytest.param({f"export/{name}": f"\ufeff{text}" for name, text in CSV.items()}, id="BOM in a folder"),
        pytest.param({"pbx.sql": MYSQL}, id="mysqldump"),
        pytest.param({"pbx.sql": POSTGRESQL}, id="pg_dump"),
        pytest.param({"pbx.sql": sqlite()}, id="sqlite3 .dump"),
    ],
)
def test_a_dump_is_the_extensions_of_its_endpoints(files):
    imported = realtime(files, {"udp": "desk"})
    assert options_of(imported) == [
        f"1001 name=Anna Kurt connection_port=desk max_devices=2 username=anna password={PASSWORD}",
        "1002 max_devices=1 password_digest=" + "0a" * 16,
    ]
    assert not (*imported.changed, *imported.not_carried, *imported.problems)


def test_each_row_is_named_by_its_table_and_its_line():
    assert realtime(CSV).extensions[1].place == "ps_endpoints.csv:3, ps_endpoints 1002"
    assert realtime({"pbx.sql": MYSQL}).extensions[1].place == "pbx.sql:20, ps_endpoints 1002"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, ": there is no row of ps_endpoints; name each file after its table"),
        (
            {"ps_auths.csv": "1001,userpass\n"},
            "ps_auths.csv: has no column id in its first row: export the table with its header",
        ),
        ({"ps_auths.csv": "id,password\n1001\n"},
         "ps_auths.csv, line 2: has 1 cells for 2 columns; export the table again"),
        ({"ps_auths.csv": 'id,password\n1001,"x'},
         "ps_auths.csv, line 2: cannot be read: unexpected end of data"),
        ({"ps_auths.csv": "id,password\n,x\n"}, "ps_auths.csv:2: a row of ps_auths has no id"),
        (
            {"a.sql": "INSERT INTO ps_auths VALUES ('1');"},
            "a.sql: cannot be read: line 1: rows of ps_auths stand before its columns: dump the table with"
            " its CREATE TABLE",
        ),
        ({"a.sql": "INSERT INTO ps_auths (id) VALUES ('1"}, "a.sql: cannot be read: line 1: a text in"
                                                            " quotes does not end"),
        (
            {"a.sql": "\n\nINSERT INTO ps_auths (id) VALUES ('1','geheim');"},
            "a.sql: cannot be read: line 3: a row of ps_auths has 2 values for 1 columns",
        ),
        (
            {"a.sql": "INSERT INTO ps_auths (id) VALUES (char(1));"},
            "a.sql: cannot be read: line 1: a row has a value that is neither text nor a number nor NULL",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem_with_its_place(files, problem):
    imported = realtime(files)
    assert said(imported.problems)[0] == problem
    assert "geheim" not in repr(imported)


@pytest.mark.parametrize(
    ("name", "text", "said_of_it"),
    [
        ("ps_auths.csv", "id\n" + "1\n" * 500_001, "has more than 500,000 rows or 5,000,000 values"),
        pytest.param(
            "a.sql",
            "INSERT INTO ps_auths (id) VALUES (1)" + ",(1)" * 500_000 + ";",
            "cannot be read: has more than 500,000 rows or 5,000,000 values",
            marks=pytest.mark.no_cover,
        ),
        ("a.sql", f"CREATE TABLE ps_auths ({','.join(['a'] * 501)});",
         "cannot be read: line 1: a table has more than 500 columns"),
        ("a.sql", "CREATE TABLE ps_auths (a", "cannot be read: line 1: a CREATE TABLE does not end"),
        ("a.sql", "COPY ps_auths (id) FROM stdin;\n1\t2\n\\.\n",
         "cannot be read: line 2: a row of ps_auths has 2 values for 1 columns"),
        ("a.sql", "COPY ps_auths (id) FROM stdin;\n1\n",
         "cannot be read: line 3: the rows of ps_auths do not end"),
    ],
)  # fmt: skip
def test_a_hostile_dump_is_refused(name, text, said_of_it):
    assert said(realtime({name: text}).problems)[0] == f"{name}: {said_of_it}"


def test_too_many_files_are_refused():
    assert said(realtime({f"{n}.csv": "" for n in range(101)}).problems) == [
        ": there are more than 100 files, which is more than is read here"
    ]


def test_a_file_of_another_table_is_told():
    assert said(realtime({**CSV, "cdr.csv": "id\n1"}, {"udp": "desk"}).not_carried) == [
        "cdr.csv: is not one of the tables ps_endpoints, ps_auths, ps_aors, ps_endpoint_id_ips,"
        " ps_registrations,"
        " ps_globals: it is not read"
    ]


VALUES = st.one_of(st.none(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=5)


@settings(max_examples=HOSTILE, deadline=None)
@given(ROWS)
def test_what_a_database_dumps_is_read_as_it_was(rows):
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE TABLE ps_auths (id TEXT, password TEXT)")
        database.executemany("INSERT INTO ps_auths VALUES (?, ?)", rows)
        dump = "\n".join(database.iterdump())
    found = [row.values for row in rows_of(dump, ["ps_auths"])]
    assert found == [{k: v for k, v in zip(("id", "password"), row) if v is not None} for row in rows]


PARTS = st.one_of(
    st.sampled_from(
        [
            *("INSERT INTO ps_auths (id) VALUES ", "INSERT INTO `ps_auths` VALUES "),
            *("CREATE TABLE ps_auths (id text", "COPY ps_auths (id) FROM stdin;\n", "\\.\n", "\\N\t"),
            *("('1001', NULL)", "('", "'", "\\'", "--", "/*"),
            *("*/", "$$", ";", ",", "(", ")", "`", '"', "E'\\", "id,password\n", "1001,\n"),
        ]
    ),
    st.text(max_size=10),
)  # fmt: skip


@settings(max_examples=HOSTILE, deadline=None)
@given(st.sampled_from(["ps_auths.csv", "a.sql"]), st.lists(PARTS, max_size=20).map("".join))
def test_no_text_makes_it_raise_anything(name, text):
    realtime({name: text})
    try:
        assert all(row.table == "ps_auths" for row in rows_of(text, ["ps_auths"]))
    except DumpError:
        return
