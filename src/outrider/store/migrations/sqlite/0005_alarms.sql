-- Alarms that were raised, each once: `id` is that of the first event. `maker` is the spool whose indexer sends it;
-- `sent_at` (0: not yet), `delivered`, `failed` and `error` say what became of the message. `most` is the limit.
CREATE TABLE alarms (
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  period INTEGER NOT NULL,
  level INTEGER NOT NULL,
  most INTEGER NOT NULL,
  id BLOB NOT NULL,
  at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  usual INTEGER NOT NULL,
  measure TEXT NOT NULL,
  maker TEXT NOT NULL,
  sent_at INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
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
  hour INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (budget, hour, value)
) WITHOUT ROWID;
CREATE INDEX spend_hours_account ON spend_hours (budget, value, hour, amount);
CREATE INDEX spend_hours_hour ON spend_hours (hour);
