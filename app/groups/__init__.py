"""Several runs as one act: launched together, shown over one another, stopped together."""
