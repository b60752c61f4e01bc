-- What the service clocks need beside the facts: how far stored deadlines were compared with them.

-- The pass over the open tickets that compares, or the last one there was.
CREATE TABLE recheck (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    policy   TEXT    NOT NULL,                         -- hash of what deadlines depend on; `changed ` before it while a new one is applied
    day      TEXT    NOT NULL,                         -- local date on which the pass began
    position INTEGER NOT NULL                          -- last ticket looked at; beyond all of them once it is over
) STRICT;

-- Open tickets by number, however many are closed.
CREATE INDEX ticket_open_number ON ticket (id) WHERE status <> 'closed';
