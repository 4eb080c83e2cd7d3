"""Templates from folders: cached, read again when they change, and never spoiled by a bad neighbour."""

import json

import pytest

from bridge.problems import BadTemplate, UnknownTemplate
from bridge.specs import Catalogue
from bridge.steps import PACK
from bridge.templates import Library

CATALOGUE = Catalogue([PACK])


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def library(tmp_path, clock):
    return Library(CATALOGUE, [tmp_path / "ours", tmp_path / "theirs"], cache_size=2, reload_interval=60, clock=clock)


@pytest.fixture
def write(tmp_path):
    def put(folder, name, title="Title"):
        steps = [{"id": "a", "name": "A", "type": "multimodal_analysis", "config": {"text": "x"}}]
        path = tmp_path / folder / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"name": title, "triggers": ["manual"], "steps": steps}), "utf-8")
        return path

    return put


def test_templates_are_found_by_file_name(library, write):
    write("ours", "one")
    write("theirs", "two")
    assert library.names() == ["one", "two"]
    assert library.compile("one").document["name"] == "Title"


def test_a_folder_of_ones_own_wins(library, write):
    write("ours", "one", "Ours")
    write("theirs", "one", "Theirs")
    assert library.get("one").name == "Theirs"


def test_an_unknown_name_is_answered_with_the_nearest(library, write):
    write("ours", "code_review_pipeline")
    with pytest.raises(UnknownTemplate, match="Did you mean code_review_pipeline"):
        library.get("code_review_pipline")


def test_changes_show_after_the_interval_and_not_before(library, write, clock):
    write("ours", "one", "Before")
    assert library.get("one").name == "Before"
    write("ours", "one", "Changed")
    clock.now = 59
    assert library.get("one").name == "Before"
    clock.now = 61
    assert library.get("one").name == "Changed"


def test_reload_does_not_wait(library, write):
    assert library.names() == []
    write("ours", "one")
    library.reload()
    assert library.names() == ["one"]


def test_only_so_many_parsed_templates_are_kept(library, write):
    for name in ("one", "two", "three"):
        write("ours", name)
    first = library.get("one")
    assert library.get("one") is first
    library.get("two")
    library.get("three")
    assert library.get("one") is not first


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "x"}', "\xff\xfe", "[" * 100_000])
def test_a_bad_file_spoils_only_itself(library, write, text):
    write("ours", "good")
    write("ours", "bad").write_text(text, "latin-1")
    assert [name for name, _ in library.sound()] == ["good"]
    assert set(library.faults()) == {"bad"}
    with pytest.raises(BadTemplate):
        library.get("bad")


def test_what_does_not_compile_is_not_usable(library, write):
    write("ours", "good")
    bad = write("ours", "bad")
    bad.write_text(bad.read_text("utf-8").replace("multimodal_analysis", "nothing"), "utf-8")
    assert [name for name, _ in library.usable()] == ["good"]
    assert library.names() == ["bad", "good"]


def test_links_and_odd_names_are_left_alone(library, write, tmp_path):
    target = write("ours", "one")
    (tmp_path / "ours" / "linked.json").symlink_to(target)
    write("ours", "Not A Name")
    assert library.names() == ["one"]
