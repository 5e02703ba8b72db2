-- Live traffic, sampled by rules and scored. Times are nanoseconds, money nano-dollars.
-- Who works on it (`holder`, until `held_until` unless heard of again), and up to where it has read the journal
-- (`place`; -1: it has not begun). `wanted` is when a round was asked for at once, `done` when the last one ended.
CREATE TABLE online_lead (
  name TEXT PRIMARY KEY,
  holder TEXT NOT NULL,
  held_until INTEGER NOT NULL,
  place INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  done INTEGER NOT NULL,
  fault TEXT NOT NULL
);
-- What each rule remembers between rounds (zstd of JSON), and how often half of what waited was let go.
CREATE TABLE online_rules (
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  state BLOB NOT NULL,
  thinned INTEGER NOT NULL,
  PRIMARY KEY (project, rule)
);
-- How many runs of an hour (since the epoch) a rule kept: what its sample stands for.
CREATE TABLE online_seen (
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  hour INTEGER NOT NULL,
  runs INTEGER NOT NULL,
  PRIMARY KEY (project, rule, hour)
);
-- Runs that were drawn, each once for a rule. `weight`: for how many runs it stands. `status` is waiting (not before
-- `due`; `step` evaluators were asked), done, or failed with `why`.
CREATE TABLE online_samples (
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  run TEXT NOT NULL,
  at INTEGER NOT NULL,
  weight REAL NOT NULL,
  drawn INTEGER NOT NULL,
  status TEXT NOT NULL,
  due INTEGER NOT NULL,
  step INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (project, rule, run)
);
CREATE INDEX online_samples_due ON online_samples (status, due);
-- What evaluators said, in the order in which they did (`n`, for each series by itself). `value` is null where one said
-- nothing; `weight` says for how many runs it stands here.
CREATE TABLE online_scores (
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  evaluator TEXT NOT NULL,
  version TEXT NOT NULL,
  n INTEGER NOT NULL,
  run TEXT NOT NULL,
  at INTEGER NOT NULL,
  scored INTEGER NOT NULL,
  value REAL,
  weight REAL NOT NULL,
  asked TEXT NOT NULL,
  label TEXT NOT NULL,
  reason TEXT NOT NULL,
  cost INTEGER NOT NULL,
  PRIMARY KEY (project, rule, evaluator, version, n)
);
CREATE INDEX online_scores_at ON online_scores (project, rule, evaluator, at);
CREATE INDEX online_scores_run ON online_scores (project, rule, run);
CREATE INDEX online_scores_scored ON online_scores (scored);
-- Calls of models for scores, by the day (since the epoch) that they count for. `cost` is null until it is known.
CREATE TABLE online_calls (
  again TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  day INTEGER NOT NULL,
  cost INTEGER
);
CREATE INDEX online_calls_day ON online_calls (day);
-- When a series changed: after its `since`th score (of a run that began at `since_at`), certain at its `n`th. `told`:
-- its alarm is in the journal.
CREATE TABLE online_changes (
  project TEXT NOT NULL,
  rule TEXT NOT NULL,
  evaluator TEXT NOT NULL,
  version TEXT NOT NULL,
  n INTEGER NOT NULL,
  since INTEGER NOT NULL,
  since_at INTEGER NOT NULL,
  found INTEGER NOT NULL,
  down INTEGER NOT NULL,
  mean REAL NOT NULL,
  usual REAL NOT NULL,
  told INTEGER NOT NULL,
  PRIMARY KEY (project, rule, evaluator, version, n)
);
