"""Benchmarks: speed, latency, identity and expression metrics beside a baseline."""
