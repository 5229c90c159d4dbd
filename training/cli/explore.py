"""The command `python -m training explore`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("data", metavar="SET", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the report and its figures.")
@click.option(
    "--balance",
    "attribute",
    type=click.Choice(["race", "age", "sex", "emotion"]),
    help="Also show what undersampling to equal classes keeps, and the weights to draw with instead.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Chooses what undersampling keeps.")
def explore(data: Path, out: Path, attribute: str | None, seed: int) -> None:
    """Report what is in SET (folder, tar or table), as a page with images and as JSON.

    The report shows faces of the set: keep it where the set's terms allow.
    """
    from training.evaluation.dataset_findings import examine
    from training.reports.explore import write_explore_report
    from training.samples.sample import count_reasons

    findings = examine(data, attribute, seed)
    page = write_explore_report(findings, out)
    click.echo(f"{findings.about.name}: {len(findings.samples)} pictures, {len(findings.rejected)} left out")
    for reason, count in count_reasons(findings.rejected).items():
        click.echo(f"  {count} {reason}")
    click.echo(f"  {len(findings.copies)} groups of identical pictures, {len(findings.conflicts)} with other labels")
    click.echo(page)
