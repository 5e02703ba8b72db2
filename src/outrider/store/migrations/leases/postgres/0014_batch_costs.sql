-- What the lines of a batch cost that are done, in nano-dollars (NULL: it was not counted yet when the batch was made),
-- and the run that answered each of them.
ALTER TABLE batches ADD COLUMN cost BIGINT;
ALTER TABLE batch_lines ADD COLUMN run BYTEA;
