-- History: what the indexer moved here from the spool, as it was written.

-- Blocks of consecutive records of one segment: zstd over a msgpack list of payloads. `seq` is the first one's.
-- kind 0: runs and steps, which retention removes; kind 1: everything else, kept. `at` is when it came here;
-- slot (the number of its name), segment and ordinal (the place of the first record in it) say where it came from.
CREATE TABLE records (
  seq INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX records_origin ON records (slot, segment, ordinal);

-- Payloads by content. `key` is the first 8 bytes of `sha256`; `codec` 0 raw, 1 zstd, 2 zstd against the body `base`.
-- `last_seq` is the newest record that needs it, directly or as a base: retention looks at nothing else.
CREATE TABLE blobs (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  key INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  base INTEGER,
  size INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX blobs_key ON blobs (key);
CREATE INDEX blobs_last_seq ON blobs (last_seq);

-- Short numbers for names that repeat. `project` is the number of the project's own name (0 for that itself).
CREATE TABLE names (
  id INTEGER PRIMARY KEY,
  project INTEGER NOT NULL,
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (project, field, value)
);

-- The next seq and blob number, the bytes of all bodies here, and retention's marks.
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO counters (name, value) VALUES ('seq', 1), ('blob', 1), ('stored', 0), ('pruned_seq', 0), ('pruned_hour', -1);

-- How far each slot is indexed. Its name is `<id of the spool>/<slot>`, since several machines may share a database:
-- the segment, the offset in it and in its bodies, the chain's digest there.
CREATE TABLE spool_cursors (
  slot INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  position INTEGER NOT NULL,
  bodies INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  digest BLOB NOT NULL
);

-- Projections from here on: each can be dropped and rebuilt from records.

-- The run list. Name columns hold numbers of names; cost_step, duration_step and ttft_step are decimal size classes.
CREATE TABLE runs (
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  project INTEGER NOT NULL,
  status INTEGER NOT NULL,
  route INTEGER,
  model INTEGER,
  deployment INTEGER,
  key INTEGER,
  name INTEGER,
  source INTEGER,
  provider INTEGER,
  error INTEGER,
  cache INTEGER,
  cost_step INTEGER NOT NULL,
  duration_step INTEGER NOT NULL,
  ttft_step INTEGER,
  stream INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  steps INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  duration INTEGER NOT NULL,
  ttft INTEGER NOT NULL,
  overhead INTEGER NOT NULL,
  user_id TEXT,
  session TEXT,
  preview TEXT NOT NULL
);
CREATE UNIQUE INDEX runs_id ON runs (id);
CREATE INDEX runs_project ON runs (project);
CREATE INDEX runs_status ON runs (status);
CREATE INDEX runs_route ON runs (route) WHERE route IS NOT NULL;
CREATE INDEX runs_model ON runs (model) WHERE model IS NOT NULL;
CREATE INDEX runs_deployment ON runs (deployment) WHERE deployment IS NOT NULL;
CREATE INDEX runs_key ON runs (key) WHERE key IS NOT NULL;
CREATE INDEX runs_cost ON runs (cost_step);
CREATE INDEX runs_duration ON runs (duration_step);
CREATE INDEX runs_ttft ON runs (ttft_step) WHERE ttft_step IS NOT NULL;
CREATE INDEX runs_user ON runs (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX runs_session ON runs (session) WHERE session IS NOT NULL;
CREATE VIRTUAL TABLE runs_text USING fts5(text, content='', detail=none, columnsize=0);

-- How many runs carry a name: what a filter can take, and which filter is the narrowest.
CREATE TABLE run_counts (name INTEGER PRIMARY KEY, runs INTEGER NOT NULL);

-- Which seqs the runs of an hour have, so that a period becomes a range of seq.
CREATE TABLE run_hours (hour INTEGER PRIMARY KEY, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL);

-- Records of runs that have more than one. `first` is the place of its first new step in the run; `ids` are the steps'
-- ids (8 bytes each, big endian), `skipped` the positions of steps that an earlier record already had.
CREATE TABLE run_parts (
  run BLOB NOT NULL,
  seq INTEGER NOT NULL,
  first INTEGER NOT NULL,
  count INTEGER NOT NULL,
  ids BLOB NOT NULL,
  skipped BLOB NOT NULL,
  PRIMARY KEY (run, seq)
) WITHOUT ROWID;

-- Sums per hour (span 1) and day (span 24) of a combination of names, and per hour of a project (span -1); latency and ttft are histograms in logarithmic classes.
CREATE TABLE usage (
  span INTEGER NOT NULL,
  starts INTEGER NOT NULL,
  project INTEGER NOT NULL,
  route INTEGER NOT NULL,
  model INTEGER NOT NULL,
  deployment INTEGER NOT NULL,
  key INTEGER NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  cached INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cost INTEGER NOT NULL,
  latency BLOB NOT NULL,
  ttft BLOB NOT NULL,
  PRIMARY KEY (span, starts, project, route, model, deployment, key)
) WITHOUT ROWID;

CREATE TABLE keys (
  public TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  digest BLOB NOT NULL,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL,
  seq INTEGER NOT NULL
);
