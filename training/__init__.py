"""Data sets, recipes, training, evaluation and export of the models that the app serves.

The packages form layers; each imports only those above it, and `app`:

    samples      images with labels and landmarks
    datasets     readers and splits of data sets
    transforms   augmentation, alignment, copy-paste
    networks     layers, building blocks, optimizers, saved networks
    metrics      figures of predictions
    tasks        the `Task` protocol and the `Recipe` that names one
    engine       the training loop, runs and their weights, for every task
    export       model folders and single files, for every task
    tasks.*      attributes, detection and landmarks: implementations of `Task`
    recipes      the networks that can be trained, and the registry of their names
    evaluation   scoring of served models and of runs
    reports      pages about data sets, scores and runs
    cli          the commands of `python -m training`
"""
