-- layouts and queues are JSON lists, queues of the weights in each. ended_at
-- is null while the experiment runs.

-- +goose Up
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
