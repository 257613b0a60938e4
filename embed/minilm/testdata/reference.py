"""Writes the files that minilm's tests compare with, beside itself.

    MODEL=folder-with-the-model python3 reference.py

It needs numpy, scipy and Hugging Face tokenizers, and computes the model in
float64 straight from its definition:

  classes.txt  what the tokenizer does with each code point, as runs
  pieces.txt   lines of text, each behind the CRC-32 of its word pieces
  texts.json   texts to embed
  vectors.f32  their vectors, float32, little endian
"""
import json, os, pathlib, random, struct, unicodedata, zlib

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent
MODEL = pathlib.Path(os.environ["MODEL"])
tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.no_truncation()

SENTENCES = """
The lighthouse keeper counted the ships that passed before dawn.
A valve that sticks in winter should be oiled with something thin.
How do I rotate the access key of a running worker?
Set `max_connections` to 250, then restart the pool; older clients reconnect by themselves.
Bread rises slowly in a cold kitchen, but it tastes better for it.
Error 0x80070057: the parameter is incorrect (see line 42 of settings.ini).
She didn't say whether they'd've come, only that it wasn't likely.
Im Frühling blühen die Kirschbäume entlang der alten Straße.
Où est la clé de l'entrepôt ? Près de la fenêtre, côté jardin.
El niño soñó con una cigüeña que traía pingüinos.
Żółta łódź płynęła cicho przez mgłę nad jeziorem.
Поезд приходит на станцию ровно в полночь.
Το καράβι έφυγε χωρίς να περιμένει κανέναν.
古い橋を渡ると、小さな茶屋があります。
这座城市的图书馆每天早上九点开门。
기차는 새벽에 산을 넘어 바다로 간다.
القافلة تعبر الصحراء قبل أن تشتد الشمس.
הספינה הגיעה לנמל בשעת ערב מאוחרת.
नदी के किनारे एक पुराना बरगद का पेड़ है।
สะพานไม้เก่าทอดข้ามคลองเล็กๆ
func (s *Store) Close() error { return errors.Join(s.db.Close(), s.lock.Unlock()) }
for i in range(10): print(f"{i:>3} {i**2:>5}")
SELECT name, count(*) FROM visits WHERE day >= '2024-03-01' GROUP BY 1 ORDER BY 2 DESC;
https://docs.example.org/guide/install?lang=en&os=linux#step-3
pip3 install --upgrade "toolkit[extras]>=2.1,<3"
<div class="note"><p>Backups run at <b>02:00 UTC</b>.</p></div>
| port | use | default |
E = mc² and ∑ᵢ xᵢ ≠ ∏ᵢ yᵢ, whereas ∂f/∂x ≤ ε.
Price: €19.99 (≈ $21.50), £17 or ¥3,200 – plus 7½ % tax…
Weather today: ☀️ then 🌧️, tomorrow 🌈! Thanks 👩‍🔬👍🏽
“Curly quotes”, ‘single ones’, «guillemets» and „low ones“ — all are punctuation.
Re-entrancy, co-operation, state-of-the-art: hyphens-everywhere.
ＦＵＬＬ　ＷＩＤＴＨ letters, ﬁne ligatures and ①②③ circles
The token [MASK] hides a word; [CLS] begins and [SEP] ends; [unused1] is nothing special.
Antidisestablishmentarianism and pneumonoultramicroscopicsilicovolcanoconiosis are long words.
""".strip().splitlines()


def classes():
    """One line a run: the first code point and what becomes of it within a word."""
    out, last = [], None
    for cp in range(0x110000):
        if 0xD800 <= cp < 0xE000:
            continue
        words = [w for w, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str("x" + chr(cp) + "y"))]
        kind = {3: "alone", 2: "space"}.get(len(words), "gone" if words == ["xy"] else "letter")
        if kind != last:
            out.append(f"{cp:04x} {kind}\n")
            last = kind
    return "".join(out)


def assigned(rng, low, high):
    while True:
        c = chr(rng.randrange(low, high))
        if unicodedata.category(c) not in ("Cs", "Cn"):
            return c


