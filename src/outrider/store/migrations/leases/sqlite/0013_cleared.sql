-- Whether the rules allowed a proposed call: then it is not judged a second time when it comes to the tool URL, once.
ALTER TABLE proposed_calls ADD COLUMN cleared INTEGER NOT NULL DEFAULT 0;
