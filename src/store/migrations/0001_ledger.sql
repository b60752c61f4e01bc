-- The ledger of mail, the directory, the tickets and the outbox.
-- Every instant (`*_at`) is UTC in milliseconds since 1970. Never edit this file after a release:
-- add the next number.

-- A source of mail and how far it has been read (mail.md §1).
CREATE TABLE mailbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    name            TEXT    NOT NULL UNIQUE,           -- imap:user@host/INBOX, maildir:/path, stdin
    epoch           INTEGER NOT NULL DEFAULT 0,        -- UIDVALIDITY
    cursor          INTEGER NOT NULL DEFAULT 0,        -- last UID stored in this epoch
    baseline_at     INTEGER NOT NULL,                  -- mail received before it never acts
    last_poll_at    INTEGER,
    last_overlap_at INTEGER                            -- last overlap scan
) STRICT;

-- One row per received mail; what became of it is written here too.
CREATE TABLE inbound (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    mailbox_id    INTEGER NOT NULL REFERENCES mailbox (id),
    epoch         INTEGER NOT NULL,
    locator       TEXT    NOT NULL,                    -- UID, or file name
    received_at   INTEGER NOT NULL,                    -- trusted receipt time
    stored_at     INTEGER NOT NULL,
    size_bytes    INTEGER NOT NULL,
    omitted_bytes INTEGER NOT NULL DEFAULT 0,          -- left on the server: over max_size
    sha256        BLOB    NOT NULL,                    -- of the raw mail
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'done')),
    attempts      INTEGER NOT NULL DEFAULT 0,          -- counted before parsing, cleared after it
    last_error    TEXT    NOT NULL DEFAULT '',
    message_id    TEXT,                                -- from here on: known once processed
    content_hash  TEXT,
    from_address  TEXT,
    subject       TEXT    NOT NULL DEFAULT '',
    class         TEXT,
    verdict       TEXT,
    verdict_line  TEXT    NOT NULL DEFAULT '',
    outcome       TEXT,                                -- opened, filed, held, duplicate, recorded, before_start
    twin_id       INTEGER REFERENCES inbound (id),     -- the mail this one doubles
    why           TEXT    NOT NULL DEFAULT '',         -- how the decision was reached, one line a step
    release       TEXT,                                -- JSON: somebody's word that lets a held mail in
    UNIQUE (mailbox_id, epoch, locator)
) STRICT;
CREATE INDEX inbound_waiting ON inbound (id) WHERE state = 'waiting';
CREATE INDEX inbound_message_id ON inbound (message_id);
CREATE INDEX inbound_sha256 ON inbound (sha256);

-- The mails themselves, apart, so that the ledger stays narrow.
CREATE TABLE inbound_raw (
    inbound_id INTEGER PRIMARY KEY REFERENCES inbound (id),
    raw        BLOB NOT NULL                           -- zstd
) STRICT;

-- Every address that ever wrote or was written to; tokens name people by this id.
CREATE TABLE person (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    address TEXT NOT NULL UNIQUE
) STRICT;

-- The directory of authorized requesters (policy.md §1).
CREATE TABLE client (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
    settings TEXT NOT NULL                             -- JSON: what is the client's own instead of the house's
) STRICT;
CREATE TABLE client_domain (
    domain    TEXT    PRIMARY KEY,
    client_id INTEGER NOT NULL REFERENCES client (id)
) STRICT;
CREATE INDEX client_domain_client ON client_domain (client_id);
CREATE TABLE authorizer (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id    INTEGER NOT NULL REFERENCES client (id),
    address      TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    can_open     INTEGER NOT NULL CHECK (can_open IN (0, 1)),
    can_approve  INTEGER NOT NULL CHECK (can_approve IN (0, 1)),
    can_validate INTEGER NOT NULL CHECK (can_validate IN (0, 1)),
    valid_from   TEXT    NOT NULL DEFAULT '',          -- first local date, '' = always
    valid_until  TEXT    NOT NULL DEFAULT '',          -- last local date, '' = open
    revoked_at   INTEGER                               -- rows are ended, never deleted
) STRICT;
CREATE UNIQUE INDEX authorizer_current ON authorizer (address) WHERE revoked_at IS NULL;
CREATE INDEX authorizer_client ON authorizer (client_id) WHERE revoked_at IS NULL;
CREATE TABLE directory_history (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT    NOT NULL,                          -- operator, or a consultant's address
    action  TEXT    NOT NULL CHECK (action IN ('client_added', 'client_changed', 'authorized', 'changed', 'revoked')),
    client  TEXT    NOT NULL,
    address TEXT    NOT NULL DEFAULT '',
    detail  TEXT    NOT NULL DEFAULT ''
) STRICT;

