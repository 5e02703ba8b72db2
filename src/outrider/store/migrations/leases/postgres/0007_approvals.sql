-- `tool`, `agent`, `who` (the user), `asker` (the key's public part) and `rules` are of the call that waits; `separated`:
-- its user may not decide. `used`: when the approval was taken. `changed`: when anything of the row changed last.
-- `told`: when people were told (0: not yet; below 0: somebody is telling them since then), `untold` why they were not.
ALTER TABLE approvals ADD COLUMN tool TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN asker TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN rules TEXT NOT NULL DEFAULT '';
ALTER TABLE approvals ADD COLUMN separated BIGINT NOT NULL DEFAULT 1;
ALTER TABLE approvals ADD COLUMN used BIGINT NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE approvals ADD COLUMN untold TEXT NOT NULL DEFAULT '';
CREATE INDEX approvals_asked ON approvals (project, asked);
CREATE INDEX approvals_changed ON approvals (project, changed);
CREATE INDEX approvals_tool ON approvals (project, tool, decided);
CREATE INDEX approvals_ending ON approvals (expires) WHERE state IN ('pending', 'approved');
CREATE INDEX approvals_untold ON approvals (asked) WHERE state = 'pending' AND told <= 0;
-- What became of approvals, on its way into the journal: written with the row that it is about, gone once it is there.
CREATE TABLE approval_events (
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  event BYTEA NOT NULL,
  PRIMARY KEY (id, kind)
);
-- Whether the session has read what is private, as `tainted` says of what others wrote.
ALTER TABLE sessions ADD COLUMN private BIGINT NOT NULL DEFAULT 0;
