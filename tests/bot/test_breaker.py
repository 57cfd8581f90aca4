"""A circuit breaker: when it lets calls through."""

from bot.ai.breaker import CLOSED, FAILURES, LONGEST, OPEN, REST, TRYING, Breaker


class Clock:
    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def broken(clock: Clock) -> Breaker:
    breaker = Breaker(clock)
    for _ in range(FAILURES):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_a_success_forgets_the_failures_before_it():
    breaker = Breaker(Clock())
    for _ in range(3):
        for _ in range(FAILURES - 1):
            breaker.failed()
        breaker.succeeded()
    assert breaker.allows() and breaker.state == CLOSED


def test_many_failures_in_a_row_open_it():
    breaker = broken(Clock())
    assert not breaker.allows() and breaker.state == OPEN


def test_one_failure_that_says_enough_opens_it():
    breaker = Breaker(Clock())
    breaker.failed(hard=True)
    assert not breaker.allows()


def test_after_its_rest_one_call_tries_and_closes_it():
    clock = Clock()
    breaker = broken(clock)
    clock.time += REST + 0.1
    assert breaker.state == TRYING
    assert breaker.allows() and not breaker.allows(), "one at a time"
    breaker.succeeded()
    assert breaker.state == CLOSED and breaker.allows() and breaker.allows()


def test_a_trial_that_fails_doubles_the_rest_up_to_the_longest():
    clock = Clock()
    breaker = broken(clock)
    rest = REST
    for _ in range(8):
        clock.time += rest + 0.1
        assert breaker.allows()
        breaker.failed()
        rest = min(2 * rest, LONGEST)
        clock.time += rest - 1
        assert not breaker.allows()
        clock.time -= rest - 1
    assert rest == LONGEST


def test_who_tries_and_says_nothing_of_it_does_not_close_it_for_ever():
    clock = Clock()
    breaker = broken(clock)
    clock.time += REST + 0.1
    assert breaker.allows()
    clock.time += LONGEST + 1
    assert breaker.allows()
