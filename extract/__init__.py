"""Extraction: the sources of `sources.yml` as JSON records in a DuckDB file."""

PROGRAM = "llm-capabilities-extract/0.1"
"""How this package names itself to sources and in backups."""
