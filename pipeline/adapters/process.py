"""Who this process is, and which processes of this host live: for leases that outlived their holder.

In: `/proc`. Out: worker names `host:pid:start`, where `start` tells a reused pid apart.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path


def host_prefix() -> str:
    """Return the part of a worker's name that all workers of this host share."""
    return f"{socket.gethostname()}:"


def worker_name() -> str:
    """Return this process's name for leases and logs."""
    return _name(os.getpid())


def alive_here() -> frozenset[str]:
    """Return the names that living processes of this host would have as workers."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return frozenset(_name(pid) for pid in pids)


def _name(pid: int) -> str:
    return f"{host_prefix()}{pid}:{_start_ticks(pid)}"


def _start_ticks(pid: int) -> str:
    """Return the start time in clock ticks since boot (field 22 of proc(5) stat), 0 where it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "0"
    return stat.rpartition(")")[2].split()[19]
