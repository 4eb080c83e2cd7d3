"""Named targets of bridge.toml."""

import pytest

from bridge.doors.fetcher.targets import read_targets
from bridge.problems import BadSetting

GOOD = """
[targets.shop]
kind = "service"
url = "https://shop.internal/api"
token_env = "SHOP_TOKEN"

[targets.orders]
kind = "database"
url = "postgresql://db.internal:5432/orders"
username_env = "DB_USER"
password_env = "DB_PASSWORD"
options = {schema = "public"}

[targets.metrics]
kind = "prometheus"
url = "http://prometheus.internal:9090"
header_env = {"X-Scope-OrgID" = "ORG"}
"""
VARIABLES = {"SHOP_TOKEN": "t", "DB_USER": "u@x", "DB_PASSWORD": "p/w", "ORG": "7"}


def test_targets_are_read_with_their_credentials(tmp_path):
    (tmp_path / "bridge.toml").write_text(GOOD)
    found = read_targets(tmp_path / "bridge.toml", VARIABLES)
    assert found["shop"].headers == {"Authorization": "Bearer t"}
    assert found["orders"].url == "postgresql://u%40x:p%2Fw@db.internal:5432/orders"
    assert found["orders"].options == {"schema": "public"}
    assert found["metrics"].headers == {"X-Scope-OrgID": "7"}


def test_no_file_means_no_targets(tmp_path):
    assert read_targets(tmp_path / "bridge.toml") == {}


BAD = {
    'kind = "shop"\nurl = "https://x"': "kind",
    'kind = "service"\nurl = "x"': "url",
    'kind = "service"\nurl = "https://u:p@x"': "password",
    'kind = "service"\nurl = "https://x"\ntoken = "t"': "token",
    'kind = "service"\nurl = "https://x"\ntoken_env = "MISSING"': "MISSING",
    'kind = "service"\nurl = "https://x"\nheaders = {Authorization = "Bearer t"}': "looks secret",
}


@pytest.mark.parametrize(("body", "named"), BAD.items(), ids=BAD.values())
def test_every_fault_is_named_with_its_place(tmp_path, body, named):
    (tmp_path / "bridge.toml").write_text(f"[targets.shop]\n{body}\n")
    with pytest.raises(BadSetting, match=named) as caught:
        read_targets(tmp_path / "bridge.toml", {})
    assert caught.value.issues[0].where.startswith("targets.shop")


def test_a_file_that_is_no_toml_is_a_bad_setting(tmp_path):
    (tmp_path / "bridge.toml").write_text("[")
    with pytest.raises(BadSetting, match="TOML"):
        read_targets(tmp_path / "bridge.toml")
