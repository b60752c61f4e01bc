-- Mails that a source has not handed over are asked for again: they are found without a look at the
-- others.
CREATE INDEX inbound_absent ON inbound (mailbox_id, epoch) WHERE size_bytes = 0 AND last_error <> '';
