-- What people say of answers. `answer` is the digest of a case and what was said to it, so that a label holds wherever
-- the same was said; `rubric` is the name of what was asked for (a judge's name); `value` is between 0 and 1. `drawn`:
-- the answer was drawn at random among those of the experiment. Somebody who labels again says another thing: all stay.
CREATE TABLE eval_labels (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  rubric TEXT NOT NULL,
  answer TEXT NOT NULL,
  who TEXT NOT NULL,
  value REAL NOT NULL,
  note TEXT NOT NULL,
  blind INTEGER NOT NULL,
  drawn INTEGER NOT NULL,
  at INTEGER NOT NULL,
  case_digest TEXT NOT NULL,
  run TEXT NOT NULL,
  experiment TEXT NOT NULL,
  place INTEGER NOT NULL
);
CREATE INDEX eval_labels_of ON eval_labels (project, rubric, at);
CREATE INDEX eval_labels_newest ON eval_labels (project, at);
