"""Which deployments serve a route, and in which order. One strategy per file: `order(deployments) -> list`."""
