"""All attacks, one after the other, on rooms of their own; see `tests/attack/run`."""

import os
import subprocess
import sys
import tempfile
import time

import asvs
import barcode
import canary
import flood
import matrix
import session
import supply
import table as tables
import tools
from room import Load, Room

SECTIONS = {}


def section(function):
    """Makes a function a section that can be named."""
    SECTIONS[function.__name__.removesuffix("_section")] = function
    return function


def under_load(table, directory, work, **furnishing):
    """A room with its people, and clerks who scan; what scans take before anything is done."""
    room = Room(directory, **furnishing)
    room.serve()
    try:
        room.everybody()
        with Load(room) as load:
            time.sleep(1)
            load.take()
            time.sleep(4)
            table.before = load.take()
            print(f"   before: {table.before.count} scans, p50 {table.before.p50 * 1000:.0f} ms, p99 {table.before.p99 * 1000:.0f} ms")
            work(room, load)
        table.check("the log", not_raw(room), "raw control characters")
    finally:
        room.stop()


def not_raw(room):
    """No control character of an attacker's got into the log."""
    return not any(character < " " and character != "\n" or "\x7f" <= character <= "\x9f" for character in room.log())


@section
def matrix_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: matrix.run(room, table, load, seed, is_long))


@section
def flood_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: flood.run(room, table, load, is_long), more=flood.LIMITS)


@section
def canary_section(table, directory, seed, is_long):
    secret, key = age_key(directory)
    program = canary.Program()
    settings = program.settings(directory, key)
    room = Room(directory, canary.PATIENTS, more=settings, log_level="trace")
    try:
        canary.run(room, table, secret, key, program, is_long)
        table.check("the log", not_raw(room), "raw control characters")
    finally:
        room.stop()


@section
def session_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: session.run(room, table))


@section
def browser_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: session.run_browser(room, table))


@section
def barcode_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: barcode.run(room, table, load), log_level="trace")


@section
def api_section(table, directory, seed, is_long):
    under_load(table, directory, lambda room, load: tools.api(room, table, load, seed, is_long), log_level="debug")


@section
def tools_section(table, directory, seed, is_long):
    certificate, key = f"{directory}/certificate.pem", f"{directory}/key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost"]
    make += ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(make, check=True, capture_output=True)
    os.mkdir(f"{directory}/tls")
    room = Room(f"{directory}/tls", web=f'tls_certificate = "{certificate}"\ntls_key = "{key}"')
    room.serve()
    try:
        tools.testssl(room, table)
        table.check("testssl.sh: the daemon is alive", room.is_alive())
    finally:
        room.stop()
    os.mkdir(f"{directory}/plain")
    under_load(table, f"{directory}/plain", lambda room, load: tools.wapiti(room, table, is_long))


@section
def asvs_section(table, directory, seed, is_long):
    asvs.run(table)


@section
def supply_section(table, directory, seed, is_long):
    # Named, or in the long run: it takes minutes to build.
    supply.run(table, is_long or "supply" in sys.argv)


def age_key(directory):
    """A key pair as `age-keygen` makes it: its file, and the public key."""
    file = f"{directory}/key"
    made = subprocess.run(["age-keygen", "-o", file], capture_output=True, text=True, check=True)
    return file, made.stderr.split()[-1]


def main():
    arguments = sys.argv[1:]
    is_long = "long" in arguments
    wanted = [name for name in arguments if name != "long"] or list(SECTIONS)
    unknown = set(wanted) - set(SECTIONS)
    if unknown:
        sys.exit(f"no section {' '.join(sorted(unknown))}; there are {' '.join(SECTIONS)}")
    seed = int(os.environ.get("SEED", "7"))
    table = tables.Table()
    began = time.monotonic()
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="attack-") as directory:
            SECTIONS[name](table, directory, seed, is_long)
    table.print()
    print(f"seed {seed}, {time.monotonic() - began:.0f} s")
    sys.exit(1 if table.failures else 0)


if __name__ == "__main__":
    main()
