from app.bench.cases import Case
from app.bench.stills import stills
from app.settings import Settings
from app.vision.looks import portrait_looks
from app.vision.scenes import expressions


def test_every_look_of_a_face_is_read(models_dir, yunet_file):
    case = Case("expression", expressions(2), portrait_looks)
    readings = stills(case, Settings(models=str(models_dir), detector=str(yunet_file)))
    assert len(readings) == 3
    assert all(abs(sum(reading.values()) - 1) < 0.01 for reading in readings)
