-- Queues of answers for people to review. `plan` (zstd of JSON) holds what is reviewed and the rubric; times are
-- nanoseconds. An item is there once; `cluster` is what it is not independent of (its case). A mark is somebody's place at
-- an item: `held` until a moment, `given`, or `passed`; one for each person, whatever their role.
CREATE TABLE review_queues (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  author TEXT NOT NULL,
  created INTEGER NOT NULL,
  state TEXT NOT NULL,
  gathered INTEGER NOT NULL,
  plan BLOB NOT NULL,
  UNIQUE (project, name)
);
CREATE TABLE review_items (
  queue TEXT NOT NULL,
  place INTEGER NOT NULL,
  known_as TEXT NOT NULL,
  cluster TEXT NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (queue, place),
  UNIQUE (queue, known_as)
);
CREATE INDEX review_items_status ON review_items (queue, status);
CREATE TABLE review_marks (
  queue TEXT NOT NULL,
  place INTEGER NOT NULL,
  who TEXT NOT NULL,
  role TEXT NOT NULL,
  status TEXT NOT NULL,
  until INTEGER NOT NULL,
  began INTEGER NOT NULL,
  at INTEGER NOT NULL,
  answers TEXT NOT NULL,
  PRIMARY KEY (queue, place, who)
);
CREATE INDEX review_marks_who ON review_marks (queue, who, status);
-- A label that settles what people disagreed on stands for all of them.
ALTER TABLE eval_labels ADD COLUMN settles INTEGER NOT NULL DEFAULT 0;
