-- Instants are UTC milliseconds since 1970; days are civil dates (2006-01-02)
-- in the site's zone, which meta holds.

-- +goose Up
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE layouts (
    version    TEXT NOT NULL PRIMARY KEY,
    name       TEXT NOT NULL,
    question   TEXT NOT NULL,
    definition TEXT NOT NULL
) STRICT;

CREATE TABLE epochs (
    id         INTEGER PRIMARY KEY,
    queue      TEXT    NOT NULL,
    question   TEXT    NOT NULL,
    split      TEXT    NOT NULL,
    started_at INTEGER NOT NULL
) STRICT;
CREATE INDEX epochs_last ON epochs (queue, question);

-- reason and ended_at are null while the survey is in progress.
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
    ended_at   INTEGER,
    UNIQUE (uniqueid, visit)
) STRICT;
CREATE INDEX calls_agent ON calls (agent);
CREATE INDEX calls_open ON calls (id) WHERE ended_at IS NULL;

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

-- verdict and entry are empty, value and press_ms 0, unless the outcome is rated.
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

-- question is not a reference: every key that was received is kept, also one
-- that came outside any question.
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

-- What was done to the stored records, and to how many of them.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    action TEXT    NOT NULL,
    detail TEXT    NOT NULL,
    n      INTEGER NOT NULL
) STRICT;

-- The roll-ups. result is the verdict when rated, else the outcome. They hold
-- no test calls and can be rebuilt from the rows above.
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

-- The primary question only: agents' figures show no other.
CREATE TABLE agent_day (
    day    TEXT    NOT NULL,
    agent  TEXT    NOT NULL,
    result TEXT    NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (day, agent, result)
) STRICT, WITHOUT ROWID;

-- bucket is press time / 250 ms, rounded down; -1 where no accepted key gave
-- a press time, so that a version's cells sum to all its answers.
CREATE TABLE timing (
    version TEXT    NOT NULL,
    bucket  INTEGER NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (version, bucket, result)
) STRICT, WITHOUT ROWID;

-- Cumulative, never lowered: erasing rows leaves these as they stand, and so
-- they cannot be rebuilt.
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
