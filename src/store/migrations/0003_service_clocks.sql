-- Service clocks: due rows by clock, alerts that wait for the end of a run, and the pass that
-- compares stored deadlines with what they are computed from.

-- Due rows are a cache: the one kind there was besides reviews has a new name.
UPDATE due SET kind = 'response' WHERE kind = 'response_limit';

-- What consultants are to be alerted of: all alerts of a run leave as one mail (policy.md §3).
-- A queue; that an alert was given is a fact of its ticket.
CREATE TABLE alert_waiting (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    consultant TEXT    NOT NULL,
    ticket_id  INTEGER NOT NULL REFERENCES ticket (id),
    line       TEXT    NOT NULL                        -- JSON: what of, and the ticket as it was
) STRICT;
CREATE INDEX alert_waiting_consultant ON alert_waiting (consultant, id);

-- A held mail may be the client's answer that a ticket's contact plan waits for.
CREATE INDEX held_ticket ON held (ticket_id) WHERE state = 'waiting' AND ticket_id IS NOT NULL;

-- The pass over the open tickets that compares, or the last one there was.
CREATE TABLE recheck (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    policy   TEXT    NOT NULL,                         -- hash of what deadlines depend on; `changed ` before it while a new one is applied
    day      TEXT    NOT NULL,                         -- local date on which the pass began
    position INTEGER NOT NULL                          -- last ticket looked at; beyond all of them once it is over
) STRICT;

-- Open tickets by number, however many are closed.
CREATE INDEX ticket_open_number ON ticket (id) WHERE status <> 'closed';
