"""Jobs under faults: workers are killed, stopped and sent away, engines lost, networks cut; nothing of a job may be.

`labour` is what the workers do, `proxy` the network between them and the engines, `stage` puts all of it up, `faults`
are what befalls it, `verdict` says afterwards whether the promises were kept.
"""
