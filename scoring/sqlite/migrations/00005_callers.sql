-- What is kept of callers' numbers, where anything is. It is a table of its own
-- that grows at its end only: SQLite's secure_delete clears what is deleted, not
-- the copies of rows that stay behind when rows move between pages, as those of
-- calls do, and those of an index. An erasure writes the table anew. key is the
-- fingerprint of the key of an HMAC; value is empty where the number was lost on
-- the way through the spill file.

-- +goose Up
CREATE TABLE callers (
    call  INTEGER NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    form  TEXT    NOT NULL,
    key   TEXT    NOT NULL,
    value TEXT    NOT NULL
) STRICT;

-- What calls that were removed had given to the roll-ups of the same name, by
-- the agent whom each was said to be of: roll-up = rows + removed.
CREATE TABLE removed_counts_agent (
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

CREATE TABLE removed_counts_day (
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

CREATE TABLE removed_agent_day (
    day     TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    queue   TEXT    NOT NULL,
    version TEXT    NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, agent, queue, version, result)
) STRICT, WITHOUT ROWID;

CREATE TABLE removed_timing (
    version TEXT    NOT NULL,
    bucket  INTEGER NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (version, bucket, result)
) STRICT, WITHOUT ROWID;
