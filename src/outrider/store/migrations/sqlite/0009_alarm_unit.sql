-- The unit of `level` and `usual` of an alarm about quality: empty for scores (per mille), else that of a measure.
ALTER TABLE alarms ADD COLUMN unit TEXT NOT NULL DEFAULT '';
