"""The commands of `python -m training`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from app.commands.groups import OneLineErrors
from training.cli.derived import fit_mean_face, lesson_features
from training.cli.evaluate import evaluate
from training.cli.networks import augment, predict, recipes, summary
from training.cli.options import DATA, JSON, MODELS, PATH, REPORT, SET, write_json
from training.cli.training_child import OPTION, ending_at_once, run_in_child
from training.engine.backend import BACKENDS, choose_backend
from training.engine.process_group import ProcessGroup
from training.wording import counted

CACHE = click.option("--cache", type=PATH, help="Folder of prepared patches (~/.cache/...).")
FORMATS = ("int8", "float32", "json", "h5")


@click.group(cls=OneLineErrors)
def main() -> None:
    """Train and score the models of the app."""


main.add_command(evaluate)
for command in (fit_mean_face, lesson_features, recipes, summary, augment, predict):
    main.add_command(command)


@main.command()
@SET
@REPORT
@click.option(
    "--balance",
    "attributes",
    multiple=True,
    metavar="ATTRIBUTE[=CLASS,...]",
    help="race, age, sex, emotion or mask, with all classes or the named ones; give it again to balance by several "
    "together. Also show what undersampling to equal classes keeps, and the weights to draw with instead.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses what undersampling keeps.")
def explore(data: Path, out: Path, attributes: tuple[str, ...], seed: int) -> None:
    """Report what is in SET (folder, tar or table), as a page with images and as JSON.

    The report shows faces of the set: keep it where the set's terms allow.
    """
    from training.datasets.class_balance import BalanceChoice
    from training.evaluation.dataset_findings import examine
    from training.reports.explore import write_explore_report
    from training.samples.sample import count_reasons

    findings = examine(data, BalanceChoice.parse(attributes) if attributes else None, seed)
    page = write_explore_report(findings, out)
    pictures, groups = counted(len(findings.samples), "picture"), counted(len(findings.copies), "group")
    click.echo(f"{findings.about.name}: {pictures}, {len(findings.rejected):,} left out")
    for reason, count in count_reasons(findings.rejected).items():
        click.echo(f"  {count} {reason}")
    click.echo(f"  {groups} of identical pictures, {len(findings.conflicts):,} with other labels")
    click.echo(page)


@main.command()
@SET
@REPORT
@click.option("--run", type=PATH, help="Run of a landmark recipe, instead of a served model.")
@MODELS
def geometry(data: Path, out: Path, run: Path | None, models: Path) -> None:
    """Report the positions of landmarks by emotion of SET, and whether published results hold.

    The landmarks are predicted by the landmark network of --run or --models. The report shows no image of the set.
    """
    from training.evaluation.landmark_geometry import measure
    from training.evaluation.scored_model import run_model, served_model
    from training.reports.geometry import geometry_context, geometry_figures
    from training.reports.render import write_report
    from training.samples.sample import count_reasons

    found = measure(data, run_model(run) if run else served_model(models, ["landmarks"]))
    for name, faces in found.emotions.items():
        click.echo(f"{name:10} {counted(len(faces.points), 'face')}")
    for reason, count in count_reasons(found.rejected).items():
        click.echo(f"left out {count}: {reason}")
    for sentence in (*(one.sentence for one in found.findings), *found.shape_findings):
        click.echo(sentence)
    click.echo(write_report("geometry", geometry_context(found), geometry_figures(found), out, "geometry.json"))


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
@click.option("--out", type=PATH, required=True, help="Folder of the run.")
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's own count.")
@click.option("--batch", type=click.IntRange(1), help="Pictures a step, instead of the recipe's own.")
@click.option(
    "--learning-rate", type=click.FloatRange(0, min_open=True), help="Its highest, instead of the recipe's own."
)
@click.option("--limit", type=click.IntRange(1), help="Train on at most so many pictures, evenly spread over the set.")
@click.option("--balance", type=PATH, help="balance.csv of explore: draw pictures by its weights, and no others.")
@click.option("--undersample", is_flag=True, help="Of --balance, train on what is kept instead of drawing by weight.")
@click.option("--mixed", is_flag=True, help="Compute in bfloat16.")
@click.option("--backend", type=click.Choice(BACKENDS), help="What Keras computes with; default: the first installed.")
@click.option("--init", type=click.Choice(["random", "imagenet"]), help="Start of a network of keras.applications.")
@click.option("--trunk-weights", type=PATH, help="To start from: VGGFace's VGG16, or a model.keras.")
@click.option("--taught-by", type=PATH, help="A model.keras whose answers are learnt too.")
@click.option("--teacher", type=PATH, help="YuNet: a detector learns no face it cannot see.")
@click.option(
    "--distribute",
    metavar="ADDRESS,RANK,COUNT",
    help="Train with COUNT processes, each with a RANK from 0, which meet at ADDRESS (HOST:PORT) of the first. On JAX.",
)
@click.option(OPTION, is_flag=True, hidden=True)
@CACHE
def train(
    recipe: str, data: Path, out: Path, backend: str | None, distribute: str | None, in_child: bool, **options: Any
) -> None:
    """Train RECIPE, or continue the run found in --out.

    --out gets the best and the newest weights, log.csv, curves.png, run.json with all that it takes to repeat the run,
    and splits/train.txt, valid.txt and test.txt with the pictures of each split (left_out.txt: those of none, with
    reasons). The set's own splits are kept; where it has none, persons are dealt where they are known, else pictures
    by the hash of their pixels, so that the same set is always split alike.
    """
    group = ProcessGroup.parse(distribute) if distribute else ProcessGroup()
    choose_backend(group.backend(backend))
    if group.count == 1:
        click.echo(_train(recipe, data, out, group, options))
    elif in_child:
        with ending_at_once(), group.joined(out) as folder:
            best = _train(recipe, data, folder, group, options)
        click.echo(f"process {group.rank} of {group.count} has done its share" if group.rank else best)
    else:
        sys.exit(run_in_child())


def _train(recipe: str, data: Path, out: Path, group: ProcessGroup, options: dict[str, Any]) -> Path:
    from training.engine.train import train as run
    from training.engine.weights import with_initial_weights
    from training.recipes.registry import find_recipe
    from training.tasks.base import TrainOptions

    chosen = with_initial_weights(find_recipe(recipe), options.pop("init"), options.pop("trunk_weights"))
    if options["teacher"] and "teacher" not in chosen.task.train_options:
        raise click.UsageError("--teacher is for face-detector; leave it out")
    return run(chosen, data, out, TrainOptions(**options), group)


@main.command()
@click.argument("recipe")
@click.option("--run", type=PATH, required=True, help="Folder of the run.")
@MODELS
@click.option("--data", type=PATH, help="The set to compare on; default: the run's own.")
@click.option("--format", "file_format", type=click.Choice(FORMATS), default="int8", show_default=True)
@click.option("--out", type=PATH, help="Write only the --format, there; models/ stays as it is.")
@click.option("--weights", type=PATH, help="Instead of the run's best weights.")
@CACHE
def export(recipe: str, run: Path, models: Path, out: Path | None, **options: Any) -> None:
    """Write model.keras, model.tflite and card.json of a run of RECIPE, or with --out one --format anywhere.

    json (model.json, model.weights.h5) and h5 (model.h5) are the whole network as tutorials load it, with a README of
    its input and output and loop.py, which runs it on a camera.
    """
    if options["file_format"] in ("json", "h5") and not out:
        raise click.UsageError(f"--format {options['file_format']} is for use elsewhere: give --out")
    from training.export.export import export as write
    from training.export.export import export_files
    from training.recipes.registry import find_recipe
    from training.tasks.base import ExportOptions

    chosen = find_recipe(recipe), run
    if not out:
        write(*chosen, models, ExportOptions(**options))
        return
    for file in export_files(*chosen, out, ExportOptions(**options)):
        click.echo(file)


@main.command()
@click.argument("recipe")
@click.argument("weights", nargs=-1, required=True, metavar="WEIGHTS...", type=PATH)
@click.option("--out", type=PATH, required=True, help="File, named *.weights.h5, for export --weights.")
def average(recipe: str, weights: tuple[Path, ...], out: Path) -> None:
    """Write the mean of several weights of RECIPE, of trainings that went on from one another."""
    if not out.name.endswith(".weights.h5"):
        raise click.UsageError(f"--out {out} must end in .weights.h5")
    from training.engine.weights import average as write
    from training.recipes.registry import find_recipe

    click.echo(write(find_recipe(recipe), weights, out))


@main.command()
@click.argument("recipe")
@DATA
@click.option("--network", type=PATH, required=True, help="A model.keras of RECIPE.")
@click.option("--out", type=PATH, required=True, help="Folder of the run.")
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.6,
    show_default=True,
    help="How far to go from the old last layer to the fitted one.",
)
@CACHE
def refit(recipe: str, data: Path, network: Path, out: Path, share: float, cache: Path | None) -> None:
    """Fit the last layer of RECIPE's network anew, in minutes, over a trunk that stays as it is."""
    choose_backend()
    from training.recipes.registry import find_face_recipe
    from training.tasks.attributes.last_layer import refit as fit

    click.echo(fit(find_face_recipe(recipe), data, network, out, share, cache))


@main.command()
@click.argument("recipe")
@DATA
@MODELS
def calibrate(recipe: str, data: Path, models: Path) -> None:
    """Fit temperatures and intervals of RECIPE's served model anew on the validation split, into its card."""
    from training.export.recalibration import recalibrate
    from training.recipes.registry import find_face_recipe

    for head in recalibrate(find_face_recipe(recipe), data, models):
        click.echo(f"{head['attribute']}: temperature {head['temperature']}")
        for value, factor in head.get("stretch", ()):
            click.echo(f"  at {value:g} the interval is scaled by {factor:g}")


@main.command()
@click.argument("runs", nargs=-1, required=True, metavar="RUN...", type=PATH)
@REPORT
def compare(runs: tuple[Path, ...], out: Path) -> None:
    """Compare runs in a report: figures, learning curves, size, milliseconds per face."""
    from training.evaluation.run_comparison import compare_runs
    from training.reports.comparison import comparison_context, comparison_figures
    from training.reports.render import write_report

    found = compare_runs(runs)
    click.echo(write_report("comparison", comparison_context(found), comparison_figures(found), out))


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
