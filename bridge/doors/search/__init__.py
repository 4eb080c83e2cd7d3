"""The way to the search index; ranking sits above it."""
