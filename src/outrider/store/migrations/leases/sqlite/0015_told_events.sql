-- What streamed responses in the background have said so far: their events `first` to `last` as they are sent (zstd);
-- `bytes` is their size when unpacked. They go when their batch goes.
CREATE TABLE told_events (
  batch TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (batch, first)
);
