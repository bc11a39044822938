"""What was checked and what was measured: printed line by line, and as a table at the end."""

import statistics
import time


def rounded(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


class Report:
    def __init__(self):
        self.begun = time.monotonic()
        self.scenario = ""
        self.passed = 0
        self.failed = []
        self.said = []
        self.figures = {}
        self.durations = []

    def elapsed(self):
        return time.monotonic() - self.begun

    def say(self, line):
        self.said.append(line)
        print(f"[{self.elapsed():6.1f} s] {line}", flush=True)

    def check(self, what, is_good, seen=""):
        """Notes whether something held; goes on if it did not."""
        if is_good:
            self.passed += 1
            self.say(f"ok      {self.scenario}: {what}")
        else:
            self.failed.append(f"{self.scenario}: {what}")
            self.say(f"FAILED  {self.scenario}: {what}: {seen}")

    def equal(self, what, seen, wanted):
        self.check(what, seen == wanted, f"{seen!r}, wanted {wanted!r}")

    def figure(self, who, what, *seconds):
        """Notes how long something took."""
        self.figures.setdefault((who, what), []).extend(seconds)

    def lines(self, boots):
        """The report's lines: figures, scenarios, failures, and the whole."""
        yield f"{'figures, in emulation':42}{'times':>6}{'median':>10}{'most':>10}"
        rows = ({("guest", "power on to shell"): boots} if boots else {}) | self.figures
        for (who, what), seconds in rows.items():
            median, most = rounded(statistics.median(seconds)), rounded(max(seconds))
            yield f"{who + ': ' + what:42}{len(seconds):6}{median:>10}{most:>10}"
        yield ""
        for name, seconds, is_good in self.durations:
            yield f"{name:42}{'ok' if is_good else 'FAILED':>6}{seconds:>8.1f} s"
        yield from (f"FAILED  {what}" for what in self.failed)
        counts = f"{self.passed} checks passed, {len(self.failed)} failed, {len(boots)} boots"
        yield f"{counts}, {self.elapsed():.0f} s in all"
