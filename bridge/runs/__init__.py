"""Running one step: check what goes in, call the handler, check what comes out, keep what it made."""

from bridge.runs.binding import BoundStep, bind
from bridge.runs.running import Made, Surroundings, perform
from bridge.runs.versions import asked_version

__all__ = ["BoundStep", "Made", "Surroundings", "asked_version", "bind", "perform"]
