-- By what a conversation is known again when it comes back without its session's name, or with another one. `mark` is
-- a digest of a beginning, a turn, the id of a call, or a line that a model or a tool wrote; `note` is the tool of an
-- id. `seq` is how much the session had seen by then, `caller` a digest of key, user and agent. Times are nanoseconds.
CREATE TABLE conversation_marks (
  project TEXT NOT NULL,
  mark BYTEA NOT NULL,
  session TEXT NOT NULL,
  seq BIGINT NOT NULL,
  caller BYTEA NOT NULL,
  note TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (project, mark, session)
);
CREATE INDEX conversation_marks_latest ON conversation_marks (project, mark, at);
CREATE INDEX conversation_marks_at ON conversation_marks (at);
-- The longest beginning that a session was asked with last.
CREATE TABLE conversation_heads (
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  mark BYTEA NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (project, session)
);
CREATE INDEX conversation_heads_at ON conversation_heads (at);
-- Calls that models proposed: whoever makes one of them at the tool URL belongs to that session.
CREATE TABLE proposed_calls (
  project TEXT NOT NULL,
  key TEXT NOT NULL,
  digest BYTEA NOT NULL,
  session TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (project, key, digest, session)
);
CREATE INDEX proposed_calls_at ON proposed_calls (at);
