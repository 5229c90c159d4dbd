import json

import av
import numpy as np
import pytest
from PIL import Image

from app.analysis import analyze, analyze_paths, csv_rows
from app.attributes.attribute_set import AttributeSet
from app.errors import DetectorUnavailable, ModelError, SettingsError
from app.settings import Settings
from app.vision.capture.image_file import read_image


@pytest.fixture(scope="module")
def settings(models_dir, yunet_file):
    return Settings(models=str(models_dir), detector=str(yunet_file))


@pytest.fixture(scope="module")
def crop_settings(models_dir):
    """Needs no detector."""
    return Settings(models=str(models_dir))


@pytest.fixture
def media(tmp_path, astronaut):
    """A folder with a portrait, a video of it in which it moves, a picture without a face and a damaged one."""
    folder = tmp_path / "media"
    (folder / "more").mkdir(parents=True)
    Image.fromarray(astronaut).save(folder / "a.png")
    Image.fromarray(np.full((60, 80, 3), 90, np.uint8)).save(folder / "more" / "b.jpg")
    (folder / "c.jpg").write_bytes((folder / "more" / "b.jpg").read_bytes()[:-200])
    write_video(folder / "d.mp4", [np.roll(astronaut, 4 * number, axis=1)[:301, :401] for number in range(5)])
    (folder / "notes.txt").write_text("not looked at")
    return folder


def write_video(path, images, fps=10):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = 400, 300, "yuv420p"
        for image in images:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image[:300, :400]), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def run(paths, settings, **options):
    return list(analyze_paths(paths, settings, **options))


def by_name(records):
    """Records by file name, of a video all."""
    names = {}
    for record in records:
        names.setdefault(record["path"].rsplit("/")[-1], []).append(record)
    return names


def test_one_call_gives_the_faces_of_a_picture(settings, astronaut, tmp_path):
    Image.fromarray(astronaut).save(tmp_path / "a.png")
    from_path, from_array = analyze(tmp_path / "a.png", settings=settings), analyze(astronaut, settings=settings)
    assert from_path == from_array
    (face,) = from_path
    assert face["box"] == pytest.approx([178, 63, 268, 176], abs=6)
    assert set(face) == {"id", "box", "score", "emotion", "age", "sex", "valence", "arousal", "compound"}
    assert set(face["age"]) == {"years", "interval"}
    assert set(face["sex"]) == {"label", "p_female"}
    json.dumps(from_path)


def test_a_folder_is_gone_through_file_by_file(settings, media):
    names = by_name(run([media], settings))
    assert list(names) == ["a.png", "c.jpg", "d.mp4", "b.jpg"]
    assert [len(names[name]) for name in names] == [1, 1, 5, 1]
    assert len(names["a.png"][0]["faces"]) == 1
    assert names["b.jpg"][0] | {"path": ""} == {
        "path": "", "frame": 0, "time_s": 0.0, "width": 80, "height": 60, "faces": []
    }  # fmt: skip
    assert set(names["c.jpg"][0]) == {"path", "error"}


def test_a_video_keeps_ids_and_times(settings, media):
    records = run([media / "d.mp4"], settings)
    assert [record["frame"] for record in records] == list(range(5))
    assert [record["time_s"] for record in records] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=1e-3)
    assert [[face["id"] for face in record["faces"]] for record in records] == [[1]] * 5


@pytest.mark.parametrize("name", ["gone.jpg", "gone.mp4", "words.mp4", "0", "empty"])
def test_what_cannot_be_read_gets_an_error_and_the_rest_goes_on(name, crop_settings, tmp_path):
    (tmp_path / "words.mp4").write_text("words")
    (tmp_path / "empty").mkdir()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "good.png")
    bad, good = run([tmp_path / name, tmp_path / "good.png"], crop_settings, crops=True)
    assert set(bad) == {"path", "error"}
    assert "\n" not in bad["error"]
    assert "; " in bad["error"]
    assert len(good["faces"]) == 1


def test_a_crop_is_one_face_and_every_model_sees_all_of_it(crop_settings):
    """The mean of the whole crop decides; a smaller cut would miss the bright rim, a larger one repeat it."""
    crop = np.zeros((100, 100, 3), np.uint8)
    crop[:50] = 200
    (face,) = analyze(crop, crops=True, settings=crop_settings)
    assert face["box"] == [0.0, 0.0, 100.0, 100.0]
    assert face["age"]["years"] == pytest.approx(100 * 100 / 255, abs=1.5)
    bright = {"happy": 10 * 100 / 255 - 5, "sad": 5 - 10 * 100 / 255}
    odds = face["emotion"]["probabilities"]["sad"] / face["emotion"]["probabilities"]["happy"]
    assert np.log(odds) == pytest.approx(bright["sad"] - bright["happy"], abs=0.3)


