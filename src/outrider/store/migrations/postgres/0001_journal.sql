-- History: what the indexer moved here from the spool, as it was written.

-- Blocks of consecutive records of one segment: zstd over a msgpack list of payloads. `seq` is the first one's.
-- kind 0: runs and steps, which retention removes; kind 1: everything else, kept. `at` is when it came here;
-- slot (the number of its name), segment and ordinal (the place of the first record in it) say where it came from.
CREATE TABLE records (
  seq BIGINT PRIMARY KEY,
  count BIGINT NOT NULL,
  kind BIGINT NOT NULL,
  slot BIGINT NOT NULL,
  segment BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  at BIGINT NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX records_origin ON records (slot, segment, ordinal);

-- Payloads by content. `key` is the first 8 bytes of `sha256`; `codec` 0 raw, 1 zstd, 2 zstd against the body `base`.
-- `last_seq` is the newest record that needs it, directly or as a base: retention looks at nothing else.
CREATE TABLE blobs (
  id BIGINT PRIMARY KEY,
  project BIGINT NOT NULL,
  key BIGINT NOT NULL,
  last_seq BIGINT NOT NULL,
  codec BIGINT NOT NULL,
  base BIGINT,
  size BIGINT NOT NULL,
  sha256 BYTEA NOT NULL,
  body BYTEA NOT NULL
);
CREATE INDEX blobs_key ON blobs (key);
CREATE INDEX blobs_last_seq ON blobs (last_seq);

-- Short numbers for names that repeat. `project` is the number of the project's own name (0 for that itself).
CREATE TABLE names (
  id BIGINT PRIMARY KEY,
  project BIGINT NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (project, field, value)
);

-- The next seq and blob number, the bytes of all bodies here, and retention's marks.
CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counters (name, value) VALUES ('seq', 1), ('blob', 1), ('stored', 0), ('pruned_seq', 0), ('pruned_hour', -1);

-- How far each slot is indexed. Its name is `<id of the spool>/<slot>`, since several machines may share a database:
-- the segment, the offset in it and in its bodies, the chain's digest there.
CREATE TABLE spool_cursors (
  slot BIGINT PRIMARY KEY,
  segment BIGINT NOT NULL,
  position BIGINT NOT NULL,
  bodies BIGINT NOT NULL,
  ordinal BIGINT NOT NULL,
  digest BYTEA NOT NULL
);

-- Projections from here on: each can be dropped and rebuilt from records.

-- The run list. Name columns hold numbers of names; cost_step, duration_step and ttft_step are decimal size classes.
CREATE TABLE runs (
  seq BIGINT PRIMARY KEY,
  id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  project BIGINT NOT NULL,
  status BIGINT NOT NULL,
  route BIGINT,
  model BIGINT,
  deployment BIGINT,
  key BIGINT,
  name BIGINT,
  source BIGINT,
  provider BIGINT,
  error BIGINT,
  cache BIGINT,
  cost_step BIGINT NOT NULL,
  duration_step BIGINT NOT NULL,
  ttft_step BIGINT,
  stream BIGINT NOT NULL,
  http_status BIGINT NOT NULL,
  steps BIGINT NOT NULL,
  input BIGINT NOT NULL,
  output BIGINT NOT NULL,
  cost BIGINT NOT NULL,
  duration BIGINT NOT NULL,
  ttft BIGINT NOT NULL,
  overhead BIGINT NOT NULL,
  user_id TEXT,
  session TEXT,
  preview TEXT NOT NULL,
  search TSVECTOR NOT NULL
);
CREATE UNIQUE INDEX runs_id ON runs (id);
CREATE INDEX runs_project ON runs (project, seq);
CREATE INDEX runs_status ON runs (status, seq);
CREATE INDEX runs_route ON runs (route, seq) WHERE route IS NOT NULL;
CREATE INDEX runs_model ON runs (model, seq) WHERE model IS NOT NULL;
CREATE INDEX runs_deployment ON runs (deployment, seq) WHERE deployment IS NOT NULL;
CREATE INDEX runs_key ON runs (key, seq) WHERE key IS NOT NULL;
CREATE INDEX runs_cost ON runs (cost_step, seq);
CREATE INDEX runs_duration ON runs (duration_step, seq);
CREATE INDEX runs_ttft ON runs (ttft_step, seq) WHERE ttft_step IS NOT NULL;
CREATE INDEX runs_user ON runs (user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX runs_session ON runs (session, seq) WHERE session IS NOT NULL;
CREATE INDEX runs_text ON runs USING gin (search);

-- How many runs carry a name: what a filter can take, and which filter is the narrowest.
CREATE TABLE run_counts (name BIGINT PRIMARY KEY, runs BIGINT NOT NULL);

-- Which seqs the runs of an hour have, so that a period becomes a range of seq.
CREATE TABLE run_hours (hour BIGINT PRIMARY KEY, first_seq BIGINT NOT NULL, last_seq BIGINT NOT NULL);

-- Records of runs that have more than one. `first` is the place of its first new step in the run; `ids` are the steps'
-- ids (8 bytes each, big endian), `skipped` the positions of steps that an earlier record already had.
CREATE TABLE run_parts (
  run BYTEA NOT NULL,
  seq BIGINT NOT NULL,
  first BIGINT NOT NULL,
  count BIGINT NOT NULL,
  ids BYTEA NOT NULL,
  skipped BYTEA NOT NULL,
  PRIMARY KEY (run, seq)
);

-- Sums per hour (span 1) and day (span 24) of a combination of names, and per hour of a project (span -1); latency and ttft are histograms in logarithmic classes.
CREATE TABLE usage (
  span BIGINT NOT NULL,
  starts BIGINT NOT NULL,
  project BIGINT NOT NULL,
  route BIGINT NOT NULL,
  model BIGINT NOT NULL,
  deployment BIGINT NOT NULL,
  key BIGINT NOT NULL,
  calls BIGINT NOT NULL,
  errors BIGINT NOT NULL,
  cached BIGINT NOT NULL,
  input BIGINT NOT NULL,
  output BIGINT NOT NULL,
  cost BIGINT NOT NULL,
  latency BYTEA NOT NULL,
  ttft BYTEA NOT NULL,
  PRIMARY KEY (span, starts, project, route, model, deployment, key)
);

CREATE TABLE keys (
  public TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  digest BYTEA NOT NULL,
  name TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL,
  seq BIGINT NOT NULL
);
