-- Alarms that were raised, each once: `id` is that of the first event. `maker` is the spool whose indexer sends it;
-- `sent_at` (0: not yet), `delivered`, `failed` and `error` say what became of the message. `most` is the limit.
CREATE TABLE alarms (
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  period BIGINT NOT NULL,
  level BIGINT NOT NULL,
  most BIGINT NOT NULL,
  id BYTEA NOT NULL,
  at BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  usual BIGINT NOT NULL,
  measure TEXT NOT NULL,
  maker TEXT NOT NULL,
  sent_at BIGINT NOT NULL DEFAULT 0,
  delivered BIGINT NOT NULL DEFAULT 0,
  failed BIGINT NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (what, subject, value, period, level, most)
);
CREATE INDEX alarms_id ON alarms (id);
CREATE INDEX alarms_at ON alarms (at);
CREATE INDEX alarms_unsent ON alarms (maker) WHERE sent_at = 0;

-- What was charged to each account in each hour (since the epoch) of the last days: what is usual for it.
CREATE TABLE spend_hours (
  budget TEXT NOT NULL,
  value TEXT NOT NULL,
  hour BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (budget, hour, value)
);
CREATE INDEX spend_hours_account ON spend_hours (budget, value, hour, amount);
CREATE INDEX spend_hours_hour ON spend_hours (hour);
