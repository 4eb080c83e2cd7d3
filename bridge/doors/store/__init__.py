"""The way to what must survive: runs, files, executions, workflows."""
