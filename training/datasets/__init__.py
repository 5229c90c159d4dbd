"""The data sets: their descriptions, readers, detection and class balance."""
