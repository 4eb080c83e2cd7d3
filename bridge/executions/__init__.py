"""Executions of those workflows: starting, watching, stopping."""
