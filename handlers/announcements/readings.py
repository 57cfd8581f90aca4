"""An announcement as its readers see it, loaded once for many of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot.cards import Card
from handlers.announcements import cards, poll_cards
from models.announcements.polls import Results, polls_of, results
from models.announcements.questions import faq_count
from models.announcements.tables import Announcement, Ballot, Poll
from models.announcements.texts import best, in_words, wordings
from models.files import files_of


class Reading:
    """Everything that stands on the cards of an announcement."""

    def __init__(self, session: Session, announcement: Announcement) -> None:
        self._announcement = announcement
        self._wordings = wordings(session, announcement)
        self._polls = polls_of(session, announcement.id)
        self._session = session
        self._outcomes: dict[int, Results] = {}
        self._picture = next((file for file in files_of(session, announcement) if file.is_picture), None)
        self._answered = faq_count(session, announcement)

    def language(self, locale: str) -> str:
        """The language of what somebody who reads ``locale`` gets."""
        return best(self._wordings, self._announcement, locale).language

    def card(
        self,
        locale: str,
        said: cards.Standing = cards.NOTHING,
        reminder: bool = False,
        ballots: Sequence[Ballot] = (),
    ) -> Card:
        """What they see, who cast ``ballots`` in its polls."""
        cast = {each.poll_id: each for each in ballots}
        wording = best(self._wordings, self._announcement, locale)
        polls = [in_words(poll, wording) for poll in self._polls]
        voted = {poll.id: poll_cards.voted(poll, cast[poll.id], self._outcome(poll))
                 for poll in polls if poll.id in cast}  # fmt: skip
        return cards.reader(self._announcement, wording, locale=locale, said=said, polls=polls,
                            picture=self._picture, answered=self._answered, reminder=reminder, voted=voted)  # fmt: skip

    def _outcome(self, poll: Poll) -> Results | None:
        """What was chosen, where its readers may see that: counted once, and only if somebody is to see it."""
        if poll.open and poll.id not in self._outcomes:
            self._outcomes[poll.id] = results(self._session, poll)
        return self._outcomes.get(poll.id)

    def recalled(self, locale: str) -> Card:
        """What they see when it was taken back."""
        return cards.recalled(self._announcement, best(self._wordings, self._announcement, locale))
