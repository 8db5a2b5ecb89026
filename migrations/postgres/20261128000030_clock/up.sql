-- The latest time at which a service was seen to run with a clock that could be believed.
CREATE TABLE clock (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    seen_at TIMESTAMP NOT NULL
);
