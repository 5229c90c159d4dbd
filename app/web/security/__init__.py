"""Who may connect: tokens, host checks, response headers, rate limits and TLS."""
