from app.bench.scenarios import Scenario
from app.bench.scenes.face_pictures import portrait_pictures
from app.bench.scenes.synthetic_scenes import expressions
from app.bench.still_predictions import predict_stills
from app.settings import Settings


def test_every_look_of_a_face_is_read(models_dir, yunet_file):
    case = Scenario("expression", expressions(2), portrait_pictures)
    readings = predict_stills(case, Settings(models=str(models_dir), detector=str(yunet_file)))
    assert len(readings) == 3
    assert all(abs(sum(reading.values()) - 1) < 0.01 for reading in readings)
