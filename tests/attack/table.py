"""What the attacks came to, as a table."""

import sys
import time


class Table:
    """Rows of attacks; `failed` counts what must not be."""

    def __init__(self):
        self.rows, self.failures, self.before = [], [], None

    def section(self, title):
        print(f"\n== {title}", flush=True)
        self.began = time.monotonic()

    def add(self, attack, tried, errors=0, let_in=0, limit="", scans=None, note=""):
        """One attack: what was tried, 5xx, let in, the limit that met it, and how scans fared meanwhile."""
        undisturbed = ""
        if scans is not None and self.before is not None and scans.count:
            ratio = scans.p99 / max(self.before.p99, 0.001)
            undisturbed = f"{scans.count} scans, p99 {scans.p99 * 1000:.0f} ms, x{ratio:.1f}"
            self.check(f"{attack}: scans go on", scans.lost == 0, f"{scans.lost} of {scans.count} were not answered")
            # Generous: the machine is shared, the build is a debug build, and the attacker runs on the same cores.
            self.check(f"{attack}: scans are prompt", scans.p99 < 5, f"p99 {scans.p99:.2f} s")
        row = [attack, str(tried), str(errors), str(let_in), limit, undisturbed, note]
        self.rows.append(row)
        print("   " + " | ".join(filter(None, [attack, f"{tried} tried", f"{errors} 5xx", f"{let_in} let in", limit, undisturbed, note])), flush=True)
        self.check(f"{attack}: no 5xx", errors == 0, f"{errors} answers with 5xx")
        self.check(f"{attack}: nobody is let in", let_in == 0, f"{let_in} let in")

    def check(self, what, holds, why=""):
        """Something that must hold."""
        if not holds:
            self.failures.append(f"{what}: {why}")
            print(f"   FAILED {what}: {why}", flush=True)
        return holds

    def print(self):
        head = ["attack", "tried", "5xx", "let in", "limit met", "scans meanwhile", ""]
        widths = [max(len(row[n]) for row in [head, *self.rows]) for n in range(len(head))]
        line = "  ".join("-" * width for width in widths)
        print()
        for row in [head, None, *self.rows]:
            print(line if row is None else "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
        tried, errors, let_in = (sum(int(row[n]) for row in self.rows) for n in (1, 2, 3))
        print(line)
        print(f"requests and other tries: {tried}   5xx: {errors}   let in: {let_in}   failed: {len(self.failures)}")
        for failure in self.failures:
            print(f"FAILED {failure}")
        sys.stdout.flush()
