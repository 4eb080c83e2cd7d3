"""The way to running versions of other people's services."""
