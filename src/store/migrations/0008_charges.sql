-- What is charged (policy.md §7). A line is never changed: what was wrong has a line that reverses
-- it, what had to wait for the client's word has a row that says when it came.

CREATE TABLE charge (
    id                    INTEGER PRIMARY KEY AUTOINCREMENT, -- the 1042 of L-1042
    once                  TEXT    NOT NULL UNIQUE,     -- what it is for: a second line for the same is impossible
    ticket_id             INTEGER NOT NULL REFERENCES ticket (id),
    client_id             INTEGER NOT NULL REFERENCES client (id),
    journal_id            INTEGER NOT NULL REFERENCES journal (id), -- the decision that wrote it
    inbound_id            INTEGER REFERENCES inbound (id), -- the mail it comes from
    at                    INTEGER NOT NULL,            -- when it was entered: the month it belongs to
    kind                  TEXT    NOT NULL CHECK (kind IN ('follow_up', 'session', 'work', 'budget', 'adjustment')),
    minutes               INTEGER NOT NULL CHECK (minutes <> 0), -- of all consultants together; less than none in a reversal
    bucket                TEXT    NOT NULL CHECK (bucket IN ('in_hours', 'out_of_hours_approved', 'out_of_hours_unapproved')),
    factor                REAL,                        -- what a minute is multiplied by
    consultant            TEXT    NOT NULL,            -- who is charged for; an operator where nobody is
    people                TEXT    NOT NULL DEFAULT '[]', -- JSON: a session's consultants by name
    from_at               INTEGER,                     -- the time charged for, where it has a beginning
    to_at                 INTEGER,
    note                  TEXT    NOT NULL DEFAULT '',
    approving_id          INTEGER REFERENCES inbound (id), -- the client's mail that approved it
    pending_formalization INTEGER NOT NULL CHECK (pending_formalization IN (0, 1)), -- entered while its ticket was not official
    excess                INTEGER NOT NULL CHECK (excess IN (0, 1)), -- entered beyond the authorized time
    reverses_id           INTEGER UNIQUE REFERENCES charge (id),
    CHECK ((from_at IS NULL) = (to_at IS NULL))
) STRICT;
CREATE INDEX charge_ticket ON charge (ticket_id, id);
CREATE INDEX charge_client ON charge (client_id, at);
CREATE INDEX charge_at ON charge (at);
CREATE INDEX charge_inbound ON charge (inbound_id) WHERE inbound_id IS NOT NULL;
-- What consultants did in a session, to see where two of one consultant's overlap.
CREATE INDEX charge_session ON charge (to_at) WHERE kind = 'session';
CREATE TRIGGER charge_keeps BEFORE UPDATE ON charge BEGIN SELECT RAISE(ABORT, 'charges are append-only'); END;
CREATE TRIGGER charge_stays BEFORE DELETE ON charge BEGIN SELECT RAISE(ABORT, 'charges are append-only'); END;

-- The client's word that a line waited for. Append-only.
CREATE TABLE charge_release (
    charge_id  INTEGER NOT NULL REFERENCES charge (id),
    waited_for TEXT    NOT NULL CHECK (waited_for IN ('formalization', 'approval')),
    at         INTEGER NOT NULL,
    inbound_id INTEGER REFERENCES inbound (id),        -- the mail that said so
    journal_id INTEGER NOT NULL REFERENCES journal (id),
    PRIMARY KEY (charge_id, waited_for)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER charge_release_keeps BEFORE UPDATE ON charge_release BEGIN SELECT RAISE(ABORT, 'releases are append-only'); END;
CREATE TRIGGER charge_release_stays BEFORE DELETE ON charge_release BEGIN SELECT RAISE(ABORT, 'releases are append-only'); END;

-- A line with what has become of it.
CREATE VIEW charge_line AS
    SELECT charge.*,
           (SELECT r.at FROM charge_release AS r
            WHERE r.charge_id = charge.id AND r.waited_for = 'formalization') AS formalized_at,
           (SELECT r.at FROM charge_release AS r
            WHERE r.charge_id = charge.id AND r.waited_for = 'approval') AS approved_at,
           EXISTS (SELECT 1 FROM charge AS later
                   WHERE later.reverses_id = charge.id) AS is_reversed
    FROM charge;

-- Lines that the client disputes, each with the ticket that looks into it.
CREATE TABLE dispute (
    charge_id INTEGER NOT NULL REFERENCES charge (id),
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    at        INTEGER NOT NULL,
    PRIMARY KEY (charge_id, ticket_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX dispute_ticket ON dispute (ticket_id);

-- Statements that were sent, each byte as it left: once for a client and month, and anew where a
-- correction had to be sent.
CREATE TABLE statement (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id  INTEGER NOT NULL REFERENCES client (id),
    month      TEXT    NOT NULL CHECK (month GLOB '????-??'),
    issue      INTEGER NOT NULL CHECK (issue >= 1),
    at         INTEGER NOT NULL,
    journal_id INTEGER NOT NULL REFERENCES journal (id),
    text       BLOB    NOT NULL,                       -- zstd
    csv        BLOB    NOT NULL,                       -- zstd
    html       BLOB    NOT NULL,                       -- zstd
    UNIQUE (client_id, month, issue)
) STRICT;
