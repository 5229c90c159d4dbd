"""The files of deploy/: valid by the schema or linter of whoever reads them, and held to the app's own options.

deploy/nginx.conf runs in tests/integration/web/test_proxy.py.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
import yaml

from app.cli import cli
from app.settings import setting_specs

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
MANIFESTS = sorted(set((DEPLOY / "kubernetes").glob("*.yaml")) - {DEPLOY / "kubernetes" / "kustomization.yaml"})
RESOURCES = [one for file in MANIFESTS for one in yaml.safe_load_all(file.read_text())]
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KUBERNETES_VERSION = "1.37"
# Secrets reach the app as files.
SECRET_FILES = {"REDIS_PASSWORD_FILE", "DATABASE_PASSWORD_FILE"}
# Of 10: systemd's own measure of what a service could do to the computer; below 2 is "OK", below 1 "SAFE".
MAX_EXPOSURE = 20
IMAGE = "live-face-analysis"


def workloads():
    return [one for one in RESOURCES if one["kind"] in ("Deployment", "StatefulSet")]


def containers():
    return [container for one in workloads() for container in one["spec"]["template"]["spec"]["containers"]]


def settings_file(text):
    """The variables of a file for systemd."""
    return dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))


def unit_lines(unit, key):
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.M)


def app_commands():
    """The arguments of every process of the app that deploy/ starts, by where."""
    services = COMPOSE["services"]
    for name, service in services.items():
        if service["image"] == IMAGE:
            yield f"compose.yaml {name}", service["command"]
    for container in containers():
        if container["image"] == IMAGE:
            yield f"kubernetes {container['name']}", container["args"]
    for unit in UNITS:
        [line] = unit_lines(unit, "ExecStart")
        yield unit.name, shlex.split(re.sub(r"%i", "5000" if unit.name == "web@.service" else "lobby", line))[1:]


def app_environments():
    """Names of variables that deploy/ sets for processes of the app, by where."""
    for name, service in COMPOSE["services"].items():
        if service["image"] == IMAGE:
            yield f"compose.yaml {name}", set(service["environment"])
    [settings] = [one for one in RESOURCES if one["kind"] == "ConfigMap" and one["metadata"]["name"] == "settings"]
    yield "settings.yaml", set(settings["data"])
    for container in containers():
        if container["image"] == IMAGE:
            yield f"kubernetes {container['name']}", {one["name"] for one in container.get("env", ())}
    yield "faces.env", set(settings_file((DEPLOY / "systemd" / "faces.env").read_text()))
    for unit in UNITS:
        yield unit.name, {line.split("=")[0] for line in unit_lines(unit, "Environment")}


@pytest.mark.parametrize(
    ("where", "arguments"), list(app_commands()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_every_command_is_one_of_the_app_with_options_that_it_has(where, arguments):
    command = cli.commands[arguments[0]]
    command.make_context(arguments[0], arguments[1:])


@pytest.mark.parametrize(
    ("where", "names"), list(app_environments()), ids=lambda one: one if isinstance(one, str) else ""
)
def test_every_variable_is_read_by_the_app(where, names):
    known = SECRET_FILES | {name for spec in setting_specs() for name in spec.env}
    assert names <= known


@pytest.mark.parametrize("file", [DEPLOY / "compose.yaml", ROOT / "compose.yaml"], ids=["deploy", "root"])
def test_compose_files_fit_the_schema_of_the_compose_specification(file):
    from check_jsonschema.builtin_schemas import get_builtin_schema

    jsonschema_rs.validate(get_builtin_schema("vendor.compose-spec"), yaml.safe_load(file.read_text()))


def test_compose_refers_only_to_what_it_declares():
    for name, service in COMPOSE["services"].items():
        secrets = [one if isinstance(one, str) else one["source"] for one in service.get("secrets", ())]
        assert set(secrets) <= COMPOSE["secrets"].keys(), name
        assert {one["source"] for one in service.get("configs", ())} <= COMPOSE["configs"].keys(), name
        assert set(service["networks"]) <= COMPOSE["networks"].keys(), name
        assert set(service.get("depends_on", ())) <= COMPOSE["services"].keys(), name
    nodes = re.findall(r"server (\S+):5000", COMPOSE["configs"]["nodes"]["content"])
    assert nodes == [name for name, service in COMPOSE["services"].items() if service.get("command") == ["web"]]
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["nginx"]


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda one: f"{one['kind']}-{one['metadata']['name']}")
def test_manifests_fit_the_schemas_of_kubernetes(resource):
    import kubernetes_validate  # takes 3 s, which each process that collects tests would spend

    kubernetes_validate.validate(resource, KUBERNETES_VERSION, strict=True)


def test_the_manifests_are_built_as_one():
    listed = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())["resources"]
    assert sorted(listed) == [file.name for file in MANIFESTS]
    kubectl = shutil.which("kubectl")
    if not kubectl:
        pytest.skip("kubectl is not installed: `kubectl kustomize deploy/kubernetes` is not run")
    done = subprocess.run([kubectl, "kustomize", DEPLOY / "kubernetes"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(list(yaml.safe_load_all(done.stdout))) == len(RESOURCES)


def test_containers_run_without_rights_within_limits_and_are_watched():
    for one in workloads():
        pod = one["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
        volumes = {volume["name"] for volume in pod["volumes"]}
        claims = {claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())}
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"]
            assert not context["allowPrivilegeEscalation"]
            assert context["capabilities"]["drop"] == ["ALL"]
            assert {"cpu", "memory"} == container["resources"]["limits"].keys()
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes | claims
            assert "readinessProbe" in container or "ports" not in container, (
                "what listens is asked whether it is ready"
            )


def test_web_nodes_are_ready_by_their_health():
    [web] = [one for one in containers() if one["name"] == "web"]
    assert web["readinessProbe"]["httpGet"]["path"] == "/healthz"
    assert "httpGet" not in web["livenessProbe"], "a node must not be restarted because Redis is away"


def test_images_of_others_have_a_version():
    images = {service["image"] for service in COMPOSE["services"].values()} | {one["image"] for one in containers()}
    assert all(re.fullmatch(r"\w+:\d+\.?\d*-\w+", image) for image in images - {IMAGE})


def test_no_file_holds_a_password():
    for file in (path for path in DEPLOY.rglob("*") if path.is_file()):
        assert not re.search(r"://[^\s/]*:[^\s/@]*@", file.read_text()), f"{file} has a password in an address"
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed: units are not verified"
)
@pytest.mark.parametrize("unit", UNITS, ids=lambda file: file.name)
def test_units_pass_the_linter_of_systemd(unit, tmp_path):
    """With a program that is here in place of the app's; `systemd-analyze` looks for it."""
    copy = tmp_path / unit.name.replace("@", "@lobby")
    copy.write_text(unit.read_text().replace("/opt/faces/bin/live-face-analysis", shutil.which("true")))
    done = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True)
    ours = [line for line in done.stderr.splitlines() if unit.name.partition("@")[0] in line]
    assert (done.returncode, ours) == (0, []), done.stderr
    options = ["--offline=yes", f"--threshold={MAX_EXPOSURE}", "--no-pager"]
    done = subprocess.run(["systemd-analyze", "security", *options, copy], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