-- A ticket's attributes: a cache of its facts.
CREATE TABLE ticket (
    id                     INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id              INTEGER NOT NULL REFERENCES client (id),
    requester              TEXT    NOT NULL,
    requester_name         TEXT    NOT NULL,
    assignee               TEXT,
    status                 TEXT    NOT NULL,
    closed_as              TEXT,
    priority               TEXT    NOT NULL,
    kind                   TEXT    NOT NULL,
    level                  INTEGER NOT NULL CHECK (level BETWEEN 1 AND 4),
    official               INTEGER NOT NULL CHECK (official IN (0, 1)),
    opened_at              INTEGER NOT NULL,
    created_at             INTEGER NOT NULL,
    thread                 TEXT    NOT NULL,           -- JSON: subject and headers of the conversation
    response_limit_open_at INTEGER NOT NULL,           -- cache: breached once open time passes it
    response_met_at        INTEGER,                    -- cache
    next_action_at         INTEGER,                    -- cache: the earliest due row
    CHECK ((status = 'closed') = (closed_as IS NOT NULL)),
    CHECK ((status = 'closed') = (next_action_at IS NULL))
) STRICT;
CREATE INDEX ticket_open ON ticket (next_action_at) WHERE status <> 'closed';
CREATE INDEX ticket_unanswered ON ticket (response_limit_open_at) WHERE response_met_at IS NULL AND status <> 'closed';
CREATE INDEX ticket_requester ON ticket (requester, opened_at);
CREATE TABLE ticket_participant (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    address   TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    PRIMARY KEY (ticket_id, address)
) STRICT, WITHOUT ROWID;

-- One line per decision; nothing changes without one.
CREATE TABLE journal (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,                       -- mail, unprocessable, delivery, due, alarm, order
    inbound_id INTEGER REFERENCES inbound (id),        -- not deferred: a deferred key reads this table through
    outbox_id  INTEGER REFERENCES outbox (id),         -- at every row of the other one
    ticket_id  INTEGER REFERENCES ticket (id) DEFERRABLE INITIALLY DEFERRED, -- written before its first ticket row
    why        TEXT    NOT NULL
) STRICT;
CREATE INDEX journal_ticket ON journal (ticket_id, id) WHERE ticket_id IS NOT NULL;

-- What happened to a ticket: the only input of its clocks. Append-only.
CREATE TABLE ticket_fact (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id  INTEGER NOT NULL REFERENCES ticket (id),
    at         INTEGER NOT NULL,
    journal_id INTEGER NOT NULL REFERENCES journal (id),
    fact       TEXT    NOT NULL                        -- JSON, tagged by its name
) STRICT;
CREATE INDEX ticket_fact_ticket ON ticket_fact (ticket_id, id);
CREATE TRIGGER ticket_fact_keeps BEFORE UPDATE ON ticket_fact BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;
CREATE TRIGGER ticket_fact_stays BEFORE DELETE ON ticket_fact BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

-- Mails filed on a ticket, received and sent.
CREATE TABLE message (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id       INTEGER NOT NULL REFERENCES ticket (id),
    inbound_id      INTEGER UNIQUE REFERENCES inbound (id),
    outbox_id       INTEGER UNIQUE REFERENCES outbox (id),
    message_id      TEXT    NOT NULL,
    at              INTEGER NOT NULL,
    from_address    TEXT    NOT NULL,
    direction       TEXT    NOT NULL CHECK (direction IN ('in', 'out')),
    class           TEXT    NOT NULL,
    visibility      TEXT    NOT NULL CHECK (visibility IN ('public', 'internal')),
    thread_evidence TEXT,
    text            TEXT    NOT NULL,
    CHECK ((inbound_id IS NULL) <> (outbox_id IS NULL))
) STRICT;
CREATE INDEX message_ticket ON message (ticket_id, id);

