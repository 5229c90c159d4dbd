"""`python -m training`: prepare, train, evaluate and export the models."""

from __future__ import annotations

import os
from pathlib import Path

import click

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


@click.group()
def main() -> None:
    """Train and score the models of the app."""


@main.command()
@click.argument("recipe")
@click.option("--data", type=click.Path(exists=True, path_type=Path), required=True, help="Folder of the sets.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--epochs", type=int, help="Instead of the recipe's own count.")
@click.option("--mixed", is_flag=True, help="Compute in bfloat16.")
def train(recipe: str, data: Path, out: Path, epochs: int | None, mixed: bool) -> None:
    """Train RECIPE, or continue the run found in --out."""
    from training.recipe import find_recipe
    from training.train import train as run

    print(run(find_recipe(recipe), data, out, epochs, mixed))


if __name__ == "__main__":
    main()
