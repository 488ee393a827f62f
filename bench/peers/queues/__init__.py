"""Job queues that others use, doing nothing as fast as they can, to measure ourselves against.

Each file is run by itself, in an environment that has the peer, as `FILE JOBS`; DATABASE_URL and REDIS_URL say where.
One process, that asks for the jobs before it begins to work, and prints what `stopwatch` says.
"""