-- Message-IDs that belong to a ticket: ours, theirs, and those only seen in References (mail.md §4).
CREATE TABLE thread_ref (
    message_id TEXT    PRIMARY KEY,
    ticket_id  INTEGER NOT NULL REFERENCES ticket (id),
    outbox_id  INTEGER REFERENCES outbox (id)
) STRICT, WITHOUT ROWID;

-- Mails that wait for a person (policy.md §1).
CREATE TABLE held (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    inbound_id   INTEGER NOT NULL REFERENCES inbound (id),
    at           INTEGER NOT NULL,                     -- receipt of the mail
    held_at      INTEGER NOT NULL,
    cause        TEXT    NOT NULL,
    client_id    INTEGER REFERENCES client (id),
    ticket_id    INTEGER REFERENCES ticket (id),
    from_address TEXT    NOT NULL DEFAULT '',
    subject      TEXT    NOT NULL DEFAULT '',
    state        TEXT    NOT NULL CHECK (state IN ('waiting', 'released', 'discarded', 'expired')),
    decided_at   INTEGER
) STRICT;
CREATE INDEX held_waiting ON held (held_at) WHERE state = 'waiting';
CREATE UNIQUE INDEX held_once ON held (inbound_id) WHERE state = 'waiting';

-- Notices given about a held sender, one a local day.
CREATE TABLE notice (
    about TEXT NOT NULL,
    day   TEXT NOT NULL,
    PRIMARY KEY (about, day)
) STRICT, WITHOUT ROWID;

-- Mail on its way out, with its final bytes (mail.md §6).
CREATE TABLE outbox (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    once          TEXT    NOT NULL UNIQUE,             -- a second mail of the same sense is impossible
    journal_id    INTEGER NOT NULL REFERENCES journal (id), -- the decision that caused it
    ticket_id     INTEGER REFERENCES ticket (id),
    kind          TEXT    NOT NULL,                    -- the letter
    lane          INTEGER NOT NULL CHECK (lane IN (0, 1)), -- 0: a person's words, before 1: automatic
    braked        INTEGER NOT NULL CHECK (braked IN (0, 1)), -- counts against the brakes
    purpose       TEXT    NOT NULL,
    recipient     TEXT    NOT NULL,
    envelope_from TEXT    NOT NULL,
    message_id    TEXT    NOT NULL UNIQUE,
    raw           BLOB    NOT NULL,                    -- zstd
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'retry', 'failed', 'uncertain', 'cancelled')),
    attempts      INTEGER NOT NULL DEFAULT 0,          -- counted before the attempt
    uncertain     INTEGER NOT NULL DEFAULT 0,          -- attempts that ended in silence
    next_at       INTEGER,                             -- when to try (again); null: not by itself
    created_at    INTEGER NOT NULL,
    offered_at    INTEGER,                             -- content began to leave: the point of no return
    sent_at       INTEGER,
    answer        TEXT    NOT NULL DEFAULT ''          -- the server's last words
) STRICT;
CREATE INDEX outbox_due ON outbox (braked, lane, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX outbox_journal ON outbox (journal_id);
CREATE INDEX outbox_sending ON outbox (id) WHERE state = 'sending';
CREATE INDEX outbox_braked ON outbox (recipient, sent_at) WHERE braked = 1 AND sent_at IS NOT NULL;
CREATE INDEX outbox_automatic ON outbox (sent_at) WHERE braked = 1 AND sent_at IS NOT NULL;
CREATE INDEX outbox_state ON outbox (state) WHERE state NOT IN ('sent', 'cancelled');

-- When tickets next need a decision: a cache of their facts.
CREATE TABLE due (
    ticket_id INTEGER NOT NULL REFERENCES ticket (id),
    kind      TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (ticket_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX due_at ON due (at);

-- Alarms that are raised.
CREATE TABLE alarm (
    cause     TEXT    PRIMARY KEY,
    raised_at INTEGER NOT NULL,
    detail    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that sign tokens; the highest version signs, all verify.
CREATE TABLE token_key (
    version    INTEGER PRIMARY KEY CHECK (version BETWEEN 1 AND 255),
    secret     BLOB    NOT NULL CHECK (length(secret) = 32),
    created_at INTEGER NOT NULL
) STRICT;

-- The running daemon, for `status`.
CREATE TABLE daemon (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    started_at INTEGER NOT NULL
) STRICT;
