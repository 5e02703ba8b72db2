-- Datasets: versions that list cases; a case is kept once, by its content (zstd of its JSON). Times are nanoseconds.
CREATE TABLE eval_cases (
  project TEXT NOT NULL,
  digest TEXT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (project, digest)
);
CREATE TABLE eval_versions (
  project TEXT NOT NULL,
  dataset TEXT NOT NULL,
  version BIGINT NOT NULL,
  created BIGINT NOT NULL,
  author TEXT NOT NULL,
  note TEXT NOT NULL,
  cases BIGINT NOT NULL,
  PRIMARY KEY (project, dataset, version)
);
CREATE TABLE eval_version_cases (
  project TEXT NOT NULL,
  dataset TEXT NOT NULL,
  version BIGINT NOT NULL,
  place BIGINT NOT NULL,
  id TEXT NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (project, dataset, version, place)
);
-- Experiments: `plan` is what was asked for (JSON), and every answer that was to be had is an item with its place.
CREATE TABLE experiments (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  author TEXT NOT NULL,
  created BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  holder TEXT NOT NULL,
  held_until BIGINT NOT NULL,
  items BIGINT NOT NULL,
  plan BYTEA NOT NULL,
  about TEXT NOT NULL
);
CREATE INDEX experiments_newest ON experiments (project, created);
CREATE TABLE experiment_items (
  experiment TEXT NOT NULL,
  place BIGINT NOT NULL,
  case_id TEXT NOT NULL,
  case_digest TEXT NOT NULL,
  variant TEXT NOT NULL,
  turn BIGINT NOT NULL,
  known_as TEXT NOT NULL,
  status TEXT NOT NULL,
  cost BIGINT NOT NULL,
  outcome BYTEA,
  scores BYTEA,
  PRIMARY KEY (experiment, place)
);
CREATE INDEX experiment_items_known ON experiment_items (known_as, status);
