-- Whether what changed is a measure, whose `mean` and `usual` are medians in its `unit`; scores have none.
ALTER TABLE online_changes ADD COLUMN measure INTEGER NOT NULL DEFAULT 0;
ALTER TABLE online_changes ADD COLUMN unit TEXT NOT NULL DEFAULT '';
