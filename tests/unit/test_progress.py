"""What a user sees of a long step: a bar on a terminal, lines in a log, nothing of a quick step."""

import io
import itertools
import logging

import pytest

from curvae.runtime import progress as module
from curvae.runtime.progress import pace, progress
from curvae.runtime.rows import pieces


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _log(caplog):
    caplog.set_level(logging.INFO)


def test_the_pieces_come_out_as_they_went_in_and_a_quick_step_says_nothing(caplog, capsys, monkeypatch):
    for pieces_in in (list(pieces(10, 4)), list(zip(pieces(10, 4), "abc", strict=True))):
        assert list(progress(pieces_in, 10, "cutting", "rows")) == pieces_in
    monkeypatch.setattr("sys.stderr", terminal := Terminal())
    list(progress(pieces(1000, 1), 1000, "cutting", "rows"))
    assert (caplog.messages, capsys.readouterr().err, terminal.getvalue()) == ([], "", "")


def test_a_log_gets_a_line_at_intervals_and_not_for_every_piece(caplog, monkeypatch):
    clock = itertools.count(step=10.0)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    list(progress(pieces(8000, 1000), 8000, "cutting", "rows"))
    list(progress(range(4), 4, "fitting", "steps"))  # what is no slice counts as one
    assert caplog.messages == [
        "cutting: 37 % of 8,000 rows, 100 rows/s, 00:50 left",
        "cutting: 75 % of 8,000 rows, 100 rows/s, 00:20 left",
        "fitting: 75 % of 4 steps, 0.10 steps/s, 00:10 left",
    ]
    assert pace(2, 8, 600.0, "epochs") == "12 epochs/h, 30:00 left"
    assert pace(100_000, 400_000, 10.0, "curves") == "10.0k curves/s, 00:30 left"
