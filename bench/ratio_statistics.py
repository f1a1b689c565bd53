"""What rounds of a comparison say: medians, and how far chance may have moved them."""

import random
import statistics

SHARE = 0.9
RESAMPLES = 5_000


def quantile(values, share):
    ordered = sorted(values)
    position = share * (len(ordered) - 1)
    low = int(position)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (position - low)


def median_interval(values, resamples=RESAMPLES, seed=1):
    """The bootstrap interval of the median: what it would be in 90 of 100 repetitions, as far as the values tell.

    Of the same values always the same.
    """
    source = random.Random(seed)
    medians = [statistics.median(source.choices(values, k=len(values))) for _ in range(resamples)]
    return quantile(medians, (1 - SHARE) / 2), quantile(medians, (1 + SHARE) / 2)


class Ratio:
    """A peer beside wscast, in rounds that both took part in: 2 is twice as much as wscast."""

    def __init__(self, theirs, ours):
        ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
        self.median = statistics.median(ratios)
        self.low, self.high = median_interval(ratios)

    def differs(self):
        return not self.low <= 1 <= self.high

    def text(self):
        if not self.differs():
            return f"no difference shown ({self.low:.2f} to {self.high:.2f})"
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"
