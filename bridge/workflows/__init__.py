"""Workflows we keep in n8n: made from templates, published, proved to answer, changed and removed.

deploying    template -> compiled -> created -> published -> proved; and plan, then apply
proving      a hook that does not answer is registered again, until it does
removing     unpublish, wait, delete
furnishing   the credential, the tag and the error workflow that all of them use
library      templates from folders and from the API, read again when they change
"""

from bridge.workflows.deploying import Deploying, Making, Planned
from bridge.workflows.furnishing import Furnishing, Furniture
from bridge.workflows.library import Library
from bridge.workflows.proving import Proving
from bridge.workflows.removing import Removing

__all__ = ["Deploying", "Furnishing", "Furniture", "Library", "Making", "Planned", "Proving", "Removing"]
