"""Writes the files that e5's tests compare with, beside itself.

    MODEL=path-of-e5-small-q4.bin python3 reference.py

It needs numpy, scipy and Hugging Face tokenizers. The tokenizer is that library's
Unigram with the pieces and scores of the file; the model is computed in
float32, straight from its definition, with the weights of the file.

  pieces.json  lines of text with their pieces
  texts.json   texts to embed: [prefix, text]
  vectors.f32  their vectors, float32, little endian

With LINES=FILE it only writes the pieces of the lines of that file, JSON strings, to
FILE.ref.
"""
import json, os, pathlib, random, struct, unicodedata

import numpy as np
from scipy.special import erf
from tokenizers import Tokenizer, models, pre_tokenizers

HERE = pathlib.Path(__file__).parent
DATA = pathlib.Path(os.environ["MODEL"]).read_bytes()


def unpack(fmt, at):
    return struct.unpack_from("<" + fmt, DATA, at)


# The head of the file: see file.go.
count, = unpack("i", 44)
size, = unpack("Q", 64)
at = 72
offsets = unpack(f"{count + 1}I", at)
at += 4 * (count + 1)
scores = unpack(f"{count}f", at)
at += 4 * count
blob = DATA[at:at + size]
at += size
pieces = [blob[a:b].decode() for a, b in zip(offsets, offsets[1:])]
entries, _ = unpack("iI", at)
at += 8
replace = []
for _ in range(entries):
    code, n = unpack("IB", at)
    replace.append((chr(code), "".join(map(chr, unpack(f"{n}I", at + 5)))))
    at += 5 + 4 * n
tensors = {}
total, = unpack("i", at)
at += 4
for _ in range(total):
    n, = unpack("H", at)
    name = DATA[at + 2:at + 2 + n].decode()
    tensors[name] = unpack("BIQQ", at + 2 + n)
    at += 2 + n + 21

control = {p: i for i, p in enumerate(pieces) if p in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")}
tokenizer = Tokenizer(models.Unigram(
    # Nothing matches a control piece: white space is never part of a word.
    [(" " + p if p in control else p, s) for p, s in zip(pieces, scores)], unk_id=control["<unk>"], byte_fallback=False))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])

replace = dict(replace)


def tokenize(text):
    """Returns the pieces. What SentencePiece's rules nmt_nfkc do is the map, and the
    composition of neighbours."""
    out = ""
    for c in "".join(replace.get(c, c) for c in text):
        pair = unicodedata.normalize("NFC", out[-1:] + c)
        if len(pair) == 1:
            out = out[:-1] + pair
        else:
            out += c
    return tokenizer.encode(out, add_special_tokens=False).ids


if "LINES" in os.environ:
    with open(os.environ["LINES"]) as lines, open(os.environ["LINES"] + ".ref", "w") as out:
        for line in lines:
            print(json.dumps(tokenize(json.loads(line)), separators=(",", ":")), file=out)
    raise SystemExit

# About the same in many scripts.
SENTENCES = """
Install the package, then restart the worker so that it reads the new settings.
Im Frühling blühen die Kirschbäume; die Größe des Gartens überrascht jeden Gärtner.
Où est la clé de l'entrepôt ? Près de la fenêtre, côté jardin.
El niño soñó con una cigüeña que traía pingüinos a la estación.
Żółta łódź płynęła cicho przez mgłę nad jeziorem.
Gölün kıyısındaki küçük evde İstanbul'dan gelen ışıklar görünüyordu.
Tệp cấu hình nằm trong thư mục gốc; hãy khởi động lại máy chủ sau khi sửa.
Поезд приходит на станцию ровно в полночь, если мост не закрыт.
Ще не всі ґанки в їхньому селі мають дахи.
Το καράβι έφυγε χωρίς να περιμένει κανέναν από τους επιβάτες.
Նավը մեկնեց առանց սպասելու ուղևորներին։
ძველი ხიდის გადაღმა პატარა ჩაიხანა დგას.
הספינה הגיעה לנמל בשעת ערב מאוחרת, וְהַיָּם הָיָה שָׁקֵט.
القافلة تعبر الصحراء قبل أن تشتد الشمس، ثم تستريح عند البئر.
کتابخانهٔ شهر هر روز ساعت نه صبح باز می‌شود.
یہ کتاب خانہ ہر روز صبح نو بجے کھلتا ہے۔
नदी के किनारे एक पुराना बरगद का पेड़ है, जिसकी छाया में लोग बैठते हैं।
নদীর ধারে একটি পুরোনো বটগাছ আছে।
ਦਰਿਆ ਦੇ ਕੰਢੇ ਇੱਕ ਪੁਰਾਣਾ ਬੋਹੜ ਹੈ।
નદીના કિનારે એક જૂનો વડ છે.
ନଦୀ କୂଳରେ ଗୋଟିଏ ପୁରୁଣା ବରଗଛ ଅଛି।
ஆற்றங்கரையில் ஒரு பழைய ஆலமரம் உள்ளது.
నది ఒడ్డున ఒక పాత మర్రిచెట్టు ఉంది.
ನದಿಯ ದಡದಲ್ಲಿ ಒಂದು ಹಳೆಯ ಆಲದ ಮರವಿದೆ.
പുഴയുടെ തീരത്ത് ഒരു പഴയ ആൽമരമുണ്ട്.
ගඟ අසල පැරණි නුග ගසක් තිබේ.
สะพานไม้เก่าทอดข้ามคลองเล็กๆ ใกล้ตลาดน้ำ
ຂົວໄມ້ເກົ່າຂ້າມຄອງນ້ອຍ
မြစ်ကမ်းနားမှာ ညောင်ပင်အိုကြီးတစ်ပင် ရှိတယ်။
ស្ពានឈើចាស់ឆ្លងកាត់ប្រឡាយតូច។
በወንዙ ዳር አንድ ትልቅ የዋርካ ዛፍ አለ።
ཆུ་འགྲམ་དུ་ཤིང་སྡོང་རྙིང་པ་ཞིག་ཡོད།
古い橋を渡ると、小さな茶屋があります。カギは窓の下です。
这座城市的图书馆每天早上九点开门，周末除外。
這座城市的圖書館每天早上九點開門。
기차는 새벽에 산을 넘어 바다로 간다.
Поштански сандук је поред жуте куће.
ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ
ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ
ދިވެހިބަސް ކިޔުން
""".strip().splitlines()
ODD = [
    "", " ", "\n\t\u00a0\u3000", "a\u00a0b\u2009c\u200bd\u200ce\u200df\ufeffg", "x\u0001y\u007fz\u008f", "<s> and </s>, <pad>, <unk> and <mask> in a text",
    "▁begins▁so", "ﬁne ＦＵＬＬ　ＷＩＤＴＨ ①②③ ½ ™ ㎏ ㌔", "ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟ ﾃﾞｰﾀ", "e\u0301e\u0323\u0302 E\u0302\u0301 q\u0301\u0301", "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "👩‍🔬👍🏽 🌧️ 🇩🇪", "\U00020000\U0001d400\U0010ffff\ue000", "x" * 120, "https://docs.example.org/guide/install?lang=en&os=linux#step-3",
    "func (s *Store) Close() error { return errors.Join(s.db.Close(), s.lock.Unlock()) }", "3,141 − 2·10⁻³ ≠ 12½ °C", "a\u0338b\u20d2 \u0301starts", "\u0130I\u0131i ǅ ß ẞ",
    "\u0e33\u0eb3 \u0f0c \u2126\u212b \u0958\u09dc", "no\u00adbreak \u2028line\u2029end\u0085next",
]

