"""What /metrics counts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 240)


class Measures:
    """The bridge's own counters, in a registry of their own."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "bridge_request_seconds", "Time to answer.", ("method", "route", "status"),
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        self.runs = Counter("bridge_runs_total", "Answers to steps.", ("step", "status"), registry=self.registry)
        self.queued = Gauge("bridge_runs_queued", "Runs waiting for their turn.", registry=self.registry)
        self.unfinished = Gauge("bridge_runs_running", "Runs being worked on.", registry=self.registry)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)
