"""Readings depend on their own text alone: not on the batch, not on the process."""

import json
import os
import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.feedback.text.reading import Reader

SAMPLES = ["房间很好", "屏幕太小", "late delivery and rude support", "部屋はきれい", "", "a", "价格便宜质量好", "the price",
           "送货速度很快,客服态度也好", "The battery died. Never again!"]  # fmt: skip
TEXTS = st.lists(st.sampled_from(SAMPLES) | st.text(max_size=30), max_size=10)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_a_reading_depends_on_its_text_alone(reader: Reader, texts: list[str]) -> None:
    assert reader.read(texts) == [reading for text in texts for reading in reader.read([text])]


def test_nobody_judges_what_nobody_understands(reader: Reader) -> None:
    (reading,) = reader.read(["部屋はとてもきれいでした"])
    assert (reading.language, reading.sentiment, reading.label, reading.phrases) == ("und", None, None, ())


def test_the_version_names_what_readings_depend_on(reader: Reader) -> None:
    assert all(name in reader.version for name in ("jieba", "scikit-learn", "snownlp", "vaderSentiment"))


READ_ELSEWHERE = """
import json, sys
from domain.feedback.text.reading import Reader
readings = Reader().read(json.load(sys.stdin))
print(json.dumps([[r.language, r.sentiment, r.label, r.phrases] for r in readings]))
"""


def test_another_process_reads_the_same(reader: Reader) -> None:
    """It trains anew, under another order of sets."""
    environment = {**os.environ, "PYTHONHASHSEED": "20241", "PYTHONPATH": os.pathsep.join(sys.path)}
    there = subprocess.run(
        [sys.executable, "-c", READ_ELSEWHERE],
        input=json.dumps(SAMPLES), capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    here = [[r.language, r.sentiment, r.label, list(r.phrases)] for r in reader.read(SAMPLES)]
    assert json.loads(there.stdout) == here
