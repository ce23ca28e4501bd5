"""What a picture's own bytes say: format, width and height, read without an imaging library."""

import struct


def _jpeg(data):
    at = 2
    while at < len(data):
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 2 + length
    raise AssertionError("a JPEG without a frame")


def _webp(data):
    kind = data[12:16]
    if kind == b"VP8X":
        return tuple(int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _avif(data):
    at = data.index(b"ispe")
    return struct.unpack_from(">II", data, at + 8)


def picture_info(data):
    """(format, width, height); fails for what is none of the formats of renditions."""
    if data.startswith(b"\xff\xd8\xff"):
        assert data.endswith(b"\xff\xd9")
        return "jpeg", *_jpeg(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        assert data.endswith(b"IEND\xaeB`\x82")
        return "png", *struct.unpack_from(">II", data, 16)
    if data.startswith(b"GIF8"):
        return "gif", *struct.unpack_from("<HH", data, 6)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        assert struct.unpack_from("<I", data, 4)[0] + 8 == len(data)
        return "webp", *_webp(data)
    assert data[4:12] == b"ftypavif", data[:16]
    return "avif", *_avif(data)


def frame_count(data):
    """Frames of an animated WebP or GIF; 1 for others."""
    if data[:4] == b"RIFF":
        return max(1, data.count(b"ANMF"))
    return data.count(b"\x21\xf9\x04") if data.startswith(b"GIF8") else 1
