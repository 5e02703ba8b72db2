-- Copies of vectors in other databases, so that none is left there when its collection or embedding goes. `name` is the
-- space's id and epoch, `place` the folder of one that is embedded ("" at a server), `gone` when it was first to be taken
-- away and its database did not answer (ns, 0: it was not).
CREATE TABLE vector_copies (
  name TEXT NOT NULL,
  adapter TEXT NOT NULL,
  at TEXT NOT NULL,
  place TEXT NOT NULL,
  gone BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (name, adapter, at, place)
);
