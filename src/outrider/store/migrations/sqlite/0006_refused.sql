-- Calls that were refused for want of room on an account, and when the last one was (ns). They are charges of nothing,
-- and not counted in `calls`.
ALTER TABLE budget_spent ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE budget_spent ADD COLUMN refused_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX budget_spent_refused ON budget_spent (budget, starts, refused_at) WHERE refused > 0;
