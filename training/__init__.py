"""Data readers, recipes, training, evaluation and export of the models that the app serves."""
