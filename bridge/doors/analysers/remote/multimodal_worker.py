"""The stack's multimodal-worker, with its odd answers: every failure is a 200, and "success" may mean "seen before"."""

import asyncio
import secrets
from typing import Any

import orjson

from bridge.documents import Document, Place, Segment
from bridge.doors.analysers import Subject, Wanted
from bridge.doors.analysers.remote import RemoteAnswer, text_of
from bridge.doors.fetcher import Fetched, Fetcher, Target
from bridge.problems import Upstream, UpstreamFailed

MOST_BYTES = 100 * 1024 * 1024
MOST_TEXT = 1_000_000
NAME = 255
SECONDS = 300.0
IN_BAND = {"Caption generation failed", "No audio track found", "Transcription failed"}
"""Failures that the worker writes where the content should stand."""


class MultimodalWorker:
    """One worker; ``target`` is its base address."""

    name = "multimodal-worker"

    def __init__(self, fetcher: Fetcher, target: Target) -> None:
        self._fetcher = fetcher
        self._target = target

    def takes(self, document: Document, wanted: Wanted) -> bool:
        """Text, pictures and videos; it knows nothing else."""
        group = document.media_type.split("/", maxsplit=1)[0]
        if group in ("image", "video"):
            return wanted.content and document.size <= MOST_BYTES and document.media_type != "image/svg+xml"
        return any(each.modality == "text" for each in document.segments)

    async def ask(self, subject: Subject, document: Document, wanted: Wanted) -> RemoteAnswer:
        """Send the content; the worker's answer is kept word for word beside what could be made of it."""
        group = document.media_type.split("/", maxsplit=1)[0]
        if group in ("image", "video"):
            data, repeated = await self._upload(group, subject, document, wanted)
            return self._picture(data, document) if group == "image" else self._video(data, document, repeated)
        body = {
            "text": text_of(document, MOST_TEXT),
            "document_name": document.uri[-NAME:],
            "metadata": _metadata(wanted),
        }
        answer = await self._call("text", orjson.dumps(body), "application/json")
        return RemoteAnswer(raw=_data(answer))

    async def _upload(
        self, group: str, subject: Subject, document: Document, wanted: Wanted
    ) -> tuple[dict[str, Any], bool]:
        content = await asyncio.to_thread(subject.path.read_bytes)
        boundary = f"bridge-{secrets.token_hex(16)}"
        name = (
            "".join(letter for letter in document.uri.rsplit("/", 1)[-1] if letter.isalnum() or letter in "._- ")
            or "file"
        )
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name[-200:]}"\r\n'
            f"Content-Type: {document.media_type}\r\n\r\n"
        )
        fields = {"document_name": document.uri[-NAME:], "metadata": orjson.dumps(_metadata(wanted)).decode()}
        tail = "".join(
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{_one_line(value)}'
            for key, value in fields.items()
        )
        body = b"".join((head.encode(), content, tail.encode(), f"\r\n--{boundary}--\r\n".encode()))
        answer = await self._call(group, body, f"multipart/form-data; boundary={boundary}")
        data = _data(answer)
        return data, set(data) <= {"document_id"}

    async def _call(self, kind: str, body: bytes, media_type: str) -> Fetched:
        return await self._fetcher.call(
            self._target, f"/api/v1/process/{kind}", method="POST", headers={"Content-Type": media_type}, body=body,
            max_bytes=5_000_000, timeout=SECONDS,
        )  # fmt: skip

    def _picture(self, data: dict[str, Any], document: Document) -> RemoteAnswer:
        caption = str(data.get("caption") or "")
        if not caption or caption in IN_BAND:
            return RemoteAnswer(raw=data, lacking=_why(caption, "caption"))
        place = Place(document.uri)
        return RemoteAnswer((Segment("0", "image", "caption", caption[:4000], place, 0.5),), raw=data)

    def _video(self, data: dict[str, Any], document: Document, repeated: bool) -> RemoteAnswer:
        words = str(data.get("transcription") or "")
        if repeated or not words or words in IN_BAND:
            return RemoteAnswer(raw=data, lacking=_why(words, "transcription"))
        place = Place(document.uri, start_time=0.0)
        return RemoteAnswer((Segment("0", "audio", "transcript", words[:200_000], place, 0.6),), raw=data)


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _metadata(wanted: Wanted) -> dict[str, str]:
    return {"type": "workflow_analysis", **wanted.labels}


def _why(said: str, what: str) -> str:
    if said:
        return f"The worker answered '{said}'."
    return f"The worker has seen this content before, perhaps when it failed, and gives no {what} a second time."


def _data(answer: Fetched) -> dict[str, Any]:
    """The data of a true success; everything else is an upstream failure in the worker's words."""
    try:
        envelope = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise _failed(answer, "it is no JSON") from error
    if not isinstance(envelope, dict):
        raise _failed(answer, "it is no object")
    if answer.status != 200:
        raise _failed(answer, str(envelope.get("detail", envelope))[:500])
    if not envelope.get("success"):
        raise _failed(answer, str(envelope.get("error") or envelope.get("message"))[:500])
    data = envelope.get("data")
    return data if isinstance(data, dict) else {}


def _failed(answer: Fetched, words: str) -> UpstreamFailed:
    return UpstreamFailed(
        f"The multimodal-worker did not analyze it (status {answer.status}): {words}",
        upstream=Upstream(answer.status, words),
    )
