-- People taken off a client's list: what they had under way passes to the others (policy.md §1).

-- A row goes when no open ticket is the person's and no closed one may be opened again. That he was
-- taken off the list is in the directory's history.
CREATE TABLE departure (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    client_id INTEGER NOT NULL REFERENCES client (id),
    address   TEXT    NOT NULL,                        -- whose tickets pass on
    at        INTEGER NOT NULL,                        -- when he was taken off the list
    UNIQUE (client_id, address)
) STRICT;

-- The open tickets of a person, whichever way he takes part.
CREATE INDEX ticket_open_requester ON ticket (requester) WHERE status <> 'closed';
CREATE INDEX ticket_participant_address ON ticket_participant (address);

-- What waits of a person who may ask now.
CREATE INDEX held_from_address ON held (from_address) WHERE state = 'waiting';
