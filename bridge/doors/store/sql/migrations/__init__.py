"""Alembic's folder: one branch of revisions per noun."""
