-- What the workers of the tool URL tell each other about connections of older MCP revisions: an answer or a
-- cancellation that came to another worker than the one that waits for it, or that a connection was ended.
CREATE TABLE mcp_mail (
  connection TEXT NOT NULL,
  ref TEXT NOT NULL,
  body BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (connection, ref)
);
CREATE INDEX mcp_mail_at ON mcp_mail (at);
-- The secret that the names of connections are signed with, made by whoever comes first.
CREATE TABLE mcp_secret (
  id INTEGER PRIMARY KEY,
  secret BLOB NOT NULL
);
