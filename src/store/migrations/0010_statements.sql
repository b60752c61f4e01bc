-- What a client's monthly statement is read by (policy.md §7): by his own tickets, lines and held
-- mails of the month, whatever else the ledger holds.

ALTER TABLE ticket ADD COLUMN closed_at INTEGER; -- cache: when it closed; null while it is open
UPDATE ticket SET closed_at = coalesce((
    SELECT max(at) FROM ticket_fact
    WHERE ticket_id = ticket.id AND fact ->> 'fact' = 'status_changed' AND fact ->> 'to' = 'closed'
), opened_at) WHERE status = 'closed';
CREATE INDEX ticket_client_closed ON ticket (client_id, closed_at, opened_at);
CREATE INDEX ticket_client_opened ON ticket (client_id, opened_at);

CREATE INDEX charge_release_at ON charge_release (at);
CREATE INDEX held_client ON held (client_id, held_at) WHERE client_id IS NOT NULL;
CREATE INDEX authorizer_ever ON authorizer (client_id, id);
CREATE INDEX directory_history_client ON directory_history (client, id);

-- The month whose statements go out by themselves, or the last one whose did; no row before the first.
CREATE TABLE statement_run (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    month   TEXT    NOT NULL CHECK (month GLOB '????-??'),
    reached INTEGER                                    -- the last client looked at; null once all were
) STRICT;
