"""What is said to people and programs where a webhook cannot be as they want it."""

from __future__ import annotations

from bot import filled
from bot.cards import T
from bot.router import Router

SENTENCES = {
    **filled.SENTENCES,
    "hook_address": T("I cannot read that as an address. Write it as https://example.com/path."),
    "hook_address_open": T("The address must begin with https://, so that nobody listens on the way."),
    "hook_address_inside": T(
        "That address leads inside the company's network. Whoever runs Agora can allow its host in the settings."),
    "hooks_most": T("There are {most} webhooks already. Remove one that is not needed any more.", most=0),
    "hook_off": T("{name} is turned off. Turn it on first.", name=""),
    "hook_nobody": T("I know nobody called {names}. Give the handle or the e-mail address of each.", names=""),
    "hook_no_task": T("There is no such task, or this webhook may not see it."),
    "hook_cannot_ask": T("{name} cannot ask others for tasks. Name an employee.", name=""),
    "admins_only": T("Only administrators can do that. Ask one of them."),
}  # fmt: skip


def register(router: Router) -> None:
    """Let ``router`` say them."""
    router.refusal(**SENTENCES)
