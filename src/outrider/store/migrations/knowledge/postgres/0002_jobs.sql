-- Durable work on a collection. Whoever holds a job writes it; `held_until` (ns) is when others may take it over.
-- `made` is what was asked for, `about` what became of it, both JSON. Times are nanoseconds, 0: not yet.
CREATE TABLE knowledge_jobs (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  collection TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  asker TEXT NOT NULL,
  created BIGINT NOT NULL,
  started BIGINT NOT NULL,
  ended BIGINT NOT NULL,
  cancelling BIGINT NOT NULL,
  holder TEXT NOT NULL,
  held_until BIGINT NOT NULL,
  total BIGINT NOT NULL,
  done BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  made TEXT NOT NULL,
  about TEXT NOT NULL
);
CREATE INDEX knowledge_jobs_open ON knowledge_jobs (created) WHERE ended = 0;
CREATE INDEX knowledge_jobs_collection ON knowledge_jobs (project, collection, created);
-- What became of each thing that a job is about: a source, an entry, a page.
CREATE TABLE knowledge_job_items (
  job TEXT NOT NULL,
  item TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  document TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (job, item)
);
-- Files that were sent to the API, until their job has read them.
CREATE TABLE knowledge_job_files (
  job TEXT NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  media TEXT NOT NULL,
  size BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (job, place)
);
