"""Praman beside what a user would pick instead, on the same proofs: `python bench/run.py --corpus DIR`."""
