"""Spans by OpenTelemetry: one for each request and each attempt at a job, joined by W3C Trace Context.

Without an endpoint nothing of OpenTelemetry is loaded, and only the caller's `traceparent` is passed on.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runtime.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import SpanKind, Tracer

WRITTEN = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
HEADER = "traceparent"


@dataclass(slots=True)
class Span:
    """One thing that is done: `trace_parent` is what others name as its parent, `failed` what went wrong."""

    trace_parent: str | None
    failed: str | None = None


class Tracing:
    """Makes the spans of this process, and sends them where the settings say."""

    def __init__(self) -> None:
        self._tracer: Tracer | None = None

    def begin(self, service: str, processor: "SpanProcessor") -> None:
        """This will have spans handed to the processor from now on, in the name of a service."""
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        provider = TracerProvider(resource=Resource.create({"service.name": service}))
        provider.add_span_processor(processor)
        self._tracer = provider.get_tracer("salesloop")

    def request(self, name: str, parent: str | None) -> AbstractContextManager[Span]:
        """This will be the span of a request; a parent that is not well written is none."""
        return self._span(name, parent, {}, "SERVER")

    def job(self, name: str, parent: str | None, facts: Mapping[str, Any]) -> AbstractContextManager[Span]:
        """This will be the span of an attempt at a job."""
        return self._span(name, parent, facts, "CONSUMER")

    @contextmanager
    def _span(self, name: str, parent: str | None, facts: Mapping[str, Any], kind: str) -> Iterator[Span]:
        if parent is not None and not WRITTEN.fullmatch(parent):
            parent = None
        if self._tracer is None:
            yield Span(parent)
            return
        from opentelemetry import trace
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator as Propagator

        around = Propagator().extract({HEADER: parent} if parent else {})
        its_kind: SpanKind = trace.SpanKind[kind]
        with self._tracer.start_as_current_span(name, around, its_kind, dict(facts)) as made:
            written: dict[str, str] = {}
            Propagator().inject(written)
            span = Span(written[HEADER])
            yield span
            if span.failed is not None:
                made.set_status(trace.Status(trace.StatusCode.ERROR, span.failed))


tracing = Tracing()


def configure_tracing(settings: Settings, service: str) -> None:
    """This will send the spans of this process to the endpoint of the settings, where there is one."""
    if not settings.otel_exporter_otlp_endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    place = f"{settings.otel_exporter_otlp_endpoint.rstrip('/')}/v1/traces"
    tracing.begin(service, BatchSpanProcessor(OTLPSpanExporter(place)))
