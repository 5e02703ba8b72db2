-- What was charged to each account: a projection of the charges in runs. `starts` is the start of the account's window
-- (0: it has none, or rolls), `holder` the process that charged it, `bucket` the time (rounded down) it counts for.
CREATE TABLE budget_spent (
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  starts INTEGER NOT NULL,
  holder TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (budget, value, starts, holder, bucket)
) WITHOUT ROWID;
