-- Rates that workers share. A bucket will be full again at `full_at`; `at` is when that was written. Nanoseconds.
CREATE TABLE rate_buckets (
  bucket TEXT NOT NULL,
  value TEXT NOT NULL,
  full_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (bucket, value)
) WITHOUT ROWID;
CREATE INDEX rate_buckets_full ON rate_buckets (full_at);
-- Workers that were seen; what one that is not seen any more holds does not count.
CREATE TABLE rate_holders (
  holder TEXT NOT NULL PRIMARY KEY,
  seen INTEGER NOT NULL
) WITHOUT ROWID;
-- Calls at the same time: slots of a pool that a worker holds, and since when calls wait there for more (0: none do).
CREATE TABLE rate_slots (
  pool TEXT NOT NULL,
  value TEXT NOT NULL,
  holder TEXT NOT NULL,
  held INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (pool, value, holder)
) WITHOUT ROWID;
CREATE INDEX rate_slots_holder ON rate_slots (holder);
