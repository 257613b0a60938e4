"""Writes post.txt and lists.txt: what BeautifulSoup's get_text makes of selected elements.

    pip install beautifulsoup4
    python3 reference.py
"""

import pathlib

from bs4 import BeautifulSoup, SoupStrainer

HERE = pathlib.Path(__file__).resolve().parent
for name, classes in {"post": ("post-title", "post-header", "post-content"), "lists": ("steps",)}.items():
    html = (HERE / f"{name}.html").read_text(encoding="utf-8")
    text = BeautifulSoup(html, "html.parser", parse_only=SoupStrainer(class_=classes)).get_text()
    (HERE / f"{name}.txt").write_text(text, encoding="utf-8")
    print(name, len(text), "characters")
