-- Feedback on runs and sessions. `text` is the digest of its payload (empty: none), `bad` whether it says that the
-- answer was not right, `score` millionths or nothing.
CREATE TABLE feedback (
  id BYTEA NOT NULL PRIMARY KEY,
  seq BIGINT NOT NULL,
  project TEXT NOT NULL,
  run BYTEA NOT NULL,
  session TEXT NOT NULL,
  at BIGINT NOT NULL,
  thumb TEXT NOT NULL,
  score BIGINT,
  outcome TEXT NOT NULL,
  edited BIGINT NOT NULL,
  text BYTEA NOT NULL,
  size BIGINT NOT NULL,
  sender TEXT NOT NULL,
  user_id TEXT NOT NULL,
  bad BIGINT NOT NULL
);
CREATE INDEX feedback_newest ON feedback (project, seq);
CREATE INDEX feedback_run ON feedback (run);
CREATE INDEX feedback_session ON feedback (project, session);
CREATE INDEX feedback_bad ON feedback (project, seq) WHERE bad = 1;
