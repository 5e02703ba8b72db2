-- What comparing variants needs of an answer, apart from its text, which may be long: a digest of what was said, and
-- the values of its scores (JSON). An answer without one is read once, and its gist written down then.
CREATE TABLE experiment_gists (
  experiment TEXT NOT NULL,
  place INTEGER NOT NULL,
  said BLOB NOT NULL,
  marks TEXT NOT NULL,
  PRIMARY KEY (experiment, place)
);
