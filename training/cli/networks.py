"""The commands that show networks: `recipes`, `summary`, `augment` and `predict`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from training.cli.options import JSON, MODELS, PATH, write_json
from training.engine.backend import choose_backend
from training.wording import counted


@click.command()
@click.option("--runs", type=PATH, help="Folder of runs: tell the seconds that an epoch took.")
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


@click.command()
@click.argument("recipe")
@click.option("--layers", type=PATH, help="Also write the layers here, a line each, as tests compare them.")
@JSON
def summary(recipe: str, layers: Path | None, json_file: Path | None) -> None:
    """Show the layers of RECIPE's network: type, output shape, parameters and settings."""
    choose_backend()
    from training.networks.layer_table import layer_list, layer_rows, total_text
    from training.recipes.registry import find_recipe

    chosen = find_recipe(recipe)
    model = chosen.build()
    rows = layer_rows(model)
    kind, shape = (max(len(getattr(row, name)) for row in rows) for name in ("kind", "shape"))
    click.echo(f"{chosen.name}: {chosen.title}; learns from {chosen.task.source.name}")
    click.echo(f"{'layer':{kind}}  {'output':{shape}}  {'parameters':>12}  settings")
    for row in rows:
        click.echo(f"{row.kind:{kind}}  {row.shape:{shape}}  {row.parameters:12,}  {row.settings}".rstrip())
    click.echo(total_text(model))
    if layers:
        layers.write_text(layer_list(model), encoding="utf-8")
    write_json(json_file, [asdict(row) for row in rows])


@click.command()
@click.argument("recipe")
@click.argument("photos", nargs=-1, metavar="[PHOTO]...", type=PATH)
@click.option("--out", type=PATH, required=True, help="Image file of the sheet, such as sheet.png.")
@click.option("--count", type=click.IntRange(1, 50), default=10, show_default=True, help="Variations of each face.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another one varies the faces otherwise.")
@MODELS
def augment(recipe: str, photos: tuple[Path, ...], out: Path, count: int, seed: int, models: Path) -> None:
    """Draw faces of PHOTOs beside random variations of them, as RECIPE learns from them.

    Without a PHOTO the portraits of the demo are used.
    """
    from training.evaluation.photographs import vary_faces
    from training.recipes.registry import find_face_recipe
    from training.reports.augmentation_sheet import augmentation_sheet
    from training.reports.images import write_image

    originals, variations = vary_faces(find_face_recipe(recipe).task, photos, models, count, seed)
    write_image(augmentation_sheet(originals, variations), out)
    click.echo(f"{out}: {counted(len(originals), 'face')}, {counted(count, 'variation')} of each")


@click.command()
@click.option("--run", type=PATH, required=True, help="Folder of the run whose best weights are used.")
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...", type=PATH)
@MODELS
@JSON
def predict(run: Path, photos: tuple[Path, ...], models: Path, json_file: Path | None) -> None:
    """Say what the network of a run reads of each face of PHOTOs.

    Faces are found and cropped as in the app, with the detector and the landmark network of --models.
    """
    choose_backend()
    from training.evaluation.photographs import read_photograph
    from training.evaluation.scored_model import run_model

    model, found = run_model(run), []
    for photo in photos:
        readings = read_photograph(photo, model, models)
        for reading in readings:
            click.echo(f"{photo}: {reading.line}")
        if not readings:
            click.echo(f"{photo}: no face found")
        found.append({"photo": str(photo), "faces": [reading.values for reading in readings]})
    write_json(json_file, found)
