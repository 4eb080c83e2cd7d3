"""Test results: one CTRF-shaped model read from every runner's format."""