def test_the_share_done_grows_to_one(settings, media):
    shares = []
    run([media], settings, on_progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 5


def test_annotated_copies_show_the_faces(settings, media, astronaut, tmp_path):
    run([media, media / "a.png"], settings, annotate_dir=tmp_path / "out")
    out = tmp_path / "out"
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.*")) == [
        "a-2.jpg", "a.jpg", "d.mp4", "more/b.jpg"
    ]  # fmt: skip
    copy = read_image(out / "a.jpg")
    assert copy.shape == astronaut.shape
    differs = np.abs(copy.astype(int) - astronaut).max(axis=2) > 60
    assert differs[60:180, 170:275].sum() > 200
    assert differs[300:].sum() < 50


def test_annotated_videos_are_h264_that_browsers_play(settings, media, tmp_path):
    run([media / "d.mp4"], settings, annotate_dir=tmp_path)
    with av.open(str(tmp_path / "d.mp4")) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.codec_context.name == "h264"
        assert frames[0].format.name == "yuv420p"
    assert [frame.time for frame in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4], abs=1e-3)
    content = (tmp_path / "d.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat"), "it can start before all of it has arrived"


def test_a_copy_that_is_not_finished_leaves_nothing(settings, media, tmp_path):
    records = analyze_paths([media / "d.mp4"], settings, annotate_dir=tmp_path / "out")
    next(records)
    records.close()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_small_crop_is_enlarged_in_its_copy(crop_settings, tmp_path):
    Image.fromarray(np.zeros((48, 48, 3), np.uint8)).save(tmp_path / "face.png")
    run([tmp_path / "face.png"], crop_settings, crops=True, annotate_dir=tmp_path / "out")
    assert read_image(tmp_path / "out" / "face.jpg").shape == (240, 240, 3)


def test_a_folder_that_cannot_be_written_is_refused(crop_settings, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="choose another folder with --annotate"):
        run([tmp_path], crop_settings, crops=True, annotate_dir=tmp_path / "file")


def test_csv_has_one_row_a_face_and_one_a_failure(settings, media):
    rows = csv_rows(run([media], settings), AttributeSet())
    assert len(rows) == 1 + 1 + 5
    face = next(row for row in rows if row["path"].endswith("a.png"))
    assert list(face)[:9] == ["path", "frame", "time_s", "id", "x1", "y1", "x2", "y2", "score"]
    assert sum(face[label] for label in ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")) == (
        pytest.approx(1, abs=1e-3)
    )
    assert {"emotion", "second_emotion", "age_years", "age_low", "age_high", "sex", "p_female"} <= set(face)
    assert face["age_low"] < face["age_years"] < face["age_high"]
    assert [set(row) for row in rows if "error" in row] == [{"path", "error"}]


def test_csv_tells_the_mask_and_leaves_out_what_it_hides(all_models, tmp_path):
    for name, colour in (("bare", 128), ("worn", (40, 200, 40))):
        Image.fromarray(np.full((60, 60, 3), colour, np.uint8)).save(tmp_path / f"{name}.png")
    files = [tmp_path / "bare.png", tmp_path / "worn.png"]
    bare, worn = csv_rows(run(files, Settings(models=str(all_models)), crops=True), AttributeSet())
    assert (bare["mask"], worn["mask"]) == ("none", "mask")
    assert bare["p_mask"] < 0.1 < 0.9 < worn["p_mask"]
    assert (worn["emotion"], worn["age_years"], worn["age_low"]) == ("unsure", None, None)
    assert "happy" in bare
    assert "happy" not in worn


def test_race_is_in_no_row_unless_it_is_asked_for(all_models, tmp_path):
    for name, colour in (("bare", 128), ("worn", (40, 200, 40))):
        Image.fromarray(np.full((60, 60, 3), colour, np.uint8)).save(tmp_path / f"{name}.png")
    off = run([tmp_path], Settings(models=str(all_models)), crops=True)
    assert not any("race" in face for record in off for face in record["faces"])
    assert not any("race" in row for row in csv_rows(off, AttributeSet()))
    bare, worn = csv_rows(run([tmp_path], Settings(models=str(all_models), race=True), crops=True), AttributeSet())
    assert (bare["race"], worn["race"]) == ("other", "unsure")
    assert bare["p_other"] > 0.9 > 0.1 > bare["p_asian"]
    assert "p_other" not in worn


def test_without_models_or_detector_it_stops_at_once(models_dir, tmp_path):
    with pytest.raises(ModelError):
        run([tmp_path], Settings(models=str(tmp_path)))
    with pytest.raises(DetectorUnavailable):
        run([tmp_path], Settings(models=str(models_dir), detector=str(tmp_path / "gone.onnx")))


def test_annotated_copies_beside_the_originals_leave_those_alone(tmp_path, astronaut, crop_settings):
    Image.fromarray(astronaut).save(tmp_path / "portrait.jpg")
    before = (tmp_path / "portrait.jpg").read_bytes()
    list(analyze_paths([tmp_path / "portrait.jpg"], crop_settings, crops=True, annotate_dir=tmp_path))
    assert (tmp_path / "portrait.jpg").read_bytes() == before
    assert (tmp_path / "portrait-2.jpg").exists()
