-- agent_day learns the queue and the layout's version: an agent is marked by
-- how difficult the menus were under which the ratings came.

-- +goose Up
DROP TABLE agent_day;

-- The primary question only: agents' figures show no other.
CREATE TABLE agent_day (
    day     TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    queue   TEXT    NOT NULL,
    version TEXT    NOT NULL,
    result  TEXT    NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (day, agent, queue, version, result)
) STRICT, WITHOUT ROWID;

INSERT INTO agent_day
SELECT c.day, c.agent, c.queue, q.version, iif(a.outcome = 'rated', a.verdict, a.outcome), count(*)
FROM answers a JOIN assignments q ON q.call = a.call AND q.question = a.question JOIN calls c ON c.id = a.call
WHERE NOT c.test AND q.is_primary GROUP BY 1, 2, 3, 4, 5;

-- Whom figures are kept under, in the order in which they became known: by the
-- roster or by a first call. last_day is the last one with a survey, empty
-- before the first. Whatever comes for an agent who was merged is counted
-- under merged_into, which was not merged itself; empty = not merged.
CREATE TABLE agents (
    seq         INTEGER PRIMARY KEY,
    id          TEXT    NOT NULL UNIQUE,
    known_at    INTEGER NOT NULL,
    last_day    TEXT    NOT NULL,
    merged_into TEXT    NOT NULL DEFAULT ''
) STRICT;

INSERT INTO agents (id, known_at, last_day)
SELECT c.agent, min(c.started_at), coalesce(max(d.day), '')
FROM calls c LEFT JOIN (SELECT agent, max(day) AS day FROM agent_day GROUP BY agent) d ON d.agent = c.agent
WHERE NOT c.test GROUP BY c.agent ORDER BY min(c.id);

-- Those who are left of erased calls: their totals stand.
INSERT INTO agents (id, known_at, last_day)
SELECT DISTINCT agent, unixepoch() * 1000, '' FROM totals WHERE agent != ''
ON CONFLICT DO NOTHING;

-- How many options callers had heard who hung up: a total of its own.
INSERT INTO totals (kind, question, layout, queue, agent, label, n)
SELECT 'layout_hangup', '', l.name, '', '', c.heard, sum(c.n)
FROM counts_agent c JOIN layouts l ON l.version = c.version WHERE c.result = 'hangup' GROUP BY l.name, c.heard;

-- A primary question that comes first is always reached. Where it does not come
-- first, this total is declared anew.
DELETE FROM totals WHERE kind = 'agent_outcome' AND label = 'not_reached' AND n = 0;
