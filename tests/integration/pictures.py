"""Makes image files byte by byte, so that the tests need no imaging library.

Every maker takes a seed: another seed is another picture with another hash."""

import random
import struct
import zlib


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width, height, depth, colour, rows):
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


def png(width=8, height=8, seed=0, alpha=False):
    """RGB or RGBA noise, so its size grows with its pixels."""
    channels = 4 if alpha else 3
    noise = random.Random(f"png {seed}")
    rows = b"".join(b"\0" + noise.randbytes(width * channels) for _ in range(height))
    return _png(width, height, 8, 6 if alpha else 2, zlib.compress(rows, 1))


def png_of_size(size, seed=0):
    """A valid PNG of exactly `size` bytes: a small picture and an ancillary chunk of noise."""
    base = png(seed=seed)
    end = len(base) - 12  # IEND
    padding = size - len(base) - 12
    assert padding >= 0, f"a PNG needs {len(base) + 12} bytes"
    noise = random.Random(f"padding {seed}").randbytes(padding)
    return base[:end] + _chunk(b"prVt", noise) + base[end:]


def png_bomb(width=50_000, height=50_000):
    """A few KB that announce width × height pixels of one bit, of which the first rows are there."""
    row = b"\0" * ((width + 7) // 8 + 1)
    return _png(width, height, 1, 0, zlib.compress(row * 300, 9))


def png_whole_bomb(width=20_000, height=20_000):
    """The same with every pixel there: about 50 KB that decode to width × height."""
    packer = zlib.compressobj(9)
    row = b"\0" * ((width + 7) // 8 + 1)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return _png(width, height, 1, 0, rows)


def _gif_data(pixels):
    """LZW with codes of 8 bits throughout: a clear code comes before the table could grow."""
    codes = bytearray()
    for start in range(0, len(pixels), 100):
        codes += b"\x80" + pixels[start : start + 100]
    codes += b"\x81"
    blocks = b"".join(
        bytes([len(codes[i : i + 255])]) + codes[i : i + 255] for i in range(0, len(codes), 255)
    )
    return b"\x07" + blocks + b"\0"


def gif(width=8, height=8, frames=1, seed=0):
    """Noise in 128 colours; more than one frame makes it an animation."""
    noise = random.Random(f"gif {seed}")
    out = b"GIF89a" + struct.pack("<HHBBB", width, height, 0xF6, 0, 0) + noise.randbytes(3 * 128)
    if frames > 1:
        out += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    for _ in range(frames):
        pixels = bytes(noise.randrange(128) for _ in range(width * height))
        out += b"\x21\xf9\x04\0\x0a\0\0\0"
        out += b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + _gif_data(pixels)
    return out + b"\x3b"


def gif_frame_bomb(frames=100_000):
    """One pixel, many times."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * frames + b"\x3b"


class _Bits:
    """The entropy-coded part of a JPEG: most significant bit first, a zero after each 0xff."""

    def __init__(self):
        self.out = bytearray()
        self.value = self.count = 0

    def put(self, value, count):
        self.value = self.value << count | value
        self.count += count
        while self.count >= 8:
            self.count -= 8
            byte = self.value >> self.count & 0xFF
            self.out += b"\xff\0" if byte == 0xFF else bytes([byte])
        self.value &= (1 << self.count) - 1

    def finish(self):
        if self.count:
            self.put((1 << 8 - self.count) - 1, 8 - self.count)
        return bytes(self.out)


# Annex K.3 of ITU-T T.81: how many codes of each length for the categories 0 to 11 of a DC difference.
_DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]


def _dc_codes():
    codes, code, category = {}, 0, 0
    for length, count in enumerate(_DC_COUNTS, 1):
        for _ in range(count):
            codes[category] = (code, length)
            code, category = code + 1, category + 1
        code <<= 1
    return codes


def _segment(marker, data):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def _exif(orientation, latitude):
    """APP1 with the orientation and, when asked for, a GPS latitude in whole degrees."""
    entries = [struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)]
    gps = b""
    if latitude is not None:
        at = 8 + 2 + 2 * 12 + 4
        entries.append(struct.pack("<HHII", 0x8825, 4, 1, at))
        values = at + 2 + 4 * 12 + 4
        gps = struct.pack("<H", 4)
        gps += struct.pack("<HHI4s", 1, 2, 2, b"N\0\0\0")
        gps += struct.pack("<HHII", 2, 5, 3, values)
        gps += struct.pack("<HHI4s", 3, 2, 2, b"E\0\0\0")
        gps += struct.pack("<HHII", 4, 5, 3, values)
        gps += struct.pack("<I", 0) + struct.pack("<6I", latitude, 1, 0, 1, 0, 1)
    ifd = struct.pack("<H", len(entries)) + b"".join(entries) + struct.pack("<I", 0)
    return _segment(0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + ifd + gps)


def jpeg(width=16, height=16, seed=0, orientation=None, latitude=None):
    """A baseline JPEG: a mosaic of flat 8×8 blocks, three components, no subsampling."""
    noise = random.Random(f"jpeg {seed}")
    codes, bits, last = _dc_codes(), _Bits(), [0, 0, 0]
    for _ in range(((width + 7) // 8) * ((height + 7) // 8)):
        for component in range(3):
            level = noise.randrange(-60, 60)
            difference = level - last[component]
            last[component] = level
            category = abs(difference).bit_length()
            bits.put(*codes[category])
            if category:
                low = difference if difference > 0 else difference + (1 << category) - 1
                bits.put(low, category)
            bits.put(0, 1)  # end of block, the only code of the AC table
    frame = struct.pack(">BHHB", 8, height, width, 3)
    frame += b"".join(bytes([i, 0x11, 0]) for i in (1, 2, 3))
    scan = b"\x03" + b"".join(bytes([i, 0]) for i in (1, 2, 3)) + b"\0\x3f\0"
    exif = b"" if orientation is None and latitude is None else _exif(orientation or 1, latitude)
    return (
        b"\xff\xd8"
        + _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + exif
        + _segment(0xDB, b"\0" + b"\x08" * 64)
        + _segment(0xC0, frame)
        + _segment(0xC4, b"\0" + bytes(_DC_COUNTS) + bytes(range(12)))
        + _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0")
        + _segment(0xDA, scan)
        + bits.finish()
        + b"\xff\xd9"
    )


def webp(width=16, height=16, seed=0):
    """A lossless WebP of one colour: some 30 bytes whatever its size (at most 16384 a side)."""
    red, green, blue = random.Random(f"webp {seed}").randbytes(3)
    value = count = 0

    def put(number, bits):
        nonlocal value, count
        value |= number << count
        count += bits

    put(0x2F, 8)
    put(width - 1, 14)
    put(height - 1, 14)
    put(0, 1 + 3)  # no alpha, version 0
    put(0, 1 + 1 + 1)  # no transform, no colour cache, one group of codes
    for symbol in (green, red, blue, 255):
        put(0b101, 3)  # a simple code with one symbol of 8 bits
        put(symbol, 8)
    put(0b0001, 4)  # the distances: a simple code with the symbol 0
    data = value.to_bytes((count + 7) // 8, "little")
    data += b"\0" * (len(data) % 2)
    body = b"WEBPVP8L" + struct.pack("<I", (count + 7) // 8) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def truncated(data, share=0.6):
    """The first part of a file, as an interrupted copy leaves it."""
    return data[: int(len(data) * share)]


def corrupt(data):
    """The head stays, the rest is noise."""
    keep = 40
    return data[:keep] + random.Random(len(data)).randbytes(len(data) - keep)


TEXT = b"This is a text file, whatever its name says.\n" * 20
