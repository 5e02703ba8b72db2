-- Runs that should perhaps become cases. `why` is what proposed them, `seq` the place in the journal of the newest
-- feedback that did (0: no feedback); `status` is waiting, taken (into `dataset`) or dismissed. Times are nanoseconds.
CREATE TABLE eval_proposals (
  project TEXT NOT NULL,
  run TEXT NOT NULL,
  why TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  dataset TEXT NOT NULL,
  who TEXT NOT NULL,
  decided INTEGER NOT NULL,
  PRIMARY KEY (project, run, why)
);
CREATE INDEX eval_proposals_waiting ON eval_proposals (project, status, at);
CREATE INDEX eval_proposals_seq ON eval_proposals (project, seq);
