"""One module per lesson, each with a `LESSON`."""
