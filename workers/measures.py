"""What a worker counts and times, as Prometheus reads it. Depth and age are the database's, the same everywhere."""

from collections.abc import Iterable

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from domain.jobs.queues import QueueFigures, queue_figures
from domain.kernel.actor import SYSTEM

LAGS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600)
DURATIONS = (0.005, 0.025, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)

START_LAG = Histogram(
    "salesloop_job_start_lag_seconds", "From when a job could be begun until it was.", ["kind"], buckets=LAGS
)
DURATION = Histogram("salesloop_job_duration_seconds", "How long attempts took.", ["kind"], buckets=DURATIONS)
ATTEMPTS = Counter("salesloop_job_attempts", "Attempts that have ended, by how.", ["kind", "outcome"])
RUNNING = Gauge("salesloop_jobs_running", "Jobs that run in this worker.")
LEASE_LOSSES = Counter("salesloop_job_lease_losses", "Jobs that this worker lost to another.", ["kind"])
SWEPT = Counter("salesloop_jobs_swept", "Jobs that this worker found left behind, or lost on their way.", ["found"])
HANDED_OVER = Counter("salesloop_jobs_handed_over", "Jobs that this worker handed to the carrier.")


class Queues(Collector):
    """What stands in the queues, as they were when last asked for."""

    def __init__(self) -> None:
        self.figures: list[QueueFigures] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """This will give the gauges: jobs by queue and state, the age of the oldest, and whether the queue rests."""
        jobs = GaugeMetricFamily("salesloop_jobs", "Jobs by queue and state.", labels=["queue", "state"])
        oldest = GaugeMetricFamily(
            "salesloop_jobs_oldest_seconds", "How long the first job has waited that could be begun.", labels=["queue"]
        )
        paused = GaugeMetricFamily("salesloop_queue_paused", "1 while a queue rests.", labels=["queue"])
        for queue in self.figures:
            for state, count in queue.counts.items():
                jobs.add_metric([queue.name, state], count)
            oldest.add_metric([queue.name], queue.oldest.total_seconds() if queue.oldest else 0)
            paused.add_metric([queue.name], queue.is_paused)
        return [jobs, oldest, paused]


_queues = Queues()
REGISTRY.register(_queues)


async def exposition() -> bytes:
    """This will give all measures in Prometheus' text format. Raises OUTAGES."""
    _queues.figures = await queue_figures(SYSTEM)
    return generate_latest(REGISTRY)
