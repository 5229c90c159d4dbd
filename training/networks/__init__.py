"""Building blocks of networks, from stock Keras layers, and the optimizers."""
