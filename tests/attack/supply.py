"""Libraries: licences, what is barred, where they come from; and advisories, if a copy of them is given."""

import os
import shutil
import subprocess

from room import REPOSITORY

OWN = REPOSITORY / "target/attack/deny"
PATIENCE_S = 1200


def cargo_deny(builds):
    """The program: the system's, or one that is built once below target, which takes minutes; None if there is none."""
    if found := shutil.which("cargo-deny"):
        return found
    own = OWN / "bin/cargo-deny"
    if builds and not own.exists():
        environment = {**os.environ, "CARGO_TARGET_DIR": str(OWN.with_name("deny-build"))}
        command = ["cargo", "install", "--quiet", "--locked", "cargo-deny", "--root", str(OWN)]
        try:
            subprocess.run(command, check=False, capture_output=True, cwd="/", env=environment, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            pass
    return str(own) if own.exists() else None


def run(table, builds):
    table.section("Libraries")
    program = cargo_deny(builds)
    if program is None:
        print("   cargo-deny is not installed: not run; `tests/attack/run supply` builds it, in some minutes")
        table.add("cargo deny: not installed, not run", 0)
        return
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout.split()[-1]
    checks = ["licenses", "bans", "sources"]
    configuration = REPOSITORY / ".cargo/deny.toml"
    copy = os.environ.get("ADVISORIES")
    if copy:
        checks.append("advisories")
        given = configuration.read_text() + f'\n[advisories]\ndb-path = "{copy}"\n'
        configuration = OWN.with_name("deny.toml")
        configuration.write_text(given)
    for check in checks:
        # `cargo deny check …`: advisories are never fetched.
        command = [program, "--manifest-path", str(REPOSITORY / "Cargo.toml"), "--locked", "--log-level", "error", "--config", str(configuration), "check"]
        command += ["--hide-inclusion-graph", *(["--disable-fetch"] if check == "advisories" else []), check]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        table.check(f"cargo deny: {check}", done.returncode == 0, (done.stdout + done.stderr)[-1500:])
    table.add(f"cargo deny {version}", len(checks), 0, 0, ".cargo/deny.toml", None, ", ".join(checks) + ("" if copy else "; no copy of the advisories was given"))
