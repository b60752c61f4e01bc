-- What followed from a received mail is found by it: a consultant may take it back before it leaves.
CREATE INDEX ticket_fact_journal ON ticket_fact (journal_id);
