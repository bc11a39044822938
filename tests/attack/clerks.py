"""Clerks who go on scanning whatever happens to the pages: a program of its own, so that the attacker's work is not counted as
the daemon's. `python3 clerks.py LABELS FD…` scans at each pseudo-terminal and prints seconds and the answer's byte."""

import os
import select
import sys
import threading
import time

PAUSE_S = 0.05
PATIENCE_S = 30


def scan(master, code, patience=PATIENCE_S):
    """Sends a code and waits for its answer: seconds, and the answer's byte; None if there was none."""
    began = time.monotonic()
    os.write(master, code + b"\r")
    if not select.select([master], [], [], patience)[0]:
        return time.monotonic() - began, None
    return time.monotonic() - began, os.read(master, 1)[0]


def clerk(master, labels, turn):
    while True:
        took, answer = scan(master, labels[turn % len(labels)])
        # One write is one line for the reader, whoever else writes.
        os.write(1, f"{took:.6f} {answer}\n".encode())
        turn += 1
        time.sleep(PAUSE_S)


def main():
    labels = open(sys.argv[1], "rb").read().split()
    masters = [int(number) for number in sys.argv[2:]]
    for number, master in enumerate(masters):
        turn = number * len(labels) // len(masters)
        threading.Thread(target=clerk, args=(master, labels, turn), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