def lines(rng):
    """Sentences, mixtures of their words, and noise from all parts of Unicode."""
    yield ""
    yield from SENTENCES
    words = " ".join(SENTENCES).split()
    for _ in range(900):
        yield rng.choice(["", " ", "\t", "  "]) + rng.choice([" ", "  ", "-", "/", "", "\u00a0", "\u200b", "\n"]).join(rng.choice(words) for _ in range(rng.randrange(1, 12)))
    for _ in range(500):
        s = rng.choice(SENTENCES)
        s = unicodedata.normalize(rng.choice(["NFC", "NFD", "NFKC", "NFKD"]), s)
        yield rng.choice([str.upper, str.title, str.swapcase, str])(s)
    ranges = [(0, 0x100), (0x100, 0x250), (0x250, 0x700), (0x700, 0x1200), (0x1200, 0x2000), (0x2000, 0x3100), (0x3100, 0xA000), (0xA000, 0x10000), (0x10000, 0x20000), (0x20000, 0x2FA20), (0xE0000, 0xE0200)]
    for _ in range(700):
        low, high = rng.choice(ranges)
        yield "".join(rng.choice(" ab") if rng.random() < 0.2 else assigned(rng, low, high) for _ in range(rng.randrange(1, 25)))
    for _ in range(60):
        n = rng.choice([99, 100, 101, 150])
        yield "".join(rng.choice("abcdefgh") for _ in range(n)) + rng.choice(["", " tail", "é", "!"])


def texts(rng):
    yield from SENTENCES
    yield from ["", " ", "a", "7", "?", "\u0301", "the " * 300, "x" * 500, "[SEP]", "\n\nx\n\n"]
    for n in [1, 2, 3, 5, 8, 12, 20, 30] * 18:
        yield rng.choice([" ", "\n", "\n\n"]).join(rng.choice(SENTENCES) for _ in range(n))
    for _ in range(20):
        yield " ".join("".join(assigned(rng, 0x20, 0x3000) for _ in range(rng.randrange(1, 9))) for _ in range(rng.randrange(1, 20)))


def weights():
    b = (MODEL / "model.safetensors").read_bytes()
    n = struct.unpack("<Q", b[:8])[0]
    for name, t in json.loads(b[8 : 8 + n]).items():
        if name != "__metadata__" and t["dtype"] == "F32":
            begin, end = t["data_offsets"]
            yield name, np.frombuffer(b[8 + n + begin : 8 + n + end], "<f4").reshape(t["shape"]).astype(np.float64)


class Model:
    def __init__(self):
        self.w = dict(weights())

    def linear(self, x, name):
        return x @ self.w[name + ".weight"].T + self.w[name + ".bias"]

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
        return x * self.w[name + ".weight"] + self.w[name + ".bias"]

    def attention(self, x, name):
        n = len(x)
        q, k, v = (self.linear(x, f"{name}.self.{part}").reshape(n, 12, 32).transpose(1, 0, 2) for part in ("query", "key", "value"))
        score = q @ k.transpose(0, 2, 1) / np.sqrt(32)
        score = np.exp(score - score.max(-1, keepdims=True))
        score /= score.sum(-1, keepdims=True)
        found = (score @ v).transpose(1, 0, 2).reshape(n, 384)
        return self.norm(x + self.linear(found, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def __call__(self, text):
        ids = tokenizer.encode(text).ids
        if len(ids) > 256:
            ids = ids[:255] + ids[-1:]
        e = "embeddings."
        x = self.w[e + "word_embeddings.weight"][ids] + self.w[e + "position_embeddings.weight"][: len(ids)] + self.w[e + "token_type_embeddings.weight"][0]
        x = self.norm(x, e + "LayerNorm")
        for i in range(6):
            p = f"encoder.layer.{i}."
            x = self.attention(x, p + "attention")
            h = self.linear(x, p + "intermediate.dense")
            h = h * 0.5 * (1 + erf(h / np.sqrt(2)))
            x = self.norm(x + self.linear(h, p + "output.dense"), p + "output.LayerNorm")
        v = x.mean(0)
        return (v / np.linalg.norm(v)).astype("<f4")


if __name__ == "__main__":
    (HERE / "classes.txt").write_text(classes())
    with open(HERE / "pieces.txt", "w") as f:
        for line in lines(random.Random(1)):
            crc = zlib.crc32(struct.pack(f"<{len(tokenizer.encode(line).ids)}i", *tokenizer.encode(line).ids))
            f.write(f"{crc:08x} {json.dumps(line)}\n")
    all = list(texts(random.Random(2)))
    model = Model()
    (HERE / "texts.json").write_text(json.dumps(all, indent=0, ensure_ascii=False) + "\n")
    (HERE / "vectors.f32").write_bytes(b"".join(model(t).tobytes() for t in all))
