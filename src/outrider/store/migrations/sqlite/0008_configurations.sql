-- The configurations that processes answered by: since when (`at`, ns), in which slot of a spool (`place`), and the
-- digest of the payload that has it.
CREATE TABLE configurations (
  seq INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  place TEXT NOT NULL,
  sha256 BLOB NOT NULL,
  size INTEGER NOT NULL,
  why TEXT NOT NULL,
  version TEXT NOT NULL
);
CREATE INDEX configurations_at ON configurations (at);
CREATE INDEX configurations_place ON configurations (place, at);
CREATE INDEX configurations_sha256 ON configurations (sha256);
