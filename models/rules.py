"""What each relation to a thing allows: the whole of who may do what.

A *relation* is how a person stands to a thing: their roles and kind (``admin``, ``employee``), and what the thing
says of them (``asker``, ``owner``, ``reader``). ``models.access`` tells how somebody stands;
``tests/models/test_access.py`` is the table.
"""

from __future__ import annotations

RULES: dict[str, dict[str, frozenset[str]]] = {
    "entry": {
        "read": frozenset({"reader", "owner", "author", "topic owner", "asked", "steward"}),
        "write": frozenset({"employee"}),
        "publish": frozenset({"topic owner", "expert", "admin"}),
        "edit": frozenset({"owner", "topic owner", "asked", "steward", "drafter"}),
        "verify": frozenset({"owner", "topic owner", "asked", "steward"}),
        "refuse": frozenset({"topic owner", "asked", "steward"}),
        "retire": frozenset({"owner", "topic owner", "asked", "steward"}),
        "restore": frozenset({"owner", "topic owner", "steward"}),
        "read older": frozenset({"owner", "topic owner", "asked"}),
    },
    "topic": {
        "follow": frozenset({"employee", "guest"}),
    },
    "question": {
        "ask": frozenset({"employee", "guest", "mask"}),
        "read": frozenset({"asker", "asked", "reader", "wearer", "announcer"}),
        "solve": frozenset({"asker"}),
        "join": frozenset({"reader"}),
        "ask expert": frozenset({"asker"}),
        "withdraw": frozenset({"asker"}),
        "answer": frozenset({"asked", "reader", "announcer"}),
        "follow": frozenset({"asker", "asked", "reader"}),
        "reopen": frozenset({"asker"}),
        "merge": frozenset({"asker", "topic owner", "admin"}),
    },
    "answer": {
        "read": frozenset({"asker", "author", "reader", "wearer"}),
        "accept": frozenset({"asker"}),
        "vote": frozenset({"asker", "author", "reader"}),
        "comment": frozenset({"asker", "author", "reader"}),
        "edit": frozenset({"author"}),
        "share": frozenset({"asker"}),
    },
    "file": {
        "read": frozenset({"owner", "reader"}),
    },
    "offer": {
        "read": frozenset({"offered"}),
        "accept": frozenset({"offered"}),
        "decline": frozenset({"offered"}),
        "pass on": frozenset({"offered"}),
        "ask back": frozenset({"offered"}),
        "hand back": frozenset({"offered"}),
    },
    "place": {
        "read": frozenset({"member", "visitor"}),
        "post": frozenset({"member"}),
    },
    "announcement": {
        "write": frozenset({"employee"}),
        "read": frozenset({"reader", "author", "approver", "admin"}),
        "respond": frozenset({"reader"}),
        "edit": frozenset({"author", "approver", "admin"}),
        "approve": frozenset({"approver"}),
        "recall": frozenset({"author", "admin"}),
        "oversee": frozenset({"author", "approver", "admin"}),
    },
    "task": {
        "make": frozenset({"employee"}),
        "read": frozenset({"asker", "assignee", "reader"}),
        "answer": frozenset({"assignee"}),
        "edit": frozenset({"asker"}),
        "work": frozenset({"asker", "assignee"}),
        "comment": frozenset({"asker", "assignee", "reader"}),
    },
    "decision": {
        "begin": frozenset({"employee"}),
        "read": frozenset({"asker", "decider", "voice", "reader", "keeper"}),
        "vote": frozenset({"voice", "decider", "asker", "reader"}),
        "propose": frozenset({"asker", "decider", "voice", "reader"}),
        "decide": frozenset({"asker", "decider"}),
        "edit": frozenset({"asker", "decider", "keeper", "steward"}),
    },
    "company": {
        "administer": frozenset({"admin"}),
    },
}


READS_TOO = frozenset({("question", "merge")})
"""What only whoever may read the thing may do besides: power alone opens no closed thread."""
