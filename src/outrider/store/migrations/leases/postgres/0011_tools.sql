-- What the tool gateway keeps. Times are nanoseconds.
-- Results that were too large to be given whole, and what a composite tool has done so far: bound to a session, for a
-- while. `body` is zstd, `declaration` MessagePack.
CREATE TABLE kept_results (
  handle TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  tool TEXT NOT NULL,
  made BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  size BIGINT NOT NULL,
  declaration BYTEA NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX kept_results_expires ON kept_results (expires);
-- What tools said of themselves when they were accepted, and what they say now (JSON in zstd). A tool whose `seen`
-- differs from `accepted` has changed its description or its arguments.
CREATE TABLE tool_pins (
  name TEXT PRIMARY KEY,
  accepted TEXT NOT NULL,
  accepted_at BIGINT NOT NULL,
  accepted_by TEXT NOT NULL,
  accepted_text BYTEA NOT NULL,
  seen TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  seen_text BYTEA NOT NULL
);
-- What users allowed Outrider to use in their name. `sealed` is encrypted with a key that is not in the database.
CREATE TABLE tool_credentials (
  server TEXT NOT NULL,
  project TEXT NOT NULL,
  who TEXT NOT NULL,
  made BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  sealed BYTEA NOT NULL,
  PRIMARY KEY (server, project, who)
);
-- Users who are on their way to allow it: used once, and for some minutes only.
CREATE TABLE tool_connections (
  state TEXT PRIMARY KEY,
  expires BIGINT NOT NULL,
  sealed BYTEA NOT NULL
);
