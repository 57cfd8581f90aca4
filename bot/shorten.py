"""Long texts on little room."""

from __future__ import annotations


def shortened(text: str, limit: int = 160) -> str:
    """``text`` on at most ``limit`` characters, ended at a sentence or a word."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    sentence = max(head.rfind(mark) for mark in (". ", "! ", "? ", "؟ ", "\n"))
    cut = sentence + 1 if sentence > limit // 2 else max(head.rfind(" "), limit // 2)
    kept = head[:cut].rstrip()
    return kept + ("\n…" if kept.endswith("|") else " …")  # the line of a table must end as it does, or it is none
