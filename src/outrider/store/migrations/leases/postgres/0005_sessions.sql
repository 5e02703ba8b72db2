-- What sessions of agents have seen and done. It is here and not in the journal's tables because a label has to be
-- written before the text that it is about is shown, for all processes. Times are nanoseconds.
CREATE TABLE sessions (
  project TEXT NOT NULL,
  id TEXT NOT NULL,
  agent TEXT NOT NULL,
  who TEXT NOT NULL,
  began BIGINT NOT NULL,
  touched BIGINT NOT NULL,
  events BIGINT NOT NULL,
  tainted BIGINT NOT NULL,
  PRIMARY KEY (project, id)
);
CREATE INDEX sessions_touched ON sessions (touched);
-- `event` is MessagePack in zstd. Nothing is changed here, only added, in the order of `seq` from 1.
CREATE TABLE session_events (
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  seq BIGINT NOT NULL,
  event BYTEA NOT NULL,
  PRIMARY KEY (project, session, seq)
);
-- Calls that wait for a person. `digest` binds the decision to tool, arguments and session; `state` is pending,
-- approved, denied or used; `about` is what the person is shown (JSON). `plan` joins calls that are decided together.
CREATE TABLE approvals (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  digest TEXT NOT NULL,
  state TEXT NOT NULL,
  plan TEXT NOT NULL,
  asked BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  decided BIGINT NOT NULL,
  decider TEXT NOT NULL,
  note TEXT NOT NULL,
  opened BIGINT NOT NULL,
  about BYTEA NOT NULL
);
CREATE INDEX approvals_open ON approvals (project, state, asked);
CREATE INDEX approvals_digest ON approvals (project, session, digest);
CREATE INDEX approvals_plan ON approvals (project, plan) WHERE plan <> '';
