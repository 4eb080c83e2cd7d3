"""Handlers of the trial pack."""
