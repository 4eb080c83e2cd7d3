"""Documents and their segments: the one result shape of every modality."""

from bridge.documents.shapes import Document, Modality, Place, Segment, shape_of

__all__ = ["Document", "Modality", "Place", "Segment", "shape_of"]
