-- What is in a file that was sent, in parts: a large one is never in memory as a whole. Files of before have their
-- content in `knowledge_job_files`.
CREATE TABLE knowledge_job_parts (
  job TEXT NOT NULL,
  place INTEGER NOT NULL,
  part INTEGER NOT NULL,
  body BYTEA NOT NULL,
  PRIMARY KEY (job, place, part)
);
