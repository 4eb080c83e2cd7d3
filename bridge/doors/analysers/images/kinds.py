"""What kind of picture it is, its colours and its hash, from cheap features of a thumbnail."""

from typing import Any

import numpy as np
from PIL import Image

Pixels = Any


def kind_of(picture: Image.Image) -> tuple[str, float]:
    """Tell screenshot, diagram, chart, scan and photo apart; the second value is how sure that is, 0 to 1."""
    pixels = np.asarray(picture.resize((min(picture.width, 512), min(picture.height, 512))), dtype=np.int16)
    if pixels.shape[0] < 8 or pixels.shape[1] < 8:
        return "icon", 0.5
    flat, shades, light, straight, vivid = _features(pixels)
    if flat < 0.45 and (shades > 400 or (shades > 120 and light < 0.5)):
        return "photo", 0.8 if flat < 0.25 else 0.6
    if light > 0.6 and shades < 120 and vivid < 0.02 and flat < 0.9 and straight < 0.5:
        return "scan", 0.6
    if light > 0.7 and vivid > 0.02 and shades < 500 and straight > 0.3 and flat > 0.8:
        return "chart", 0.5
    if light > 0.75 and straight > 0.25 and flat > 0.9 and vivid <= 0.02:
        return "diagram", 0.5
    if flat > 0.6:
        return "screenshot", 0.6
    return ("scan", 0.5) if light > 0.5 else ("photo", 0.5)


def _features(pixels: Pixels) -> tuple[float, int, float, float, float]:
    grey = pixels.mean(axis=2)
    across = np.abs(np.diff(grey, axis=1))
    down = np.abs(np.diff(grey, axis=0))
    flat = float(((across[:-1] < 1.5) & (down[:, :-1] < 1.5)).mean())
    coarse = (pixels >> 3).astype(np.int32)
    shades = int(np.unique(coarse[..., 0] << 10 | coarse[..., 1] << 5 | coarse[..., 2]).size)
    light = float((grey > 200).mean())
    edges = max(int((across > 30).sum() + (down > 30).sum()), 1)
    runs = _long_runs(across > 30, axis=0) + _long_runs(down > 30, axis=1)
    vivid = float(((pixels.max(axis=2) - pixels.min(axis=2)) > 80).mean())
    return flat, shades, light, min(runs / edges, 1.0), vivid


def _long_runs(edge: Pixels, axis: int, length: int = 12) -> int:
    lines = edge if axis == 1 else edge.T
    total = np.cumsum(np.pad(lines.astype(np.int32), ((0, 0), (1, 0))), axis=1)
    if total.shape[1] <= length:
        return 0
    return int(((total[:, length:] - total[:, :-length]) == length).sum())


def colours(picture: Image.Image, count: int = 5) -> list[dict[str, Any]]:
    """The main colours and their shares."""
    small = picture.resize((96, 96)).quantize(count)
    palette = small.getpalette() or []
    total = 96 * 96
    answer = []
    counted: Any = small.getcolors() or []
    for amount, index in sorted(counted, reverse=True):
        red, green, blue = palette[3 * int(index) : 3 * int(index) + 3]
        answer.append({"colour": f"#{red:02x}{green:02x}{blue:02x}", "share": round(amount / total, 3)})
    return answer


def difference_hash(picture: Image.Image) -> str:
    """A 64-bit hash of the low frequencies: similar pictures differ in few bits."""
    grey = np.asarray(picture.convert("L").resize((32, 32)), dtype=np.float64)
    steps = np.arange(32)
    basis = np.cos(np.pi / 64 * (2 * steps[None, :] + 1) * steps[:, None])
    low = (basis @ grey @ basis.T)[:8, :8].flatten()
    bits = low > np.median(low[1:])
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"
