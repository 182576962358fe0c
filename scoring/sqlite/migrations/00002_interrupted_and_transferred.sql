-- resumed counts how often a survey was taken up again after the service or
-- its connection was away. earlier is a JSON list of the agents who talked
-- with the caller before the rated one, empty if there were none.

-- +goose Up
ALTER TABLE calls ADD COLUMN resumed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN earlier TEXT NOT NULL DEFAULT '';
