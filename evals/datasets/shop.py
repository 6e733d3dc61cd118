"""The demo shop as eval folders: its utterances and articles beside a blind set of questions.

``python -m evals.datasets.shop SHOP BLIND OUT`` writes ``OUT/intent`` (train from the shop, test and oos blind),
``OUT/retrieval`` (corpus from the shop, queries blind) and ``OUT/extraction`` (blind as it is, pictures beside).
"""

import json
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from knowledge.parsing import read_article
from knowledge.schemas import Article


def write_folders(shop: Path, blind: Path, out: Path) -> None:
    """Write the three folders.

    Args:
        shop: A shop's folder (``utterances.jsonl``, ``articles/``).
        blind: A blind set: ``intent/``, ``retrieval/``, ``extraction/``, ``pictures/``, or some of them.
        out: Where to write; a suite without blind data gets no folder.
    """
    for folder in sorted(path for path in blind.iterdir() if path.is_dir()):
        shutil.copytree(folder, out / folder.name, dirs_exist_ok=True)
    if (out / "intent").is_dir():
        shutil.copyfile(shop / "utterances.jsonl", out / "intent" / "train.jsonl")
    if not (out / "retrieval").is_dir():
        return
    articles = [read_article(p.read_text(encoding="utf-8"), p.name) for p in sorted((shop / "articles").glob("*.md"))]
    _write(out / "retrieval" / "corpus.jsonl", (_corpus_row(article) for article in articles))


def _corpus_row(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "text": article.body,
        "questions": list(article.questions),
        "meta": {
            "kind": article.kind,
            "products": list(article.products),
            "regions": list(article.regions),
            "audience": article.audience,
            "effective_from": article.effective_from.isoformat(),
            "effective_to": article.effective_to.isoformat() if article.effective_to else None,
            "version": article.version,
        },
    }


def _write(path: Path, rows: Iterable[dict[str, object]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_folders(*map(Path, sys.argv[1:4]))
