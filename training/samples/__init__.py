"""What every data set yields: samples with labels and landmarks, their framing and their splits."""