rng = random.Random(2026)
forms = ["NFC", "NFD", "NFKD"]
lines = SENTENCES + [unicodedata.normalize("NFD", s) for s in SENTENCES] + ODD
while len(lines) < 300:
    kind = rng.randrange(4)
    if kind == 0:  # words of several scripts, decomposed or not
        s = " ".join(rng.choice(rng.choice(SENTENCES).split()) for _ in range(6))
        s = unicodedata.normalize(rng.choice(forms), s)
    elif kind == 1:  # pieces of the vocabulary
        s = "".join(rng.choice(pieces) for _ in range(8))
    elif kind == 2:  # neighbours of one code point
        start = rng.choice([rng.randrange(0x20, 0x3000), rng.randrange(0x20, 0x20000)])
        s = "".join(chr(start + rng.randrange(60)) for _ in range(12))
    else:
        s = rng.choice(SENTENCES)
        a = rng.randrange(len(s))
        s = s[a:a + 20] + rng.choice(["", " ", "\n\n", "\u0301"]) + rng.choice(SENTENCES)[:15].upper()
    if not any(0xD800 <= ord(c) < 0xE000 for c in s):
        lines.append(s)
with open(HERE / "pieces.json", "w") as out:
    for s in lines:
        ids = tokenize(s)
        print(json.dumps({"text": s, "pieces": ids}, ensure_ascii=True, separators=(",", ":")), file=out)


def tensor(name, cols=None):
    kind, count, offset, size = tensors[name]
    raw = np.frombuffer(DATA, np.uint8, size, offset)
    if kind == 0:
        x = raw.view("<f4").copy()
    else:
        blocks = raw.reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        q = blocks[:, 2:].astype(np.int32)
        x = (np.concatenate([q & 15, q >> 4], 1) - 8).astype(np.float32) * scale
        x = x.reshape(-1)
    return x.reshape(-1, cols) if cols else x


def norm(x, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + np.float32(1e-12)) * tensor(name + ".w") + tensor(name + ".b")


def linear(x, name, inputs=384):
    return x @ tensor(name + ".w", inputs).T + tensor(name + ".b")


words, positions, kinds = tensor("emb.word", 384), tensor("emb.pos", 384), tensor("emb.type", 384)


def embed(text):
    ids = [0] + tokenize(text)[:510] + [2]
    x = norm(words[ids] + positions[:len(ids)] + kinds[0], "emb.ln")
    for layer in range(12):
        p = f"l{layer}."
        q, k, v = (linear(x, p + part).reshape(-1, 12, 32).transpose(1, 0, 2) for part in "qkv")
        s = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(32))
        s = np.exp(s - s.max(-1, keepdims=True))
        c = (s / s.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(-1, 384)
        x = norm(x + linear(c, p + "ao"), p + "aln")
        h = linear(x, p + "fi")
        h = h * (1 + erf(h / np.float32(np.sqrt(2)))) / 2
        x = norm(x + linear(h.astype(np.float32), p + "fo", 1536), p + "oln")
    v = x.mean(0)
    return v / np.linalg.norm(v)


texts = [["query: ", s] for s in SENTENCES[:3] + SENTENCES[8:10]] + [["passage: ", s] for s in SENTENCES[5:36:3]] + [["passage: ", ""], ["passage: ", "Ein sehr langer Text über Bäume. " * 80]]
(HERE / "texts.json").write_text(json.dumps(texts, ensure_ascii=False, indent=0) + "\n")
(HERE / "vectors.f32").write_bytes(np.array([embed(p + s) for p, s in texts], "<f4").tobytes())
