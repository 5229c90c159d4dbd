"""The training loop with its checkpoints, callbacks, run folder and patch cache."""
