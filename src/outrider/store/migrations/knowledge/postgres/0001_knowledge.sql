-- Times are nanoseconds. `revision` counts the changes of a collection, `erasures` those that took rows away.
CREATE TABLE collections (
  id BIGSERIAL PRIMARY KEY,
  project TEXT NOT NULL,
  name TEXT NOT NULL,
  made BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  erasures BIGINT NOT NULL,
  settings BYTEA NOT NULL
);
CREATE UNIQUE INDEX collections_name ON collections (project, name);
-- A row is a version of a document; `until` 0 is the one that holds. `touched` is the collection's revision when the
-- row last changed. `readers`, `meta` and `notes` are JSON, `body` the text and `blocks` its blocks (MessagePack),
-- both zstd. `chunks` is how many the version has.
CREATE TABLE documents (
  key BIGSERIAL PRIMARY KEY,
  collection BIGINT NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  number BIGINT NOT NULL,
  title TEXT NOT NULL,
  media TEXT NOT NULL,
  language TEXT NOT NULL,
  hash TEXT NOT NULL,
  length BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  trust TEXT NOT NULL,
  readers TEXT NOT NULL,
  meta TEXT NOT NULL,
  notes TEXT NOT NULL,
  touched BIGINT NOT NULL,
  chunks BIGINT NOT NULL,
  body BYTEA NOT NULL,
  blocks BYTEA NOT NULL
);
CREATE UNIQUE INDEX documents_number ON documents (collection, id, number);
CREATE INDEX documents_touched ON documents (collection, touched);
CREATE INDEX documents_live ON documents (collection, id) WHERE until = 0;
-- Derived from documents. The id is the document's key in the higher bits and the chunk's place in the lower 20.
-- `about` is the rest of a chunk: outer span, headings, kind, page, seconds (JSON).
CREATE TABLE chunks (
  id BIGINT PRIMARY KEY,
  starts BIGINT NOT NULL,
  ends BIGINT NOT NULL,
  text TEXT NOT NULL,
  about TEXT NOT NULL
);
-- A named embedding of a collection in one of its generations. `live` 1: the one that is searched. `uid` names the
-- files made from it, `content` what of a chunk is embedded, `epoch` counts what was taken away from it since.
CREATE TABLE spaces (
  id BIGSERIAL PRIMARY KEY,
  collection BIGINT NOT NULL,
  name TEXT NOT NULL,
  generation BIGINT NOT NULL,
  model TEXT NOT NULL,
  content TEXT NOT NULL,
  dimensions BIGINT NOT NULL,
  live BIGINT NOT NULL,
  uid TEXT NOT NULL,
  epoch BIGINT NOT NULL
);
CREATE UNIQUE INDEX spaces_name ON spaces (collection, name, generation);
-- Vectors as float16, little endian. `seq` is the order in which they came.
CREATE TABLE vectors (
  seq BIGSERIAL PRIMARY KEY,
  space BIGINT NOT NULL,
  chunk BIGINT NOT NULL,
  vector BYTEA NOT NULL
);
CREATE UNIQUE INDEX vectors_chunk ON vectors (space, chunk);
CREATE INDEX vectors_order ON vectors (space, seq);
