"""What a user sees of a long step: a bar on a terminal, lines in a log, nothing of a quick step."""

import io
import itertools
import logging

import pytest

from rotcurves import progress as module
from rotcurves.files import pieces
from rotcurves.progress import pace, progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    """Function that sets how many seconds pass between two looks at the clock."""

    def passes(seconds):
        times = itertools.count(step=seconds)
        monkeypatch.setattr(module.time, "monotonic", lambda: next(times))

    return passes


def test_the_pieces_come_out_as_they_went_in():
    assert list(progress(pieces(10, 4), 10, "cutting", "rows")) == list(pieces(10, 4))
    numbered = list(zip(pieces(10, 4), "abc", strict=True))
    assert list(progress(numbered, 10, "cutting", "rows")) == numbered


def test_pieces_that_are_no_slices_count_as_one_each(caplog, clock):
    caplog.set_level(logging.INFO)
    clock(10.0)
    assert list(progress(range(4), 4, "fitting", "steps")) == [0, 1, 2, 3]
    assert caplog.messages == ["fitting: 75 % of 4 steps, 0.10 steps/s, 00:10 left"]


def test_a_quick_step_says_nothing(caplog, capsys, monkeypatch):
    caplog.set_level(logging.INFO)
    list(progress(pieces(1000, 1), 1000, "cutting", "rows"))
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    list(progress(pieces(1000, 1), 1000, "cutting", "rows"))
    assert (caplog.messages, capsys.readouterr().err, terminal.getvalue()) == ([], "", "")


def test_a_log_gets_a_line_at_intervals_and_not_for_every_piece(caplog, clock):
    caplog.set_level(logging.INFO)
    clock(10.0)
    list(progress(pieces(8000, 1000), 8000, "cutting", "rows"))
    assert caplog.messages == [
        "cutting: 37 % of 8,000 rows, 100 rows/s, 00:50 left",
        "cutting: 75 % of 8,000 rows, 100 rows/s, 00:20 left",
    ]


def test_a_terminal_gets_a_bar_with_rate_and_time_left_and_no_lines(caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(module, "QUIET", 0.0)
    monkeypatch.setattr(module, "INTERVAL", 0.0)
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    list(progress(pieces(8000, 1000), 8000, "cutting", "rows"))
    last = terminal.getvalue().split("\r")[-1]
    assert last.startswith("cutting: 100%")
    assert "8.00k/8.00k" in last
    assert "rows/s" in last
    assert caplog.messages == []


def test_pace_tells_the_rate_and_the_time_left():
    assert pace(2, 8, 4.0, "epochs") == "0.50 epochs/s, 00:12 left"
    assert pace(2, 8, 600.0, "epochs") == "12 epochs/h, 30:00 left"
    assert pace(100_000, 400_000, 10.0, "curves") == "10.0k curves/s, 00:30 left"
