-- Feedback on runs and sessions. `text` is the digest of its payload (empty: none), `bad` whether it says that the
-- answer was not right, `score` millionths or nothing.
CREATE TABLE feedback (
  id BLOB NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  project TEXT NOT NULL,
  run BLOB NOT NULL,
  session TEXT NOT NULL,
  at INTEGER NOT NULL,
  thumb TEXT NOT NULL,
  score INTEGER,
  outcome TEXT NOT NULL,
  edited INTEGER NOT NULL,
  text BLOB NOT NULL,
  size INTEGER NOT NULL,
  sender TEXT NOT NULL,
  user_id TEXT NOT NULL,
  bad INTEGER NOT NULL
);
CREATE INDEX feedback_newest ON feedback (project, seq);
CREATE INDEX feedback_run ON feedback (run);
CREATE INDEX feedback_session ON feedback (project, session);
CREATE INDEX feedback_bad ON feedback (project, seq) WHERE bad = 1;
