"""The commands of `python -m training`."""

from __future__ import annotations

from pathlib import Path

import click

from app.cli import OneLineErrors
from training.cli.evaluate import evaluate
from training.cli.explore import explore
from training.cli.geometry import geometry
from training.cli.options import DATA, JSON, MODELS, write_json
from training.engine.backend import BACKENDS, choose_backend

CACHE = click.option("--cache", type=click.Path(path_type=Path), help="Folder of prepared patches (~/.cache/...).")
FORMATS = ("int8", "float32", "json")


@click.group(cls=OneLineErrors)
def main() -> None:
    """Train and score the models of the app."""


main.add_command(explore)
main.add_command(geometry)
main.add_command(evaluate)


@main.command()
@click.option("--runs", type=click.Path(path_type=Path), help="Folder of runs: tell the seconds that an epoch took.")
@JSON
def recipes(runs: Path | None, json_file: Path | None) -> None:
    """List the recipes: name, parameters, network folder, data."""
    from training.engine.run_dir import seconds_an_epoch
    from training.recipes.registry import find_recipe, recipe_names, recipe_summary

    seconds = seconds_an_epoch(runs) if runs else {}
    timed = {name: {"seconds_an_epoch": round(value, 1)} for name, value in seconds.items()}
    found = [{**recipe_summary(find_recipe(name)), **timed.get(name, {})} for name in recipe_names()]
    for one in found:
        click.echo(f"{one['name']:22} {one['parameters']:>12,} parameters ({one['trainable']:,} trainable)")
        click.echo(f"{'':22} {one['title']}; learns from {one['set']}: {one['data']}")
        if "seconds_an_epoch" in one:
            click.echo(f"{'':22} {one['seconds_an_epoch']} s an epoch on this machine, as logged in {runs}")
    write_json(json_file, found)


@main.command()
@click.argument("recipe")
@DATA
@CACHE
@JSON
def prepare(recipe: str, data: Path, cache: Path | None, json_file: Path | None) -> None:
    """Read the set of RECIPE, say what is left out and why, and keep its patches for training."""
    from training.engine.run_dir import data_report
    from training.recipes.registry import find_face_recipe
    from training.tasks.base import TrainOptions

    chosen = find_face_recipe(recipe)
    read = chosen.task.read(chosen, data, TrainOptions(cache=cache))
    found = data_report(read.names, read.rejected)
    for split, count in found["pictures"].items():
        click.echo(f"{split:8} {count}")
    for reason, count in found["reasons"].items():
        click.echo(f"left out {count}: {reason}")
    write_json(json_file, found)


@main.command()
@click.argument("recipe")
@DATA
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's own count.")
@click.option("--mixed", is_flag=True, help="Compute in bfloat16.")
@click.option("--backend", type=click.Choice(BACKENDS), help="What Keras computes with; default: the first installed.")
@click.option("--init", type=click.Choice(["random", "imagenet"]), help="Start of a network of keras.applications.")
@click.option(
    "--trunk-weights", type=click.Path(path_type=Path), help="To start from: VGGFace's VGG16, or a model.keras."
)
@click.option("--taught-by", type=click.Path(path_type=Path), help="A model.keras whose answers are learnt too.")
@click.option("--teacher", type=click.Path(path_type=Path), help="YuNet: a detector learns no face it cannot see.")
@CACHE
def train(
    recipe: str,
    data: Path,
    out: Path,
    epochs: int | None,
    mixed: bool,
    backend: str | None,
    init: str | None,
    trunk_weights: Path | None,
    taught_by: Path | None,
    teacher: Path | None,
    cache: Path | None,
) -> None:
    """Train RECIPE, or continue the run found in --out.

    --out gets the best and the newest weights, log.csv, curves.png, run.json with all that it takes to repeat the run,
    and splits/train.txt, valid.txt and test.txt with the pictures of each split (left_out.txt: those of none, with
    reasons). The set's own splits are kept; where it has none, persons are dealt where they are known, else pictures
    by the hash of their pixels, so that the same set is always split alike.
    """
    choose_backend(backend)
    from training.engine.initialisation import with_initial_weights
    from training.engine.train import train as run
    from training.recipes.registry import find_recipe
    from training.tasks.base import TrainOptions

    chosen = with_initial_weights(find_recipe(recipe), init, trunk_weights)
    if teacher and "teacher" not in chosen.task.train_options:
        raise click.UsageError("--teacher is for face-detector; leave it out")
    click.echo(run(chosen, data, out, TrainOptions(epochs, mixed, cache, taught_by, teacher)))


@main.command()
@click.argument("recipe")
@click.option("--run", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@MODELS
@click.option("--data", type=click.Path(path_type=Path), help="The set to compare on; default: the run's own.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="int8", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="Write only the --format, there; models/ stays as it is.")
@click.option("--weights", type=click.Path(path_type=Path), help="Instead of the run's best weights.")
@CACHE
def export(
    recipe: str,
    run: Path,
    models: Path,
    data: Path | None,
    file_format: str,
    out: Path | None,
    weights: Path | None,
    cache: Path | None,
) -> None:
    """Write model.keras, model.tflite and card.json of a run of RECIPE, or with --out one --format anywhere."""
    if file_format == "json" and not out:
        raise click.UsageError("--format json is for use elsewhere: give --out")
    from training.export.export import export as write
    from training.export.export import export_files
    from training.recipes.registry import find_recipe
    from training.tasks.base import ExportOptions

    chosen, options = find_recipe(recipe), ExportOptions(data, file_format, weights, cache)
    if not out:
        write(chosen, run, models, options)
        return
    for file in export_files(chosen, run, out, options):
        click.echo(file)


@main.command()
@click.argument("recipe")
@click.argument("weights", nargs=-1, required=True, metavar="WEIGHTS...", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="File, named *.weights.h5, for export --weights."
)
def average(recipe: str, weights: tuple[Path, ...], out: Path) -> None:
    """Write the mean of several weights of RECIPE, of trainings that went on from one another."""
    if not out.name.endswith(".weights.h5"):
        raise click.UsageError(f"--out {out} must end in .weights.h5")
    from training.engine.weight_averaging import average as write
    from training.recipes.registry import find_recipe

    click.echo(write(find_recipe(recipe), weights, out))


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the report and its figures.")
def compare(runs: tuple[Path, ...], out: Path) -> None:
    """Compare runs in a report: figures, learning curves, size, milliseconds per face."""
    from training.evaluation.run_comparison import compare_runs
    from training.reports.comparison import write_comparison_report

    click.echo(write_comparison_report(compare_runs(runs), out))


@main.command("tutorial-loop")
@click.option("--source", required=True, help="Video file, folder of pictures or demo.")
@click.option("--seconds", type=click.FloatRange(0.1), default=20.0, show_default=True)
@JSON
def tutorial_loop(source: str, seconds: float, json_file: Path | None) -> None:
    """Time the loop that tutorials teach: Haar, then three Keras predictions a face."""
    from training.evaluation.baseline_loop import measure, report

    figures = measure(source, seconds)
    click.echo(report(figures, source))
    write_json(json_file, figures)
