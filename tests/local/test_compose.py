"""docker-compose.yml: valid for Compose, resolvable, and safe: no root of ours, no curl, no open database, SSRF guarded."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "docker-compose.yml"
SCHEMA = json.loads((PROJECT / "tests/fixtures/compose-spec/compose.schema.json").read_text())
SECRETS = ("POSTGRES_PASSWORD", "N8N_ENCRYPTION_KEY", "BRIDGE_API_KEYS", "BRIDGE_PATH_SECRET")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(FILE.read_text())


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    """podman-compose asks for podman's version before it does anything; `config` needs no more of it than that."""
    folder = tmp_path_factory.mktemp("engine")
    program = folder / "podman"
    program.write_text("#!/bin/sh\necho 'podman version 5.0.0'\n")
    program.chmod(0o755)
    return folder


def resolved(engine, *profiles, **environment):
    path = f"{engine}:/usr/bin:/bin"
    given = {"PATH": path, "HOME": "/nonexistent", **dict.fromkeys(SECRETS, "x" * 12), **environment}
    chosen = [part for name in profiles for part in ("--profile", name)]
    command = [Path(sys.executable).with_name("podman-compose"), "-f", FILE, *chosen, "config"]
    return subprocess.run(command, cwd=PROJECT, env=given, capture_output=True, text=True, check=False)


def test_it_is_what_the_compose_specification_allows(compose):
    assert not [error.message for error in Draft7Validator(SCHEMA).iter_errors(compose)]


def test_the_schema_does_find_faults(compose):
    broken = {**compose, "services": {"bridge": {"imagee": "x"}}}
    assert [error.message for error in Draft7Validator(SCHEMA).iter_errors(broken)]


def test_without_a_profile_it_is_bridge_n8n_and_postgresql(engine):
    done = resolved(engine)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) >= {"bridge", "n8n", "postgres"}
    assert done.stdout.count(f"postgresql://postgres:{'x' * 12}@postgres/bridge")


def test_a_missing_secret_stops_it_with_the_name_of_the_setting(engine):
    done = resolved(engine, N8N_ENCRYPTION_KEY="")
    assert done.returncode != 0
    assert "N8N_ENCRYPTION_KEY" in done.stderr + done.stdout


def test_the_queue_profile_adds_redis_and_workers(engine, compose):
    added = {name for name, service in compose["services"].items() if "queue" in service.get("profiles", [])}
    assert added == {"redis", "n8n-worker", "bridge-worker"}
    done = resolved(engine, "queue", EXECUTIONS_MODE="queue")
    services = yaml.safe_load(done.stdout)["services"]
    assert services["n8n"]["environment"]["EXECUTIONS_MODE"] == "queue"
    assert services["n8n-worker"]["environment"]["EXECUTIONS_MODE"] == "queue"


def test_every_n8n_process_shares_key_packages_and_protection(compose):
    main, worker = compose["services"]["n8n"], compose["services"]["n8n-worker"]
    assert main["image"] == worker["image"]
    for name in ("N8N_ENCRYPTION_KEY", "WEBHOOK_URL", "N8N_SSRF_PROTECTION_ENABLED", "N8N_SSRF_ALLOWED_HOSTNAMES"):
        assert main["environment"][name] == worker["environment"][name]
    assert main["environment"]["N8N_SSRF_PROTECTION_ENABLED"] == "true"


def test_everything_that_answers_has_a_healthcheck_and_none_needs_curl(compose):
    for name, service in compose["services"].items():
        check = service["healthcheck"]
        assert check.get("disable") or check["test"][0] == "CMD", name
        assert not {"curl", "wget", "sh"} & set(check.get("test", [])), name


def test_only_bridge_and_n8n_are_reachable_and_only_from_this_machine(compose):
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert set(published) == {"bridge", "n8n"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_our_images_do_not_run_as_root():
    for file in sorted((PROJECT / "docker").glob("*.Dockerfile")):
        users = re.findall(r"^USER (\S+)", file.read_text(), re.MULTILINE)
        assert users, file
        assert users[-1] not in ("root", "0"), file


def test_the_n8n_image_is_the_version_we_test_with():
    pinned = json.loads((PROJECT / "bridge/local/n8n/package.json").read_text())["dependencies"]["n8n"]
    assert f"n8n:{pinned}\n" in (PROJECT / "docker/n8n.Dockerfile").read_text()
    assert f"multimodal-bridge-n8n:{pinned}" in FILE.read_text()


def test_every_setting_without_a_default_is_in_the_example():
    example = (PROJECT / ".env.example").read_text()
    asked = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    assert asked == set(SECRETS)
    assert all(f"\n{name}=" in f"\n{example}" for name in asked)


def test_copied_folders_exist():
    for file in sorted((PROJECT / "docker").glob("*.Dockerfile")):
        for line in re.findall(r"^COPY (?!--from)(?:--\S+ )*(.+) \S+$", file.read_text(), re.MULTILINE):
            assert all((PROJECT / source).exists() for source in line.split()), line
