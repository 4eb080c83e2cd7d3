"""Recordings and videos: speech where there is speech, words, scenes, key frames and the sound track."""

import shutil
import subprocess

import cv2
import numpy as np
import pytest

from tests.doors.analysers import making


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    words = "the meeting starts on monday morning. please bring the report."
    subprocess.run([shutil.which("espeak-ng"), "-w", path, "-s", "140", words], check=True)
    return path


@pytest.fixture(scope="module")
def video(tmp_path_factory, speech):
    """Three scenes of two seconds, the second one with words, and speech."""
    folder = tmp_path_factory.mktemp("video")
    silent, whole = folder / "silent.mp4", folder / "whole.mp4"
    writer = cv2.VideoWriter(str(silent), cv2.VideoWriter_fourcc(*"mp4v"), 10, (640, 360))
    for colour in ((200, 30, 30), (255, 255, 255), (30, 30, 200)):
        frame = np.full((360, 640, 3), colour, np.uint8)
        if colour == (255, 255, 255):
            cv2.putText(frame, "Release 42", (80, 190), cv2.FONT_HERSHEY_SIMPLEX, 2.2, (0, 0, 0), 4)
        for _ in range(20):
            writer.write(frame)
    writer.release()
    command = ["ffmpeg", "-v", "error", "-y", "-i", silent, "-i", speech, "-c:v", "copy", "-c:a", "aac", whole]
    subprocess.run(command, check=True)
    return whole


async def test_speech_is_found_and_written_down_with_times(analyse, speech):
    document = (await analyse("note.wav", speech.read_bytes())).documents[0]
    assert document.metadata["speech_seconds"] > 1
    lines = [each for each in document.segments if each.kind == "transcript"]
    assert lines
    assert all(each.modality == "audio" and 0 < each.confidence <= 0.5 for each in lines)
    assert all(each.place.start_time < each.place.end_time for each in lines)
    assert "English only" in document.metadata["transcript_limits"]


@pytest.mark.parametrize("sound", [np.zeros(32_000), 0.5 * np.sin(np.arange(32_000) * 0.17)], ids=["silence", "tone"])
async def test_no_words_are_invented_where_nobody_speaks(analyse, sound):
    document = (await analyse("tone.wav", making.wav(sound))).documents[0]
    assert document.segments == ()
    assert [each.code for each in document.issues] == ["no_speech"]


async def test_a_video_gives_scenes_key_frames_and_its_sound(analyse, video):
    analysed = await analyse("talk.mp4", video.read_bytes())
    whole, *parts = analysed.documents
    assert [round(each["start"]) for each in whole.metadata["scenes"]] == [0, 2, 4]
    assert [each.uri for each in parts] == [
        f"talk.mp4!/{name}" for name in ("scene-1.png", "scene-2.png", "scene-3.png", "sound.wav")
    ]
    assert "42" in " ".join(each.text for each in parts[1].segments)
    assert parts[1].metadata["start_time"] == 2.0
    assert parts[3].metadata["speech_seconds"] > 1
