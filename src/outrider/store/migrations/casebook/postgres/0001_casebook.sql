-- Times are nanoseconds. A row is a version of a case; `until` 0 is the one that holds. `body` is the CaseStudy as JSON,
-- zstd. `who` made it, `why` in a sentence.
CREATE TABLE casebook_versions (
  id TEXT NOT NULL,
  number BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  origin TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (id, number)
);
CREATE INDEX casebook_live ON casebook_versions (id) WHERE until = 0;
-- One row: counts every change of what the Casebook says.
CREATE TABLE casebook_revision (
  revision BIGINT NOT NULL
);
INSERT INTO casebook_revision (revision) VALUES (0);
-- Spellings of organisations (folded) and what they are called here.
CREATE TABLE casebook_names (
  alias TEXT PRIMARY KEY,
  canonical TEXT NOT NULL,
  written TEXT NOT NULL,
  who TEXT NOT NULL,
  at BIGINT NOT NULL
);
-- What became of each entry of each set that was imported, at its last import. `hash` is that of what it was read from;
-- `about` is JSON: reasons, what was found.
CREATE TABLE casebook_items (
  origin TEXT NOT NULL,
  item TEXT NOT NULL,
  hash TEXT NOT NULL,
  outcome TEXT NOT NULL,
  case_id TEXT NOT NULL,
  about TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (origin, item)
);
-- Entries and corrections that wait for a person. `base` is the version that was changed (0: a new case), `text` the
-- text that its own evidence is in (zstd).
CREATE TABLE casebook_reviews (
  id TEXT PRIMARY KEY,
  case_id TEXT NOT NULL,
  base BIGINT NOT NULL,
  state TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  at BIGINT NOT NULL,
  decided_by TEXT NOT NULL,
  decided_at BIGINT NOT NULL,
  reason TEXT NOT NULL,
  body BYTEA NOT NULL,
  text BYTEA NOT NULL
);
CREATE INDEX casebook_reviews_state ON casebook_reviews (state, at);
