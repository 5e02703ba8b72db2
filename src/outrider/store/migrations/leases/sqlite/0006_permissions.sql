-- Who may call which tools, as it was set over the API: `kind` is role, user, agent or key; `grants` is JSON.
CREATE TABLE permissions (
  project TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  grants BLOB NOT NULL,
  at INTEGER NOT NULL,
  by TEXT NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (project, kind, name)
);
-- How long sessions get, for what is usual of an agent: calls of tools, turns of the model, nano-dollars in all and in
-- the dearest ten minutes, and the most calls of one kind.
ALTER TABLE sessions ADD COLUMN calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN spent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN steepest INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN same INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_agent ON sessions (project, agent, touched);
-- Whose labels a session has: a parent is kept as long as its children.
CREATE TABLE session_parents (
  project TEXT NOT NULL,
  session TEXT NOT NULL,
  parent TEXT NOT NULL,
  PRIMARY KEY (project, session, parent)
);
CREATE INDEX session_parents_parent ON session_parents (project, parent);
