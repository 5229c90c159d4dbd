"""Sessions that were not recorded here: from exported archives and from videos."""
