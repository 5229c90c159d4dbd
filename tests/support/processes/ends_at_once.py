"""A child process of the server that ends before it does anything."""

raise SystemExit(7)
