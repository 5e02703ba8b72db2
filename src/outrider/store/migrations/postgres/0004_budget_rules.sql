-- The budgets that exist (`body` is the budget as msgpack); `origin` is config or api, `actor` who set it last.
CREATE TABLE budgets (
  id TEXT PRIMARY KEY,
  measure TEXT NOT NULL,
  origin TEXT NOT NULL,
  at BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  why TEXT NOT NULL,
  body BYTEA NOT NULL
);

-- More room for a time: of a whole budget, or of the account `value`. Some may be over: `until` is nanoseconds.
CREATE TABLE budget_raises (
  seq BIGINT PRIMARY KEY,
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  amount BIGINT NOT NULL,
  until BIGINT NOT NULL,
  actor TEXT NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX budget_raises_budget ON budget_raises (budget);

-- Every change of a budget, as the journal has it.
CREATE TABLE budget_changes (
  seq BIGINT PRIMARY KEY,
  budget TEXT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX budget_changes_budget ON budget_changes (budget, seq);

-- Whom the calls of a key count for, and what it may do beyond calling and reading (words, separated by spaces).
ALTER TABLE keys ADD COLUMN team TEXT NOT NULL DEFAULT '';
ALTER TABLE keys ADD COLUMN may TEXT NOT NULL DEFAULT '';
