"""The queue doors: each takes a proof's id, claims what waits, works, records, and rings the next bell.

`doors` is the message contract as a table, `broker` builds the broker, `main` runs a worker process.
"""
