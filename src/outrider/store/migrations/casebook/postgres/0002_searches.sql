-- Queries that somebody saved, by project.
CREATE TABLE casebook_searches (
  id TEXT PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  who TEXT NOT NULL,
  made BIGINT NOT NULL
);
CREATE INDEX casebook_searches_project ON casebook_searches (project, made);
-- Which cases a saved search found at a moment, once a week: `cases` is a JSON array of ids.
CREATE TABLE casebook_search_weeks (
  search TEXT NOT NULL,
  at BIGINT NOT NULL,
  cases TEXT NOT NULL,
  PRIMARY KEY (search, at)
);
