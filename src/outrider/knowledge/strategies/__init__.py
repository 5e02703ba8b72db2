"""Ways to find chunks: one file each with `retrieve(query, shelf) -> Found`."""
