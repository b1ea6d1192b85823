BEGIN TRANSACTION;
CREATE TABLE connection_port (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE,
    protocol TEXT NOT NULL,
    address  TEXT NOT NULL,
    port     INTEGER NOT NULL,
    UNIQUE (protocol, address, port)
);
INSERT INTO "connection_port" VALUES(2,'Masa telefonları','udp','0.0.0.0',5060);
INSERT INTO "connection_port" VALUES(3,'Büro "Süd"; [x]','tcp','192.0.2.10',5061);
INSERT INTO "connection_port" VALUES(4,'v6','udp','::',5060);
CREATE TABLE extension (
    id                 INTEGER PRIMARY KEY,
    number             TEXT NOT NULL UNIQUE,
    name               TEXT NOT NULL,
    -- the name as far as Asterisk can show it: 79 bytes (res_pjsip caller_id_handler)
    caller_id_name     TEXT NOT NULL,
    connection_port_id INTEGER REFERENCES connection_port (id),
    -- whether it may call only the groups in extension_callable_group
    restricted         INTEGER NOT NULL,
    enabled            INTEGER NOT NULL,
    max_devices        INTEGER NOT NULL,
    ring_timeout       INTEGER NOT NULL,
    -- a number rather than a reference: who is deleted takes nobody's forward along
    forward_to         TEXT,
    language           TEXT,
    email              TEXT,
    -- a JSON object
    labels             TEXT NOT NULL,
    digest             TEXT
);
INSERT INTO "extension" VALUES(1,'1001','Ayşe Yılmaz','Ayşe Yılmaz',2,0,1,1,30,NULL,NULL,NULL,'{}','d02e2a7bca2bcdf41235e4a74900a9d9');
INSERT INTO "extension" VALUES(2,'1002','Jürgen "Jogi" Groß; Vertrieb','Jürgen "Jogi" Groß; Vertrieb',3,1,1,3,12,'1001','de','jürgen@example.org','{"Raum-Nr": "B \"12\"", "asset": "7"}','33df9616fd66a0933f66b04d9e8c569a');
INSERT INTO "extension" VALUES(3,'1003','ليلى حداد','ليلى حداد',NULL,1,0,20,300,'1009','ar',NULL,'{"oda": "ğ; 🏢"}','df16491b157af93d4512a76f66a9a39e');
INSERT INTO "extension" VALUES(4,'007','O''Hara''); DROP TABLE extension; --','O''Hara''); DROP TABLE extension; --',4,0,1,1,5,NULL,'en_GB',NULL,'{}',NULL);
INSERT INTO "extension" VALUES(5,'905321234567890','üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü','üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü',NULL,0,1,1,30,'007',NULL,NULL,'{}',NULL);
CREATE TABLE extension_callable_group (
    extension_id INTEGER NOT NULL REFERENCES extension (id) ON DELETE CASCADE,
    group_id     INTEGER NOT NULL REFERENCES extension_group (id),
    PRIMARY KEY (extension_id, group_id)
) WITHOUT ROWID;
INSERT INTO "extension_callable_group" VALUES(2,1);
INSERT INTO "extension_callable_group" VALUES(2,2);
INSERT INTO "extension_callable_group" VALUES(2,3);
CREATE TABLE extension_group (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO "extension_group" VALUES(1,'Yönetim');
INSERT INTO "extension_group" VALUES(2,'Geschäftsführung');
INSERT INTO "extension_group" VALUES(3,'مكتب الاستقبال');
INSERT INTO "extension_group" VALUES(4,'O''Hara "& Söhne"');
CREATE TABLE extension_membership (
    extension_id INTEGER NOT NULL REFERENCES extension (id) ON DELETE CASCADE,
    group_id     INTEGER NOT NULL REFERENCES extension_group (id),
    PRIMARY KEY (extension_id, group_id)
) WITHOUT ROWID;
INSERT INTO "extension_membership" VALUES(1,1);
INSERT INTO "extension_membership" VALUES(2,2);
INSERT INTO "extension_membership" VALUES(1,3);
INSERT INTO "extension_membership" VALUES(2,4);
INSERT INTO "extension_membership" VALUES(4,4);
CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
INSERT INTO "setting" VALUES('realm','asterisk');
CREATE INDEX extension_by_port ON extension (connection_port_id);
CREATE INDEX extension_membership_by_group ON extension_membership (group_id);
CREATE INDEX extension_callable_group_by_group ON extension_callable_group (group_id);
CREATE VIEW ps_endpoints AS
SELECT number                                   AS id,
       CASE WHEN connection_port_id IS NULL THEN '' ELSE 'port-' || connection_port_id END AS transport,
       number                                   AS aors,
       number                                   AS auth,
       'extensions'                             AS context,
       CASE WHEN caller_id_name = '' THEN ''
            ELSE '"' || replace(replace(caller_id_name, '\', '\\'), '"', '\"') || '" '
       END || '<' || number || '>'              AS callerid,
       'all'                                    AS disallow,
       'g722,alaw,ulaw'                         AS allow,
       'no'                                     AS direct_media,
       'yes'                                    AS rtp_symmetric,
       'yes'                                    AS force_rport,
       'yes'                                    AS rewrite_contact,
       coalesce(language, '')                   AS language
  FROM extension
 WHERE digest IS NOT NULL AND enabled;
CREATE VIEW ps_auths AS
SELECT number                                   AS id,
       'md5'                                    AS auth_type,
       number                                   AS username,
       (SELECT value FROM setting WHERE key = 'realm') AS realm,
       digest                                   AS md5_cred
  FROM extension
 WHERE digest IS NOT NULL AND enabled;
CREATE VIEW ps_aors AS
SELECT number                                   AS id,
       max_devices                              AS max_contacts,
       'yes'                                    AS remove_existing,
       60                                       AS minimum_expiration,
       3600                                     AS maximum_expiration,
       60                                       AS qualify_frequency
  FROM extension
 WHERE digest IS NOT NULL AND enabled;
CREATE VIEW pbx_callee AS
SELECT number,
       CASE WHEN digest IS NOT NULL AND enabled THEN number ELSE '' END AS endpoint,
       ring_timeout,
       coalesce(forward_to, '') AS forward_to,
       ':' || coalesce((SELECT group_concat(group_id, ':') || ':' FROM extension_membership
                         WHERE extension_id = extension.id), '') AS groups
  FROM extension;
CREATE VIEW pbx_caller AS
SELECT number,
       CASE WHEN NOT restricted THEN '*'
            ELSE coalesce((SELECT ':(' || group_concat(group_id, '|') || '):' FROM extension_callable_group
                            WHERE extension_id = extension.id), '^nobody$')
       END AS callable
  FROM extension;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('connection_port',4);
COMMIT;
PRAGMA user_version = 1;
