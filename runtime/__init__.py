"""What a process needs from the machine: settings, a database, Redis, telemetry, and engines to do without Docker."""
