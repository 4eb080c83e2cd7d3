"""Running one step: check what goes in, call the handler, check what comes out, keep what it made.

`Desk` is what the outside uses: it accepts orders, and shows, waits for, cancels and hands out runs.
"""

from bridge.runs.binding import BoundStep, bind
from bridge.runs.desk import Answered, Desk, Limits, Order
from bridge.runs.running import Made, Surroundings, perform
from bridge.runs.showing import shown
from bridge.runs.versions import asked_version

__all__ = [
    "Answered",
    "BoundStep",
    "Desk",
    "Limits",
    "Made",
    "Order",
    "Surroundings",
    "asked_version",
    "bind",
    "perform",
    "shown",
]
