-- What streamed responses in the background have said so far: their events `first` to `last` as they are sent (zstd);
-- `bytes` is their size when unpacked. They go when their batch goes.
CREATE TABLE told_events (
  batch TEXT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  bytes BIGINT NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (batch, first)
);
