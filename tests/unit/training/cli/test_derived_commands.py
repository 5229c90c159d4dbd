import itertools
import json

from click.testing import CliRunner

from tests.support.training import drawn_face, encoded, write_tar
from training.cli.main import main
from training.samples.splits import split_of_group


def people(count):
    """Names of people who are not in the training split."""
    names = (f"person {number}" for number in itertools.count())
    return list(itertools.islice((name for name in names if split_of_group(name) != "train"), count))


def test_compound_scores_the_pairs_of_a_folder_and_writes_them(tmp_path):
    files = {f"{number}.png": encoded(drawn_face(number)) for number in range(6)}
    write_tar(tmp_path / "compound.tar", files)
    write_tar(tmp_path / "expressions.tar", files)
    pairs = ["happy,surprise", "sad,angry", ",", "fear,angry", "sad,fear", "happy,disgust"]
    persons = people(6)
    rows = [f"{name},words,{pair},{person}" for name, pair, person in zip(files, pairs, persons, strict=True)]
    (tmp_path / "compound.csv").write_text("\n".join(["file,category,first,second,person", *rows]))
    rows = [f"{name},neutral,kdef,{person}" for name, person in zip(files, persons, strict=True)]
    (tmp_path / "expressions.csv").write_text("\n".join(["file,emotion,source,person", *rows]))
    written = tmp_path / "out.json"
    ended = CliRunner().invoke(main, ["evaluate", "compound", "--data", str(tmp_path), "--json", str(written)])
    assert ended.exit_code == 0, ended.output
    figures = json.loads(written.read_text())
    assert (figures["n"], figures["n_without_pair"], figures["rejected"]) == (5, 1, 0)
    assert 0 <= figures["pair_accuracy_low"] <= figures["pair_accuracy"] <= figures["pair_accuracy_high"] <= 1
    assert "the app shows pairs from 0.2" in ended.output


def test_neutral_scores_the_people_of_a_folder_and_writes_the_figures(tmp_path):
    files = {f"{number}.png": encoded(drawn_face(number)) for number in range(24)}
    write_tar(tmp_path / "expressions.tar", files)
    emotions = ["neutral", "neutral", "sad"]
    persons = people(8)
    rows = [f"{name},{emotions[index % 3]},ckplus,{persons[index // 3]}" for index, name in enumerate(files)]
    (tmp_path / "expressions.csv").write_text("\n".join(["file,emotion,source,person", *rows]))
    written = tmp_path / "out.json"
    ended = CliRunner().invoke(main, ["evaluate", "neutral", "--data", str(tmp_path), "--json", str(written)])
    assert ended.exit_code == 0, ended.output
    figures = json.loads(written.read_text())
    assert figures["n_choosing_persons"] + figures["n_scored_persons"] == 8
    assert figures["one_gain_low"] <= figures["one_gain"] <= figures["one_gain_high"]
    assert "the balanced accuracy of the scored half" in ended.output


def test_a_folder_without_the_set_is_refused_with_one_line(tmp_path):
    missing = str(tmp_path / "none")
    for command in (
        ["evaluate", "compound"],
        ["evaluate", "neutral"],
        ["evaluate", "pose"],
        ["fit-mean-face", "--frontal", missing],
    ):
        ended = CliRunner().invoke(main, [*command, "--data", missing])
        assert ended.exit_code == 1
        assert ended.output.strip().count("\n") == 0
        assert "none" in ended.output
