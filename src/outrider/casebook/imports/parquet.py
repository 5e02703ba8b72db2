"""The public LLMOps Database as a Parquet file, as it is on Hugging Face; other Parquet files by the same columns."""

from collections.abc import Iterator

from outrider.base.errors import ConfigError, Unreadable
from outrider.casebook.imports import Raw
from outrider.casebook.imports.table import raw
from outrider.knowledge.records import Fetched

_AT_ONCE = 256


def entries(fetched: Fetched) -> Iterator[Raw]:
    """Rows of a Parquet file. Raises ConfigError where the library is not installed, Unreadable for a broken file."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ConfigError("reading Parquet needs a library: install `outrider[parquet]`") from error
    place = 0
    try:
        with pyarrow.parquet.ParquetFile(pyarrow.BufferReader(fetched.body)) as file:
            if not {"title", "name"} & set(file.schema_arrow.names):
                told = ", ".join(file.schema_arrow.names[:12])
                raise Unreadable(f"{fetched.name} has no column `title` (or `name`); its columns are: {told}")
            for batch in file.iter_batches(_AT_ONCE):
                for row in batch.to_pylist():
                    place += 1
                    yield raw(row, f"{fetched.name}, row {place}")
    except (pyarrow.ArrowException, OSError) as error:
        raise Unreadable(f"{fetched.name} is no Parquet file that can be read: {error}") from error
