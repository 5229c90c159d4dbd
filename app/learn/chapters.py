"""The chapters of the path `/learn`, in order. The web process imports this module alone of `app/learn/`."""

CHAPTERS = ("pixels", "haar", "windows", "convolution", "augmentation", "training", "confidence", "bias")
