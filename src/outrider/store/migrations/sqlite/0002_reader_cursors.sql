-- How far the readers that send the journal elsewhere have got. `owner` sends alone until `lease_until` (nanoseconds).
CREATE TABLE reader_cursors (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL
);
