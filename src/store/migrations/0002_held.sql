-- Held mail with who decided about it, notices by reason, people copied on a thread, and the ways
-- from a mail to everything that was decided about it.

ALTER TABLE held ADD COLUMN decided_by TEXT NOT NULL DEFAULT ''; -- operator, an address, or time
CREATE INDEX held_inbound ON held (inbound_id);
CREATE INDEX inbound_twin ON inbound (twin_id) WHERE twin_id IS NOT NULL;
CREATE INDEX journal_inbound ON journal (inbound_id, id) WHERE inbound_id IS NOT NULL;
CREATE INDEX journal_outbox ON journal (outbox_id, id) WHERE outbox_id IS NOT NULL;

-- May write in the thread and is sent nothing: somebody whom the client's side copied.
ALTER TABLE ticket_participant ADD COLUMN copied INTEGER NOT NULL DEFAULT 0 CHECK (copied IN (0, 1));

-- Notices given about a held sender, one a reason and local day.
CREATE TABLE notice_by_reason (
    about  TEXT NOT NULL,
    day    TEXT NOT NULL,
    reason TEXT NOT NULL,                              -- the cause the mail was held for
    PRIMARY KEY (about, day, reason)
) STRICT, WITHOUT ROWID;
INSERT INTO notice_by_reason (about, day, reason) SELECT about, day, 'unauthorized' FROM notice;
DROP TABLE notice;
ALTER TABLE notice_by_reason RENAME TO notice;
