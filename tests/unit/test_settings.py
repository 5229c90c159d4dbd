"""Settings from the environment and the command line."""

import pytest

from app.errors import SettingsError
from app.settings import Settings, parse_networks, setting_specs


def test_an_empty_variable_leaves_the_default():
    settings = Settings.from_env({"CAMERA": "demo", "CAMERA_FPS": "12.5", "CAMERA_MIRROR": "no", "PORT": ""})
    assert (settings.source, settings.fps, settings.mirror, settings.port) == ("demo", 12.5, False, 5000)


@pytest.mark.parametrize(("variable", "text"), [("PORT", "five"), ("CAMERA_FPS", "fast"), ("CAMERA_LOOP", "maybe")])
def test_a_bad_variable_is_named_with_its_value(variable, text):
    with pytest.raises(SettingsError, match=f"{variable}='{text}'"):
        Settings.from_env({variable: text})


@pytest.mark.parametrize(
    "options", [{"port": 70000}, {"width": 5}, {"fps": 0.0}, {"open_timeout_s": -1.0}, {"keep_days": -1}]
)
def test_values_out_of_range_are_refused_with_the_range(options):
    with pytest.raises(SettingsError, match="out of range; give"):
        Settings(**options)


@pytest.mark.parametrize(
    ("environment", "detector"),
    [
        ({}, "own"),
        ({"FACE_DETECTOR_MODEL": "yunet.onnx"}, "yunet.onnx"),
        ({"FACE_DETECTOR": "haar", "FACE_DETECTOR_MODEL": "yunet.onnx"}, "haar"),
    ],
)
def test_the_detector_has_two_variables(environment, detector):
    assert Settings.from_env(environment).detector == detector


def test_cameras_have_the_other_settings_and_their_own_source():
    settings = Settings.from_env({"CAMERAS": "lobby=0 door=rtsp://me:secret@door/?pwd=1", "BLUR": "yes"})
    found = {name: (one.source, one.camera_name, one.blur) for name, one in settings.cameras.items()}
    assert found == {"lobby": ("0", "lobby", True), "door": ("rtsp://me:secret@door/?pwd=1", "door", True)}
    assert Settings(**found_settings(settings, "door")).cameras["door"].source.startswith("rtsp")


def found_settings(settings: Settings, name: str) -> dict[str, object]:
    """What the vision process of a camera is sent."""
    return settings.cameras[name].to_dict()


def test_without_cameras_the_source_is_the_only_one():
    settings = Settings(source="demo").with_options(camera=())
    assert settings.cameras == {"main": settings}
    assert settings.camera_name is None


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (("0",), "camera='0' is no NAME=SOURCE; give"),
        (("door=",), "camera='door=' is no NAME=SOURCE; give"),
        (("rtsp://me:secret@door/?pwd=1",), r"camera='rtsp://door/\?pwd=...' is no NAME=SOURCE; give"),
        (("door=0", "door=1"), "camera='door' is given twice; give"),
    ],
)
def test_cameras_need_names_of_their_own(entries, message):
    with pytest.raises(SettingsError, match=message):
        Settings(camera=entries)


def test_an_empty_source_is_refused():
    with pytest.raises(SettingsError, match="source is empty; give"):
        Settings.from_env({}).with_options(source="")


@pytest.mark.parametrize("half", [{"cert": "cert.pem"}, {"key": "key.pem"}])
def test_a_certificate_without_its_key_is_refused(half):
    with pytest.raises(SettingsError, match="both --cert and --key"):
        Settings(**half)


def test_privacy_is_set_by_the_environment():
    settings = Settings.from_env({"KEEP_DAYS": "7", "BLUR": "yes", "RACE": "1"})
    assert (settings.keep_days, settings.blur, settings.race) == (7, True, True)
    assert (Settings().keep_days, Settings().blur, Settings().race) == (30, False, False)


def test_options_override_settings_unless_none():
    settings = Settings(source="demo").with_options(source=None, port=8080)
    assert (settings.source, settings.port) == ("demo", 8080)


def test_settings_survive_the_transfer_to_another_process():
    settings = Settings(source="demo", fps=10.0, detector="haar")
    assert Settings(**settings.to_dict()) == settings


def test_each_variable_belongs_to_one_setting():
    variables = [variable for spec in setting_specs() for variable in spec.env]
    assert len(variables) == len(set(variables))


def test_every_setting_is_explained():
    assert [spec.name for spec in setting_specs() if not spec.help.endswith(".")] == []


@pytest.mark.parametrize(
    ("name", "value_type"), [("source", str), ("width", int), ("fps", float), ("mirror", bool), ("data", str)]
)
def test_the_type_of_a_setting_is_the_one_of_its_annotation(name, value_type):
    assert {spec.name: spec.type for spec in setting_specs()}[name] is value_type


def test_trusted_proxies_are_addresses_or_networks():
    assert [str(network) for network in parse_networks(" 127.0.0.1, 172.18.0.0/16,::1")] == [
        "127.0.0.1/32",
        "172.18.0.0/16",
        "::1/128",
    ]
    with pytest.raises(SettingsError, match=r"'nginx' is no IP address or network; give"):
        Settings(behind_proxy="127.0.0.1,nginx")
