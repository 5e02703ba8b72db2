-- Digests of what agents wrote after they had read what others wrote: read back, in any session, it is still theirs.
CREATE TABLE written (
  project TEXT NOT NULL,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project, digest)
);
CREATE INDEX written_at ON written (at);
