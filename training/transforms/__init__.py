"""Image augmentation and alignment."""
