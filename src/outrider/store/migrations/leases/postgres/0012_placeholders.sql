-- What placeholders of sessions stand for. `owner` is a digest of project, key, user and session; `sealed` is the value,
-- encrypted with a key outside of the database; `mac` finds it again. Times are nanoseconds.
CREATE TABLE placeholders (
  owner TEXT NOT NULL,
  kind TEXT NOT NULL,
  number BIGINT NOT NULL,
  mac BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  expires BIGINT NOT NULL,
  PRIMARY KEY (owner, kind, number)
);
CREATE UNIQUE INDEX placeholders_mac ON placeholders (owner, mac);
CREATE INDEX placeholders_expires ON placeholders (expires);
