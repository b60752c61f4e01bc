-- The daily digest to consultants (policy.md §10): once a business day, whatever restarts.

-- The last digest there was; no row before the first.
CREATE TABLE digest (
    id  INTEGER PRIMARY KEY CHECK (id = 1),
    day TEXT    NOT NULL CHECK (day GLOB '????-??-??') -- the house's local date; sent, or skipped
) STRICT;
