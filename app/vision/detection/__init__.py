"""Face detectors, the input size they run at, and the schedule they run on."""
