"""Benchmarks: `make bench` runs them all and prints each figure beside a peer's or a bare baseline's of the same run."""
