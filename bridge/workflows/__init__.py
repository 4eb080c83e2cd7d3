"""Workflows we keep in n8n: made from templates, published, proved to answer, changed and removed.

deploying    template -> compiled -> created -> published -> proved; and plan, then apply
proving      a hook that does not answer is registered again, until it does
removing     unpublish, wait, delete
furnishing   the credential, the tag and the error workflow that all of them use
"""

from bridge.workflows.deploying import Deploying, Making, Place, Planned
from bridge.workflows.furnishing import Furnishing, Furniture
from bridge.workflows.proving import Proving
from bridge.workflows.removing import Removing

__all__ = ["Deploying", "Furnishing", "Furniture", "Making", "Place", "Planned", "Proving", "Removing"]
