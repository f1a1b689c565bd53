"""What bench/compare makes of its rounds: intervals, the table, and the plot."""

import importlib.machinery
import importlib.util
import pathlib
import random
import sys
import tempfile
import unittest
import xml.etree.ElementTree

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))
from ratio_plot import plot
from ratio_statistics import Ratio, median_interval, quantile


class StatisticsTest(unittest.TestCase):
    def test_quantiles_lie_between_the_values(self):
        self.assertEqual([quantile([3, 1, 2], share) for share in (0, 0.5, 0.75, 1)], [1, 2, 2.5, 3])

    def test_the_interval_of_equal_values_is_that_value(self):
        self.assertEqual(median_interval([2.5] * 15), (2.5, 2.5))

    def test_the_same_values_have_the_same_interval(self):
        values = [random.Random(3).gauss(1, 0.1) for _ in range(15)]
        self.assertEqual(median_interval(values), median_interval(values))

    def test_the_interval_holds_the_true_median_as_often_as_it_says(self):
        source, inside = random.Random(5), 0
        for _ in range(300):
            low, high = median_interval([source.gauss(1, 0.1) for _ in range(15)], resamples=300)
            inside += low <= 1 <= high
        self.assertGreater(inside / 300, 0.84)
        self.assertLess(inside / 300, 0.98)

    def test_ratios_are_taken_within_rounds(self):
        ratio = Ratio([2, 20, 200], [1, 10, 100])  # A machine that changes its speed.
        self.assertEqual((ratio.median, ratio.low, ratio.high), (2, 2, 2))
        self.assertTrue(ratio.differs())
        self.assertEqual(ratio.text(), "2.00 (2.00 to 2.00)")

    def test_noise_is_shown_as_noise(self):
        ours = [random.Random(7).gauss(1, 0.1) for _ in range(15)]
        ratio = Ratio(ours[1:] + ours[:1], ours)
        self.assertFalse(ratio.differs())
        self.assertIn("no difference shown", ratio.text())

    def test_rounds_that_only_one_took_part_in_are_an_error(self):
        with self.assertRaises(ValueError):
            Ratio([1, 2], [1])


def load_compare():
    loader = importlib.machinery.SourceFileLoader("compare", str(BENCH / "compare"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("compare", loader))
    loader.exec_module(module)
    return module


class ReportTest(unittest.TestCase):
    RESULTS = {"seen": {"fanout": {"wscast": [4, 5], "ws": [8, 10]},
                        "idle": {"wscast-redis": [1000, 1000], "socket.io": [14000, 14000]}},
               "rounds": 2, "clients": 1000, "missing": ["nats"],
               "conditions": {"cores": 2, "processor": "a CPU", "kernel": "Linux", "before": "1.0", "after": "2.0"}}

    def setUp(self):
        self.compare = load_compare()

    def test_each_stands_beside_the_wscast_that_does_as_much(self):
        rows = self.compare.table(self.RESULTS).splitlines()[2:]
        self.assertEqual(rows[0], "| fan-out to 1,000, 64 bytes | wscast | 4.50 µs | - |")
        self.assertEqual(rows[1], "| fan-out to 1,000, 64 bytes | ws on Node | 9.00 µs | 2.00 (2.00 to 2.00) |")
        self.assertTrue(rows[3].startswith("| 2,000 idle clients | Socket.IO"))
        self.assertTrue(rows[3].endswith("| 14,000 bytes | 14.00 (14.00 to 14.00), beside wscast with Redis |"))

    def test_what_was_missing_is_named(self):
        self.assertIn("Left out, since it was not installed: nats-server.", self.compare.report(self.RESULTS))

    def test_writing_replaces_what_was_written_before(self):
        with tempfile.TemporaryDirectory() as folder:
            document = self.compare.DOCUMENT = pathlib.Path(folder) / "page.md"
            self.compare.PICTURE = pathlib.Path(folder) / "page.svg"
            document.write_text(f"above\n{self.compare.BEGIN}\nold\n{self.compare.END}\nbelow\n")
            self.compare.write(self.RESULTS)
            once = document.read_text()
            self.compare.write(self.RESULTS)
            self.assertEqual(document.read_text(), once)
            self.assertTrue(once.startswith("above\n") and once.endswith("\nbelow\n") and "old" not in once)
            self.assertIn("<svg", self.compare.PICTURE.read_text())

    def test_the_order_rotates(self):
        self.assertEqual([self.compare.rotated(["a", "b", "c"], number) for number in range(4)],
                         [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["a", "b", "c"]])


class PlotTest(unittest.TestCase):
    GROUPS = [("fan-out <1,000>", [("ws & Node", Ratio([2] * 5, [1] * 5)), ("floor", Ratio([9, 11], [10, 10]))])]

    def test_is_xml_with_every_name(self):
        root = xml.etree.ElementTree.fromstring(plot("title", self.GROUPS))
        words = [node.text for node in root.iter() if node.tag.endswith("text")]
        for expected in ("fan-out <1,000>", "ws & Node", "floor", "2.00", "?"):
            self.assertIn(expected, words)

    def test_points_stand_by_their_ratio(self):
        root = xml.etree.ElementTree.fromstring(plot("title", self.GROUPS))
        twice, same = [float(node.get("cx")) for node in root.iter() if node.tag.endswith("circle")]
        self.assertGreater(twice, same)
        self.assertLess(twice, float(root.get("viewBox").split()[2]))


if __name__ == "__main__":
    unittest.main()
