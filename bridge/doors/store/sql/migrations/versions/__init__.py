"""The revisions: ``<noun>_<n>.py``, each noun a branch of its own."""
