"""The HTTP door: what a platform sends, asks and is answered (contract section 6).

`app` builds it, `front` is what it works with, `access` says who asks, `bodies` reads what is sent, `paths`
reads ids in addresses, `problems` tells what went wrong, `schemas` describes all answers, `measures` counts;
`jobs`, `submit`, `proofs`, `evidence` and `health` are the routes. `server` runs it.
"""
