"""What the outbox gives, done on Slack, and found again there where no answer came."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.gateway import DELETE, EDIT, HOME, POST, UNFURL, Delivery, Throttled, Uncertain, Undeliverable
from bot.pacing import Pace
from bot.slack import limits
from bot.slack.clients import WAIT, Clients
from bot.slack.pictures import Pictures, forget
from bot.slack.reach import account_of, created_at, response_url, shown
from bot.slack.refusals import NO_TOKEN, BadBlocks, as_ours, code_of
from bot.slack.wire import ephemeral, is_ephemeral, is_user, outbox_id_of, outbox_metadata

_QUIET = {"unfurl_links": False, "unfurl_media": False}
_PAGE, _PAGES = 200, 10
_READY = 2000
_BEFORE = timedelta(minutes=1)  # clocks differ
_GONE = ("message_not_found", "channel_not_found")
_METHODS = {EDIT: "chat.update", DELETE: "chat.delete", HOME: "views.publish", UNFURL: "chat.unfurl"}


class Deliverer:
    """Delivers through Slack's Web API."""

    def __init__(self, clients: Clients, public_url: str) -> None:
        self._clients = clients
        self._public_url = public_url
        self._pictures = Pictures(clients)
        self._ready: dict[int, dict[str, Any]] = {}  # what is rendered, by the row of the outbox
        self._chats: dict[tuple[str, str], str] = {}  # the channels of people's own chats, once known

    def paces(self, delivery: Delivery) -> tuple[Pace, ...]:
        """One message a second in each channel, and so many calls of a method in a workspace."""
        method = _pace(delivery.installation, _method(delivery))
        channel = Pace(_key(delivery, delivery.conversation), limits.CHANNEL)
        return (channel, method) if delivery.operation == POST else (method,)

    def allows(self, installation: str, operation: str) -> Pace | None:
        """What the method takes in the workspace."""
        return _pace(installation, _METHODS.get(operation, "chat.postMessage"))

    async def prepare(self, delivery: Delivery) -> None:
        """Render it, so that what is sent is sent at once when its slot comes."""
        if delivery.card is None or delivery.operation == DELETE:
            return
        if len(self._ready) >= _READY:  # those that others sent in the end
            self._ready.clear()
        self._ready[delivery.outbox_id] = await self._said(delivery)

    async def deliver(self, delivery: Delivery) -> str:
        """Do it, and return the message's reference."""
        if delivery.operation == DELETE:
            return await self._delete(delivery)
        if delivery.card is None:
            raise Undeliverable("there is nothing to say")
        said = self._ready.pop(delivery.outbox_id, None)
        if said is None:
            said = await self._said(delivery)
        try:
            return await self._do(delivery, said)
        except BadBlocks:
            pictures = [each["slack_file"]["id"] for each in said.get("blocks", ()) if "slack_file" in each]
            if not pictures:
                raise
            await asyncio.to_thread(forget, delivery.installation, pictures)
            return await self._do(delivery, await asyncio.to_thread(shown, delivery, self._public_url, {}))

    async def stream(self, delivery: Delivery) -> float | None:
        """Change a message in place, in somebody's own chat. Seconds until the next change.

        Slack's own streams (chat.startStream) always are a message of their own: the answer would stand beside the card
        that it belongs to, and there would be a second one to remove when that is complete."""
        if not is_user(delivery.conversation) or is_ephemeral(delivery.reference):
            return None
        await self._edit(delivery, await self._said(delivery))
        return limits.STREAMED

    async def _said(self, delivery: Delivery) -> dict[str, Any]:
        pictures = await self._pictures.of(delivery) if delivery.operation in (POST, EDIT) else {}
        return await asyncio.to_thread(shown, delivery, self._public_url, pictures)

    async def _do(self, delivery: Delivery, said: Mapping[str, Any]) -> str:
        match delivery.operation:
            case "post":
                return await self._post(delivery, said)
            case "edit":
                return await self._edit(delivery, said)
            case "home":
                return await self._publish(delivery, said)
            case "unfurl":
                return await self._unfurl(delivery, said)
        raise Undeliverable(f"there is no {delivery.operation} on Slack")

    async def reconcile(self, delivery: Delivery) -> str | None:
        """The ``ts`` of the message that carries the number of this delivery."""
        if _is_ephemeral(delivery):
            raise Uncertain("Slack keeps no message that only one person sees")
        since = (await asyncio.to_thread(created_at, delivery)) - _BEFORE
        try:
            async for message in self._messages(delivery, f"{since.timestamp():.6f}"):
                if outbox_id_of(message) == delivery.outbox_id:
                    return str(message["ts"])
        except Undeliverable as reason:
            raise Uncertain(str(reason)) from reason
        return None

    async def _post(self, delivery: Delivery, said: Mapping[str, Any]) -> str:
        here = {**said, **_QUIET, **({"thread_ts": delivery.thread} if _is_ts(delivery.thread) else {})}
        if _is_ephemeral(delivery):
            answer = await self._call(delivery, "chat.postEphemeral", channel=delivery.conversation,
                                      user=delivery.only_for, **here)  # fmt: skip
            return ephemeral(str(answer["message_ts"]))
        here["metadata"] = outbox_metadata(delivery.outbox_id)
        own = (delivery.installation, delivery.conversation)
        answer = await self._call(delivery, "chat.postMessage", channel=self._chats.get(own, own[1]), **here)
        if is_user(delivery.conversation):
            self._chats[own] = str(answer["channel"])
        return str(answer["ts"])

    async def _edit(self, delivery: Delivery, said: Mapping[str, Any]) -> str:
        if is_ephemeral(delivery.reference):
            return await self._edit_ephemeral(delivery, said)
        channel = await self._channel(delivery)
        answer = await self._call(delivery, "chat.update", channel=channel, ts=delivery.reference, **said)
        return str(answer["ts"])

    async def _edit_ephemeral(self, delivery: Delivery, said: Mapping[str, Any]) -> str:
        """Slack changes it for who pressed on it, for a while; afterwards the person is told anew."""
        if await self._respond(delivery, {"replace_original": True, **said, **_QUIET}):
            return str(delivery.reference)
        person = await asyncio.to_thread(account_of, delivery)
        if person is None:
            raise Undeliverable("whoever saw this message has no account here any more")
        try:
            return await self._post(replace(delivery, only_for=person, reference=None), said)
        except Undeliverable:
            return await self._post(replace(delivery, conversation=person, thread=None, reference=None), said)

    async def _respond(self, delivery: Delivery, said: dict[str, Any]) -> bool:
        """Whether an address that Slack gave for this message still took it."""
        url = await asyncio.to_thread(response_url, delivery, str(delivery.reference).partition(":")[2])
        if url is None:
            return False
        client = AsyncWebhookClient(url, timeout=WAIT, session=self._clients.session)
        try:
            answer = await client.send_dict(said)
        except Exception as error:
            raise as_ours(error, "response_url", {}) from error
        if answer.status_code >= 500:
            raise Uncertain(f"response_url: Slack answered {answer.status_code}")
        if answer.status_code == 429:
            raise Throttled(1.0)
        return answer.status_code == 200

    async def _delete(self, delivery: Delivery) -> str:
        if is_ephemeral(delivery.reference):
            await self._respond(delivery, {"delete_original": True})  # else it goes by itself
            return str(delivery.reference)
        channel = await self._channel(delivery)
        await self._call(delivery, "chat.delete", _GONE, channel=channel, ts=delivery.reference)
        return str(delivery.reference)

    async def _publish(self, delivery: Delivery, view: Mapping[str, Any]) -> str:
        person = await asyncio.to_thread(account_of, delivery)
        answer = await self._call(delivery, "views.publish", user_id=person or delivery.conversation, view=view)
        return str((answer.get("view") or {}).get("id") or "home")

    async def _unfurl(self, delivery: Delivery, said: Mapping[str, Any]) -> str:
        channel = await self._channel(delivery)
        await self._call(delivery, "chat.unfurl", channel=channel, ts=delivery.reference,
                         unfurls={str(delivery.link): said})  # fmt: skip
        return str(delivery.reference)

    async def _messages(self, delivery: Delivery, oldest: str) -> AsyncIterator[Mapping[str, Any]]:
        """What was posted since where it would stand; ``Uncertain`` where that is too much to read."""
        asked: dict[str, Any] = {"channel": await self._channel(delivery), "oldest": oldest, "limit": _PAGE,
                                 "include_all_metadata": "true"}  # fmt: skip
        thread = delivery.thread if _is_ts(delivery.thread) else None
        method = "conversations.replies" if thread else "conversations.history"
        for _ in range(_PAGES):
            answer = await self._call(delivery, method, form={**asked, **({"ts": thread} if thread else {})})
            for message in answer.get("messages") or ():
                yield message
            asked["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not asked["cursor"]:
                return
        raise Uncertain("more was posted since than can be looked through")

    async def _channel(self, delivery: Delivery) -> str:
        """The channel of a conversation. Somebody's own chat has one that Slack tells."""
        if not is_user(delivery.conversation):
            return delivery.conversation
        own = (delivery.installation, delivery.conversation)
        if own not in self._chats:
            answer = await self._call(delivery, "conversations.open", users=delivery.conversation)
            self._chats[own] = str(answer["channel"]["id"])
        return self._chats[own]

    async def _call(
        self,
        delivery: Delivery,
        method: str,
        done: tuple[str, ...] = (),
        form: dict[str, Any] | None = None,
        **args: Any,
    ) -> Mapping[str, Any]:
        """Slack's answer; raises what the outbox knows. The errors in ``done`` mean that there is nothing to do."""
        client = await self._clients.of(delivery.installation)
        try:
            answer = await (client.api_call(method, data=form) if form else client.api_call(method, json=args))
        except Exception as error:
            if isinstance(error, SlackApiError) and code_of(error) in done:
                return {}
            if code_of(error) in NO_TOKEN:
                self._clients.forget(delivery.installation)
            paused = {"method": _key(delivery, method), "channel": _key(delivery, delivery.conversation)}
            raise as_ours(error, method, paused) from error
        return answer.data if isinstance(answer.data, dict) else {}


def _method(delivery: Delivery) -> str:
    return _METHODS.get(delivery.operation, "chat.postEphemeral" if _is_ephemeral(delivery) else "chat.postMessage")


def _pace(installation: str, method: str) -> Pace:
    return Pace(f"slack/{installation}/{method}", limits.METHODS[method], told=method not in limits.UNTOLD)


def _key(delivery: Delivery, what: str) -> str:
    return f"slack/{delivery.installation}/{what}"


def _is_ephemeral(delivery: Delivery) -> bool:
    """Whether it is for one of several who are there."""
    return delivery.only_for is not None and not is_user(delivery.conversation)


def _is_ts(reference: str | None) -> bool:
    return bool(reference) and not is_ephemeral(reference)
