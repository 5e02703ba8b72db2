-- What each holder (one life of a process) has been lent of an account. Written by the holder, but for `recall`.
-- `granted` is all that it was ever given less what it gave back, `used` what of that it had spent when it last wrote.
-- `recall` counts how often others asked for what is free, `answered` is the count up to which it gave back.
-- `at` is when it was last written, `closed` when the holder was found dead and all it spent was indexed (0: open).
CREATE TABLE budget_leases (
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  starts INTEGER NOT NULL,
  holder TEXT NOT NULL,
  granted INTEGER NOT NULL,
  used INTEGER NOT NULL,
  recall INTEGER NOT NULL,
  answered INTEGER NOT NULL,
  at INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  PRIMARY KEY (budget, value, starts, holder)
) WITHOUT ROWID;
CREATE INDEX budget_leases_holder ON budget_leases (holder);
CREATE INDEX budget_leases_recalled ON budget_leases (holder) WHERE recall > answered;
