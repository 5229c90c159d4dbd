"""With `--blur` no face that comes in at an edge of the picture is shown, as another detector judges."""

from app.bench.scenes.face_pictures import portrait_pictures
from app.paths import PROJECT
from app.settings import Settings
from app.vision.detection.face_detector import build_detector
from tests.support.blur_leaks import count_leaks, edge_scenes

PEOPLE, FPS = 6, 4.0
MIN_FACES = 50


def test_no_face_at_an_edge_is_shown_with_its_detail(yunet_file):
    scenes = list(edge_scenes(PEOPLE, FPS))
    detector = build_detector(Settings(models=str(PROJECT / "models")))
    leaks = count_leaks(scenes, portrait_pictures(), yunet_file, detector)
    print(f"measured: {leaks.shown} of {leaks.faces} faces shown with their detail, at most {leaks.worst[0][0]:.2f}")
    assert leaks.faces >= MIN_FACES
    assert leaks.shown == 0, leaks.worst
