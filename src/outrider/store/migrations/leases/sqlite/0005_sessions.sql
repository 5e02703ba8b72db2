-- What sessions of agents have seen and done. It is here and not in the journal's tables because a label has to be
-- written before the text that it is about is shown, for all processes. Times are nanoseconds.
CREATE TABLE sessions (
  project TEXT NOT NULL,
  id TEXT NOT NULL,
  agent TEXT NOT NULL,
  who TEXT NOT NULL,
  began INTEGER NOT NULL,
  touched INTEGER NOT NULL,
  events INTEGER NOT NULL,
  tainted INTEGER NOT NULL,
  PRIMARY KEY (project, id)
);
CREATE INDEX sessions_touched ON sessions (touched);
-- `event` is MessagePack in zstd. Nothing is changed here, only added, in the order of `seq` from 1.
CREATE TABLE session_events (
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  seq INTEGER NOT NULL,
  event BLOB NOT NULL,
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
  asked INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  decided INTEGER NOT NULL,
  decider TEXT NOT NULL,
  note TEXT NOT NULL,
  opened INTEGER NOT NULL,
  about BLOB NOT NULL
);
CREATE INDEX approvals_open ON approvals (project, state, asked);
CREATE INDEX approvals_digest ON approvals (project, session, digest);
CREATE INDEX approvals_plan ON approvals (project, plan) WHERE plan <> '';
