"""One module per page: a typed `Context`, a `load(view)` that fills it, and the `routes` it answers."""
