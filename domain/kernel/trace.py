"""The span that something is done in, as W3C Trace Context writes it: what is asked for meanwhile remembers it."""

from contextvars import ContextVar

trace_parent: ContextVar[str | None] = ContextVar("trace_parent", default=None)
"""`00-<32 hexadecimal digits>-<16>-<2>`; None outside any span."""
