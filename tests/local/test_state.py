"""What `bridge up` remembers stays, and only its owner can read it."""

import bcrypt

from bridge.local.state import State, load, save


def test_what_was_saved_is_loaded_and_readable_by_its_owner_alone(tmp_path):
    file = tmp_path / "local/state.json"
    state = State(n8n_api_key="key", bridge_port=8007)
    save(state, file)
    assert load(file) == state
    assert file.stat().st_mode & 0o777 == 0o600


def test_two_fresh_states_share_no_secret():
    one, two = State(), State()
    secrets = {one.bridge_key, one.node_key, one.path_secret, one.owner_password}
    assert len(secrets) == 4
    assert not secrets & {two.bridge_key, two.node_key, two.path_secret, two.owner_password}


def test_n8n_is_given_a_hash_of_the_password():
    state = State()
    assert bcrypt.checkpw(state.owner_password.encode(), state.owner_hash.encode())


def test_a_state_of_a_later_version_still_loads(tmp_path):
    file = tmp_path / "state.json"
    file.write_text('{"bridge_port": 1, "something_new": true}')
    assert load(file).bridge_port == 1
