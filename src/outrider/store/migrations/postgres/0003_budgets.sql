-- What was charged to each account: a projection of the charges in runs. `starts` is the start of the account's window
-- (0: it has none, or rolls), `holder` the process that charged it, `bucket` the time (rounded down) it counts for.
CREATE TABLE budget_spent (
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  starts BIGINT NOT NULL,
  holder TEXT NOT NULL,
  bucket BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  PRIMARY KEY (budget, value, starts, holder, bucket)
);
