-- Idempotency keys: who executes the request with a key, and then its answer.
-- `digest` is of the request; `run` is the execution, `holder` the process (one life of it) and `slot` where it is
-- recorded. `state` 0 claimed (void at `until`), 1 answered, 2 failed (for those who waited for this run; anybody else
-- may claim again). `answer` is NULL where it was too large: then the journal has it. Times are nanoseconds.
CREATE TABLE idempotency (
  project TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BLOB NOT NULL,
  run BLOB NOT NULL,
  holder TEXT NOT NULL,
  slot TEXT NOT NULL,
  state INTEGER NOT NULL,
  until INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  size INTEGER NOT NULL,
  answer BLOB,
  PRIMARY KEY (project, key)
);
CREATE INDEX idempotency_expires ON idempotency (expires, size);
CREATE INDEX idempotency_claimed ON idempotency (holder) WHERE state = 0;
