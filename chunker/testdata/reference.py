"""Writes golden.jsonl.gz: what langchain_text_splitters makes of generated texts.

    pip install langchain-text-splitters
    python3 reference.py

The texts are not stored. golden_test.go generates the same ones from the seed.
"""

import gzip
import hashlib
import json
import logging
import os

from langchain_text_splitters import RecursiveCharacterTextSplitter

logging.disable(logging.WARNING)

SPACES = ["\t", "\n", "\v", "\f", "\r", "\x1c", "\x1d", "\x1e", "\x1f", " ", "\x85", "\xa0", "\u1680",
          "\u2003", "\u200b", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", "\u180e"]
WORDS = ["a", "of", "the", "chunk", "x", "overlap", "naïve", "retrieval", "e\u0301tude", "don't", "0.75", "日本"]
EMOJI = ["👩‍💻", "🇯🇵", "👍🏽", "é", "\u0301", "x"]

# kind -> the tokens a text is made of
KINDS = {
    "prose": WORDS + [" "] * 14 + [". ", ", ", "\n", "\n\n"],
    "lines": WORDS + [" "] * 6 + ["\n"] * 4 + ["\n\n"] * 2,
    "spaces": SPACES + WORDS,
    "only spaces": SPACES,
    "separators": ["\n\n", "\n", " ", "x"],
    "only separators": ["\n\n", "\n", " "],
    "unbroken": ["a", "b", "ab", "日", "🙂"],
    "cjk": ["日", "本", "語", "の", "文", "。", "、", "，"] * 3 + ["\n", " "],
    "emoji": EMOJI + [" "],
    "unicode": None,
}
SIZES = [(2000, 200), (1000, 200), (2000, -1), (400, 100), (50, 10), (50, -1), (7, -1), (7, 3), (10, 9), (2, 1), (1, -1)]


class Random:
    """Knuth's MMIX generator: the same few lines in Go."""

    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n


def generate(seed, kind, runes):
    random, out = Random(seed), []
    while len(out) < runes:
        if KINDS[kind] is None:
            code = random.below([0x80, 0x3000, 0x110000][random.below(3)])
            out.append("\n" if 0xD800 <= code < 0xE000 else chr(code))
        else:
            out.append(KINDS[kind][random.below(len(KINDS[kind]))])
    return "".join(out)


def main():
    lines, seed = [], 0
    for kind in KINDS:
        for size, overlap in SIZES:
            for i in range(12):
                seed += 1
                runes = [0, 1, size - 1, size, size + 1, 2 * size, 3 * size + 7][i] if i < 7 else 13 * (i - 6) ** 2
                text = generate(seed, kind, runes)
                chunks = RecursiveCharacterTextSplitter(
                    chunk_size=size, chunk_overlap=max(overlap, 0)).split_text(text)
                digest = hashlib.sha256("\0".join(chunks).encode()).hexdigest()[:16]
                lines.append({"seed": seed, "kind": kind, "tokens": runes, "size": size, "overlap": overlap,
                              "runes": len(text), "chunks": len(chunks), "sha256": digest})
    name = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden.jsonl.gz")
    with open(name, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, 0) as f:
        for line in lines:
            f.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
    print(len(lines), "texts")


if __name__ == "__main__":
    main()
