"""What every context stands on: identity, money, time, refusals and the event log."""
