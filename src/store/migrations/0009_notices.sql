-- What a consultant is shown of a client, and what the client's side has of a ticket already.

-- The newest tickets of a client.
CREATE INDEX ticket_client ON ticket (client_id, id);

-- The files that the client's side sent, or was sent (mail.md §5).
CREATE TABLE ticket_file (
    ticket_id  INTEGER NOT NULL REFERENCES ticket (id),
    sha256     TEXT    NOT NULL CHECK (length(sha256) = 64), -- hex, of the decoded bytes
    inbound_id INTEGER NOT NULL REFERENCES inbound (id),     -- the mail that brought it first
    PRIMARY KEY (ticket_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_file_inbound ON ticket_file (inbound_id);
