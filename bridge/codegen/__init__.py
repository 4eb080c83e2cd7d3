"""From node specs to every file that nobody writes."""

from bridge.codegen.compatibility import incompatible
from bridge.codegen.files import Stale, stale, write
from bridge.codegen.projects import Project, open_project
from bridge.codegen.targets import Layout, render_all

__all__ = ["Layout", "Project", "Stale", "incompatible", "open_project", "render_all", "stale", "write"]
