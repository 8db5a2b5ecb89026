-- The latest time at which a service was seen to run with a clock that could be believed.
CREATE TABLE clock (
    name TEXT NOT NULL PRIMARY KEY,
    seen_at TEXT NOT NULL
) STRICT;
