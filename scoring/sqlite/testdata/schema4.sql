-- A database of schema 4: that of schema3.sql, changed by the migration to it.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-28 15:35:57');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-28 15:35:57');
INSERT INTO goose_db_version VALUES(3,2,1,'2026-11-28 15:35:57');
INSERT INTO goose_db_version VALUES(4,3,1,'2026-11-28 15:35:57');
INSERT INTO goose_db_version VALUES(5,4,1,'2026-11-28 15:35:57');
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES('zone','Europe/Berlin');
CREATE TABLE layouts (
    version    TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    question   TEXT NOT NULL,
    definition TEXT NOT NULL
) STRICT;
INSERT INTO layouts VALUES('habit-0a1b2c3d4e5f','habit','service','{}');
INSERT INTO layouts VALUES('gap-0a1b2c3d4e5f','gap','service','{}');
INSERT INTO layouts VALUES('strict-0a1b2c3d4e5f','strict','service','{}');
INSERT INTO layouts VALUES('habit-1','habit','service','{}');
INSERT INTO layouts VALUES('yes-no-1','yes-no','solved','{}');
CREATE TABLE epochs (
    id         INTEGER PRIMARY KEY,
    queue      TEXT    NOT NULL,
    question   TEXT    NOT NULL,
    split      TEXT    NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;
INSERT INTO epochs VALUES(1,'support','service','{"arms":[{"layout":"habit","version":"h","weight":1}],"seed":"s"}',1774690200000);
CREATE TABLE calls (
    id         INTEGER PRIMARY KEY,
    uniqueid   TEXT    NOT NULL,
    visit      INTEGER NOT NULL,
    linkedid   TEXT    NOT NULL,
    node       TEXT    NOT NULL,
    trunk      TEXT    NOT NULL,
    queue      TEXT    NOT NULL,
    agent      TEXT    NOT NULL,
    interface  TEXT    NOT NULL,
    member     TEXT    NOT NULL,
    survey     TEXT    NOT NULL,
    language   TEXT    NOT NULL,
    codec      TEXT    NOT NULL,
    talk_ms    INTEGER,
    test       INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    day        TEXT    NOT NULL,
    reason     TEXT,
    ended_at   INTEGER, resumed INTEGER NOT NULL DEFAULT 0, earlier TEXT NOT NULL DEFAULT '',
    UNIQUE (uniqueid, visit)
) STRICT;
INSERT INTO calls VALUES(1,'node1-1774690200.0',1,'','node1','PJSIP/trunk0','support','zoe','PJSIP/1000','An Agent','service','en','alaw',NULL,0,1774690200250,'2026-03-28','completed',1774690203250,0,'');
INSERT INTO calls VALUES(2,'node1-1774690200.1',1,'','node1','PJSIP/trunk1','support','al-1','PJSIP/1001','An Agent','service','en','alaw',NULL,0,1774690201250,'2026-03-28','completed',1774690204250,0,'');
INSERT INTO calls VALUES(3,'node1-1774690200.2',1,'','node1','PJSIP/trunk2','support','王芳','PJSIP/1002','An Agent','service','en','alaw',NULL,0,1774690202250,'2026-03-28','completed',1774690205250,0,'');
INSERT INTO calls VALUES(4,'node1-1774690200.3',1,'','node1','PJSIP/trunk0','support','zoe','PJSIP/1003','An Agent','service','en','alaw',NULL,0,1774690203250,'2026-03-28','completed',1774690206250,0,'');
INSERT INTO calls VALUES(5,'node1-1774690200.4',1,'','node1','PJSIP/trunk1','support','al-1','PJSIP/1004','An Agent','service','en','alaw',NULL,0,1774690204250,'2026-03-28','completed',1774690207250,0,'');
INSERT INTO calls VALUES(6,'node1-1774690200.5',1,'','node1','PJSIP/trunk2','support','王芳','PJSIP/1005','An Agent','service','en','alaw',NULL,0,1774690205250,'2026-03-28','completed',1774690208250,0,'');
INSERT INTO calls VALUES(7,'node1-1774690200.6',1,'','node1','PJSIP/trunk0','support','zoe','PJSIP/1006','An Agent','service','en','alaw',NULL,0,1774690206250,'2026-03-28','completed',1774690209250,0,'');
INSERT INTO calls VALUES(8,'node1-1774690200.7',1,'','node1','PJSIP/trunk1','support','tester','PJSIP/1007','An Agent','service','en','alaw',NULL,1,1774690207250,'2026-03-28','completed',1774690210250,0,'');
INSERT INTO calls VALUES(9,'node1-1774690200.8',1,'','node1','PJSIP/trunk2','sales','王芳','PJSIP/1008','An Agent','service','en','alaw',NULL,0,1774690208250,'2026-03-29','completed',1774690211250,0,'');
INSERT INTO calls VALUES(10,'node1-1774690200.9',1,'','node1','PJSIP/trunk0','sales','zoe','PJSIP/1009','An Agent','service','en','alaw',NULL,0,1774690209250,'2026-03-29','completed',1774690212250,0,'');
INSERT INTO calls VALUES(11,'node1-1774690201.10',1,'','node1','PJSIP/trunk1','sales','al-1','PJSIP/1010','An Agent','service','en','alaw',NULL,0,1774690210250,'2026-03-29','completed',1774690213250,0,'');
INSERT INTO calls VALUES(12,'node1-1774690201.11',1,'','node1','PJSIP/trunk2','sales','王芳','PJSIP/1011','An Agent','service','en','alaw',NULL,0,1774690211250,'2026-03-29',NULL,NULL,0,'');
CREATE TABLE assignments (
    call       INTEGER NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    question   TEXT    NOT NULL,
    position   INTEGER NOT NULL,
    is_primary INTEGER NOT NULL,
    layout     TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    rendition  TEXT    NOT NULL,
    epoch      INTEGER NOT NULL,
    PRIMARY KEY (call, question)
) STRICT, WITHOUT ROWID;
INSERT INTO assignments VALUES(1,'service',1,1,'habit','habit-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(2,'service',1,1,'gap','gap-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(3,'service',1,1,'strict','strict-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(4,'service',1,1,'habit','habit-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(5,'service',1,1,'gap','gap-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(6,'service',1,1,'habit','habit-1','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(6,'solved',2,0,'yes-no','yes-no-1','r2',1);
INSERT INTO assignments VALUES(7,'service',2,1,'habit','habit-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(7,'solved',1,0,'yes-no','yes-no-1','r2',1);
INSERT INTO assignments VALUES(8,'service',1,1,'gap','gap-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(9,'service',1,1,'strict','strict-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(10,'service',1,1,'habit','habit-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(11,'service',1,1,'gap','gap-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
INSERT INTO assignments VALUES(12,'service',1,1,'strict','strict-0a1b2c3d4e5f','9f8e7d6c5b4a',1);
CREATE TABLE answers (
    call     INTEGER NOT NULL,
    question TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    verdict  TEXT    NOT NULL,
    value    INTEGER NOT NULL,
    entry    TEXT    NOT NULL,
    reading  INTEGER NOT NULL,
    press_ms INTEGER NOT NULL,
    heard    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (call, question),
    FOREIGN KEY (call, question) REFERENCES assignments (call, question) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO answers VALUES(1,'service','rated','satisfied',1,'1',1,700,1,1774690202250);
INSERT INTO answers VALUES(2,'service','rated','fair',2,'2',1,760,2,1774690203250);
INSERT INTO answers VALUES(3,'service','rated','dissatisfied',3,'3',1,820,3,1774690204250);
INSERT INTO answers VALUES(4,'service','hangup','',0,'',1,0,0,1774690205250);
INSERT INTO answers VALUES(5,'service','hangup','',0,'',1,0,2,1774690206250);
INSERT INTO answers VALUES(6,'service','rated','dissatisfied',3,'3',1,1000,3,1774690207250);
INSERT INTO answers VALUES(6,'solved','hangup','',0,'',1,0,1,1774690207250);
INSERT INTO answers VALUES(7,'service','not_reached','',0,'',0,0,0,1774690208250);
INSERT INTO answers VALUES(7,'solved','hangup','',0,'',1,0,1,1774690208250);
INSERT INTO answers VALUES(8,'service','rated','satisfied',1,'1',1,1120,2,1774690209250);
INSERT INTO answers VALUES(9,'service','rated','fair',2,'2',1,1180,3,1774690210250);
INSERT INTO answers VALUES(10,'service','hangup','',0,'',1,0,0,1774690211250);
INSERT INTO answers VALUES(11,'service','rated','satisfied',1,'1',1,1300,2,1774690212250);
CREATE TABLE keypresses (
    call     INTEGER NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    seq      INTEGER NOT NULL,
    question TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    reading  INTEGER NOT NULL,
    ms       INTEGER NOT NULL,
    use      TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (call, seq)
) STRICT, WITHOUT ROWID;
INSERT INTO keypresses VALUES(1,1,'service','1',1,700,'accepted',1774690202250);
INSERT INTO keypresses VALUES(2,1,'service','2',1,760,'accepted',1774690203250);
INSERT INTO keypresses VALUES(3,1,'service','3',1,820,'accepted',1774690204250);
INSERT INTO keypresses VALUES(6,1,'service','3',1,1000,'accepted',1774690207250);
INSERT INTO keypresses VALUES(8,1,'service','1',1,1120,'accepted',1774690209250);
INSERT INTO keypresses VALUES(9,1,'service','2',1,1180,'accepted',1774690210250);
INSERT INTO keypresses VALUES(11,1,'service','1',1,1300,'accepted',1774690212250);
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    action TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    n      INTEGER NOT NULL
) STRICT;
INSERT INTO audit VALUES(1,1795880157595,'recount','cells changed',0);
CREATE TABLE counts_agent (
    queue    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    agent    TEXT    NOT NULL,
    version  TEXT    NOT NULL,
    language TEXT    NOT NULL,
    question TEXT    NOT NULL,
    result   TEXT    NOT NULL,
    heard    INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (queue, epoch, agent, version, language, question, result, heard)
) STRICT, WITHOUT ROWID;
INSERT INTO counts_agent VALUES('sales',1,'al-1','gap-0a1b2c3d4e5f','en','service','satisfied',2,1);
INSERT INTO counts_agent VALUES('sales',1,'zoe','habit-0a1b2c3d4e5f','en','service','hangup',0,1);
INSERT INTO counts_agent VALUES('sales',1,'王芳','strict-0a1b2c3d4e5f','en','service','fair',3,1);
INSERT INTO counts_agent VALUES('support',1,'al-1','gap-0a1b2c3d4e5f','en','service','fair',2,1);
INSERT INTO counts_agent VALUES('support',1,'al-1','gap-0a1b2c3d4e5f','en','service','hangup',2,1);
INSERT INTO counts_agent VALUES('support',1,'zoe','habit-0a1b2c3d4e5f','en','service','hangup',0,1);
INSERT INTO counts_agent VALUES('support',1,'zoe','habit-0a1b2c3d4e5f','en','service','not_reached',0,1);
INSERT INTO counts_agent VALUES('support',1,'zoe','habit-0a1b2c3d4e5f','en','service','satisfied',1,1);
INSERT INTO counts_agent VALUES('support',1,'zoe','yes-no-1','en','solved','hangup',1,1);
INSERT INTO counts_agent VALUES('support',1,'王芳','habit-1','en','service','dissatisfied',3,1);
INSERT INTO counts_agent VALUES('support',1,'王芳','strict-0a1b2c3d4e5f','en','service','dissatisfied',3,1);
INSERT INTO counts_agent VALUES('support',1,'王芳','yes-no-1','en','solved','hangup',1,1);
CREATE TABLE counts_day (
    queue    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    day      TEXT    NOT NULL,
    version  TEXT    NOT NULL,
    language TEXT    NOT NULL,
    question TEXT    NOT NULL,
    result   TEXT    NOT NULL,
    heard    INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (queue, epoch, day, version, language, question, result, heard)
) STRICT, WITHOUT ROWID;
INSERT INTO counts_day VALUES('sales',1,'2026-03-29','gap-0a1b2c3d4e5f','en','service','satisfied',2,1);
INSERT INTO counts_day VALUES('sales',1,'2026-03-29','habit-0a1b2c3d4e5f','en','service','hangup',0,1);
INSERT INTO counts_day VALUES('sales',1,'2026-03-29','strict-0a1b2c3d4e5f','en','service','fair',3,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','gap-0a1b2c3d4e5f','en','service','fair',2,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','gap-0a1b2c3d4e5f','en','service','hangup',2,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','habit-0a1b2c3d4e5f','en','service','hangup',0,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','habit-0a1b2c3d4e5f','en','service','not_reached',0,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','habit-0a1b2c3d4e5f','en','service','satisfied',1,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','habit-1','en','service','dissatisfied',3,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','strict-0a1b2c3d4e5f','en','service','dissatisfied',3,1);
INSERT INTO counts_day VALUES('support',1,'2026-03-28','yes-no-1','en','solved','hangup',1,2);
CREATE TABLE timing (
    version TEXT    NOT NULL,
    bucket  INTEGER NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (version, bucket, result)
) STRICT, WITHOUT ROWID;
INSERT INTO timing VALUES('gap-0a1b2c3d4e5f',-1,'hangup',1);
INSERT INTO timing VALUES('gap-0a1b2c3d4e5f',3,'fair',1);
INSERT INTO timing VALUES('gap-0a1b2c3d4e5f',5,'satisfied',1);
INSERT INTO timing VALUES('habit-0a1b2c3d4e5f',-1,'hangup',2);
INSERT INTO timing VALUES('habit-0a1b2c3d4e5f',-1,'not_reached',1);
INSERT INTO timing VALUES('habit-0a1b2c3d4e5f',2,'satisfied',1);
INSERT INTO timing VALUES('habit-1',4,'dissatisfied',1);
INSERT INTO timing VALUES('strict-0a1b2c3d4e5f',3,'dissatisfied',1);
INSERT INTO timing VALUES('strict-0a1b2c3d4e5f',4,'fair',1);
INSERT INTO timing VALUES('yes-no-1',-1,'hangup',2);
CREATE TABLE totals (
    kind     TEXT    NOT NULL,
    question TEXT    NOT NULL,
    layout   TEXT    NOT NULL,
    queue    TEXT    NOT NULL,
    agent    TEXT    NOT NULL,
    label    TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    PRIMARY KEY (kind, question, layout, queue, agent, label)
) STRICT, WITHOUT ROWID;
INSERT INTO totals VALUES('agent_outcome','','','','al-1','error',0);
INSERT INTO totals VALUES('agent_outcome','','','','al-1','hangup',1);
INSERT INTO totals VALUES('agent_outcome','','','','al-1','invalid',0);
INSERT INTO totals VALUES('agent_outcome','','','','al-1','no_input',0);
INSERT INTO totals VALUES('agent_outcome','','','','al-1','rated',2);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','error',0);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','hangup',2);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','invalid',0);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','no_input',0);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','not_reached',1);
INSERT INTO totals VALUES('agent_outcome','','','','zoe','rated',1);
INSERT INTO totals VALUES('agent_outcome','','','','王芳','error',0);
INSERT INTO totals VALUES('agent_outcome','','','','王芳','hangup',0);
INSERT INTO totals VALUES('agent_outcome','','','','王芳','invalid',0);
INSERT INTO totals VALUES('agent_outcome','','','','王芳','no_input',0);
INSERT INTO totals VALUES('agent_outcome','','','','王芳','rated',3);
INSERT INTO totals VALUES('agent_verdict','','','','al-1','fair',1);
INSERT INTO totals VALUES('agent_verdict','','','','al-1','satisfied',1);
INSERT INTO totals VALUES('agent_verdict','','','','zoe','satisfied',1);
INSERT INTO totals VALUES('agent_verdict','','','','王芳','dissatisfied',2);
INSERT INTO totals VALUES('agent_verdict','','','','王芳','fair',1);
INSERT INTO totals VALUES('layout_bucket','','gap','','','-3',1);
INSERT INTO totals VALUES('layout_bucket','','gap','','','4',1);
INSERT INTO totals VALUES('layout_bucket','','habit','','','-4',1);
INSERT INTO totals VALUES('layout_bucket','','habit','','','0',1);
INSERT INTO totals VALUES('layout_bucket','','strict','','','-2',1);
INSERT INTO totals VALUES('layout_bucket','','strict','','','2',1);
INSERT INTO totals VALUES('layout_hangup','','gap','','','2',1);
INSERT INTO totals VALUES('layout_hangup','','habit','','','0',2);
INSERT INTO totals VALUES('layout_hangup','','yes-no','','','1',2);
INSERT INTO totals VALUES('layout_key','','gap','','','1',1);
INSERT INTO totals VALUES('layout_key','','gap','','','2',1);
INSERT INTO totals VALUES('layout_key','','habit','','','1',1);
INSERT INTO totals VALUES('layout_key','','habit','','','3',1);
INSERT INTO totals VALUES('layout_key','','strict','','','2',1);
INSERT INTO totals VALUES('layout_key','','strict','','','3',1);
INSERT INTO totals VALUES('layout_ms','','gap','','','',2060);
INSERT INTO totals VALUES('layout_ms','','habit','','','',1700);
INSERT INTO totals VALUES('layout_ms','','strict','','','',2000);
INSERT INTO totals VALUES('layout_outcome','service','gap','sales','','rated',1);
INSERT INTO totals VALUES('layout_outcome','service','gap','support','','hangup',1);
INSERT INTO totals VALUES('layout_outcome','service','gap','support','','rated',1);
INSERT INTO totals VALUES('layout_outcome','service','habit','sales','','hangup',1);
INSERT INTO totals VALUES('layout_outcome','service','habit','support','','hangup',1);
INSERT INTO totals VALUES('layout_outcome','service','habit','support','','not_reached',1);
INSERT INTO totals VALUES('layout_outcome','service','habit','support','','rated',2);
INSERT INTO totals VALUES('layout_outcome','service','strict','sales','','rated',1);
INSERT INTO totals VALUES('layout_outcome','service','strict','support','','rated',1);
INSERT INTO totals VALUES('layout_outcome','solved','yes-no','support','','hangup',2);
INSERT INTO totals VALUES('layout_verdict','service','gap','sales','','satisfied',1);
INSERT INTO totals VALUES('layout_verdict','service','gap','support','','fair',1);
INSERT INTO totals VALUES('layout_verdict','service','habit','support','','dissatisfied',1);
INSERT INTO totals VALUES('layout_verdict','service','habit','support','','satisfied',1);
INSERT INTO totals VALUES('layout_verdict','service','strict','sales','','fair',1);
INSERT INTO totals VALUES('layout_verdict','service','strict','support','','dissatisfied',1);
CREATE TABLE experiments (
    name       TEXT    NOT NULL PRIMARY KEY,
    question   TEXT    NOT NULL,
    layouts    TEXT    NOT NULL,
    queues     TEXT    NOT NULL,
    seed       TEXT    NOT NULL,
    size       INTEGER NOT NULL,
    ratings    INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;
CREATE TABLE agent_day (
    day     TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    queue   TEXT    NOT NULL,
    version TEXT    NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, agent, queue, version, result)
) STRICT, WITHOUT ROWID;
INSERT INTO agent_day VALUES('2026-03-28','al-1','support','gap-0a1b2c3d4e5f','fair',1);
INSERT INTO agent_day VALUES('2026-03-28','al-1','support','gap-0a1b2c3d4e5f','hangup',1);
INSERT INTO agent_day VALUES('2026-03-28','zoe','support','habit-0a1b2c3d4e5f','hangup',1);
INSERT INTO agent_day VALUES('2026-03-28','zoe','support','habit-0a1b2c3d4e5f','not_reached',1);
INSERT INTO agent_day VALUES('2026-03-28','zoe','support','habit-0a1b2c3d4e5f','satisfied',1);
INSERT INTO agent_day VALUES('2026-03-28','王芳','support','habit-1','dissatisfied',1);
INSERT INTO agent_day VALUES('2026-03-28','王芳','support','strict-0a1b2c3d4e5f','dissatisfied',1);
INSERT INTO agent_day VALUES('2026-03-29','al-1','sales','gap-0a1b2c3d4e5f','satisfied',1);
INSERT INTO agent_day VALUES('2026-03-29','zoe','sales','habit-0a1b2c3d4e5f','hangup',1);
INSERT INTO agent_day VALUES('2026-03-29','王芳','sales','strict-0a1b2c3d4e5f','fair',1);
CREATE TABLE agents (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    known_at    INTEGER NOT NULL,
    last_day    TEXT    NOT NULL,
    merged_into TEXT    NOT NULL DEFAULT ''
) STRICT;
INSERT INTO agents VALUES(1,'zoe',1774690200250,'2026-03-29','');
INSERT INTO agents VALUES(2,'al-1',1774690201250,'2026-03-29','');
INSERT INTO agents VALUES(3,'王芳',1774690202250,'2026-03-29','');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',5);
CREATE INDEX epochs_last ON epochs (queue, question);
CREATE INDEX calls_agent ON calls (agent);
CREATE INDEX calls_open ON calls (id) WHERE ended_at IS NULL;
COMMIT;
