"""Videos: scenes by hard cuts, a key frame of each as a picture to analyse in turn, and the sound track."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bridge.documents import Place
from bridge.doors.analysers import Degraded
from bridge.doors.analysers.limits import MAX_PIXELS, MAX_SOUND
from bridge.doors.analysers.tasks import Found, Part, Task
from bridge.problems import Issue

LOOKS_A_SECOND = 5
CUT = 0.12
MAX_FRAMES = 400_000
MAX_SCENES = 40
SIZE = (64, 36)


def read(task: Task, found: Found) -> None:
    """Read one video."""
    cv2.setNumThreads(1)
    video = cv2.VideoCapture(task.path, cv2.CAP_FFMPEG)
    try:
        rate, width = video.get(cv2.CAP_PROP_FPS), int(video.get(cv2.CAP_PROP_FRAME_WIDTH))
        height = int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
        if not video.isOpened() or width <= 0 or height <= 0 or width * height > MAX_PIXELS:
            found.issues.append(Issue("unreadable", task.uri, "The pictures of the video cannot be decoded."))
        else:
            rate = rate if 0 < rate < 1000 else 25.0
            found.metadata.update(width=width, height=height, frames_per_second=round(rate, 3))
            _scenes(video, rate, task, found)
    finally:
        video.release()
    _sound(task, found)


def _scenes(video: Any, rate: float, task: Task, found: Found) -> None:
    step = max(int(rate / LOOKS_A_SECOND), 1)
    before: Any = None
    starts: list[float] = []
    number = -1
    while number < MAX_FRAMES and video.grab():
        number += 1
        if number % step:
            continue
        read_it, frame = video.retrieve()
        if not read_it:
            continue
        small = cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA).astype(np.int16)
        if before is None or float(np.abs(small - before).mean()) / 255 > CUT:
            starts.append(number / rate)
            _keep_frame(frame, len(starts), number / rate, task, found)
        before = small
    duration = (number + 1) / rate
    found.metadata.update(duration=round(duration, 2), frames=number + 1)
    ends = [*starts[1:], duration]
    scenes = [{"start": round(start, 2), "end": round(end, 2)} for start, end in zip(starts, ends, strict=True)]
    found.metadata["scenes"] = scenes[:1000]
    for index, scene in enumerate(scenes[:1000], 1):
        place = Place(task.uri, start_time=scene["start"], end_time=scene["end"])
        found.add("scene", f"Scene {index}", place, modality="video")
    if number < 0:
        found.issues.append(Issue("unreadable", task.uri, "The video has no picture that can be decoded."))


def _keep_frame(frame: Any, scene: int, at: float, task: Task, found: Found) -> None:
    if not task.content:
        return
    if scene > MAX_SCENES:
        if scene == MAX_SCENES + 1:
            words = f"Only the key frames of the first {MAX_SCENES} scenes are analyzed."
            found.issues.append(Issue("cut", task.uri, words))
        return
    path = Path(task.scratch) / f"{Path(task.path).name}-scene-{scene}.png"
    cv2.imwrite(str(path), frame)
    found.parts.append(Part(str(path), f"{task.uri}!/scene-{scene}.png", start_time=round(at, 2)))


def _sound(task: Task, found: Found) -> None:
    program = shutil.which("ffmpeg")
    if program is None:
        found.degraded.append(Degraded("sound track", "The program ffmpeg is not installed: videos stay silent."))
        return
    target = Path(task.scratch) / f"{Path(task.path).name}-track.wav"
    command = [
        program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", task.path, "-map", "0:a:0",
        "-ac", "1",        "-ar", "16000", "-t", str(MAX_SOUND), "-y", str(target),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=300, check=False)
    found.metadata["sound"] = done.returncode == 0 and target.exists() and target.stat().st_size > 1_000
    if found.metadata["sound"]:
        found.parts.append(Part(str(target), f"{task.uri}!/sound.wav"))
