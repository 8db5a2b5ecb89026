"""Draws the icons of the console artefacts as PNG files, with Python's standard library only: python3 consoles/icons.py"""

import pathlib
import struct
import zlib

HERE = pathlib.Path(__file__).parent
TEAL, WHITE, AMBER, CLEAR = (26, 95, 122, 255), (255, 255, 255, 255), (255, 183, 77, 255), (0, 0, 0, 0)
SAMPLES = 4
# Lengths are parts of the icon's side.
CORNER = 0.2
BARS = ((0.20, 0.30, 0.66), (0.44, 0.18, 0.80), (0.68, 0.42, 0.58))
BAR_HEIGHT = 0.12
MARK_RADIUS = 0.10
MARKS = ((0.42, 0.26), (0.68, 0.50), (0.28, 0.74))


def ink(x, y, plain):
    """The colour at a point of the unit square: three strips of peers with the own mark on each."""
    near_x, near_y = min(x, 1 - x), min(y, 1 - y)
    if near_x < CORNER and near_y < CORNER and (CORNER - near_x) ** 2 + (CORNER - near_y) ** 2 > CORNER**2:
        return CLEAR
    if any((x - cx) ** 2 + (y - cy) ** 2 < MARK_RADIUS**2 for cx, cy in MARKS):
        return WHITE if plain else AMBER
    if any(top < y < top + BAR_HEIGHT and left < x < right for top, left, right in BARS):
        return (190, 210, 220, 255) if plain else WHITE
    return (70, 78, 84, 255) if plain else TEAL


def pixel(column, row, side, plain):
    """The mean of several points within a pixel, with premultiplied transparency."""
    points = [
        ink((column + (i + 0.5) / SAMPLES) / side, (row + (j + 0.5) / SAMPLES) / side, plain)
        for i in range(SAMPLES)
        for j in range(SAMPLES)
    ]
    opacity = sum(point[3] for point in points)
    if opacity == 0:
        return bytes(4)
    mixed = [round(sum(point[part] * point[3] for point in points) / opacity) for part in range(3)]
    return bytes([*mixed, round(opacity / len(points))])


def png(side, plain):
    lines = b"".join(b"\0" + b"".join(pixel(x, y, side, plain) for x in range(side)) for y in range(side))

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")


ICONS = (
    ("splunk/peerbench/static/appIcon.png", 36, False),
    ("splunk/peerbench/static/appIcon_2x.png", 72, False),
    ("splunk/peerbench/static/appIconAlt.png", 36, True),
    ("splunk/peerbench/static/appIconAlt_2x.png", 72, True),
    ("checkpoint/page/icon.png", 32, False),
)

if __name__ == "__main__":
    for path, side, plain in ICONS:
        target = HERE / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(png(side, plain))
