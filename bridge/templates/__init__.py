"""The templates this installation knows: ours, and those from the folders of BRIDGE_TEMPLATES."""

from bridge.templates.library import Library, builtin_folder

__all__ = ["Library", "builtin_folder"]
