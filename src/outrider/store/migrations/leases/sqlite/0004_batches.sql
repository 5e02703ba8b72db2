-- Files of batches: uploaded (`batch`) or made here (`batch_output`). Times are nanoseconds; `expires` 0: never.
-- `state` 0 is being written, 1 is whole. Files of the same content in a project share one `content`.
CREATE TABLE files (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  key TEXT NOT NULL,
  purpose TEXT NOT NULL,
  name TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  content TEXT NOT NULL,
  state INTEGER NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
);
CREATE INDEX files_project ON files (project, id);
CREATE INDEX files_content ON files (content);
CREATE INDEX files_same ON files (project, sha256);
CREATE INDEX files_expires ON files (expires) WHERE expires > 0;
-- The content in pieces (zstd), from `starts` on; `bytes` is the size of the piece when unpacked.
CREATE TABLE file_parts (
  content TEXT NOT NULL,
  starts INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (content, starts)
);
-- Batches. `holder` is the process that works on it (one life of it), until `held_until` at least. `made` is what was
-- asked for and never changes, `about` what became of it and is written by the holder alone; both are JSON.
CREATE TABLE batches (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  key TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  cancelling INTEGER NOT NULL,
  ended INTEGER NOT NULL,
  input_file TEXT NOT NULL,
  total INTEGER NOT NULL,
  completed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  cached_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  reasoning_tokens INTEGER NOT NULL,
  holder TEXT NOT NULL,
  held_until INTEGER NOT NULL,
  waits TEXT NOT NULL,
  made BLOB NOT NULL,
  about BLOB NOT NULL
);
CREATE INDEX batches_project ON batches (project, kind, id);
CREATE INDEX batches_open ON batches (created) WHERE ended = 0;
CREATE INDEX batches_ended ON batches (ended) WHERE ended > 0;
CREATE INDEX batches_input ON batches (input_file) WHERE ended = 0;
-- Lines that are done, as they will stand in the output (`good` 1) or error file (`good` 0); zstd.
CREATE TABLE batch_lines (
  batch TEXT NOT NULL,
  line INTEGER NOT NULL,
  good INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (batch, line)
);
