"""Read the sources of the warehouse and land their records, unchanged, in `landing.duckdb`."""
