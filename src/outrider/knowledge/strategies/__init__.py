"""Ways to find chunks: one file each with `retrieve(query, shelf) -> Found`, and `OPTIONS`, the names of what a query's
`options` may say to it (left out: nothing)."""
