"""Find the catalog entry that a dataset uses."""
