"""Passes 3 and 4: the plan as nodes and lines on n8n's canvas, in one of two dialects, then as a document.

canvas       nodes and lines while they are drawn
expressions  values and references as n8n expressions
flow         the order of things, the same for both targets
nodes, http  how one step looks in each target
sticky       the note that says what the workflow does and needs
document     the workflow JSON
"""

from bridge.compiler.emit.canvas import Canvas, Edge, Node
from bridge.compiler.emit.document import document_of
from bridge.compiler.emit.flow import TARGETS, Target, draw

__all__ = ["TARGETS", "Canvas", "Edge", "Node", "Target", "document_of", "draw"]
