"""Other people's tools against the daemon: schemathesis by the API's description, testssl.sh, wapiti."""

import glob
import json
import re
import shutil
import subprocess
import sys

from room import REPOSITORY, SCOPES

SCRATCH = REPOSITORY / "target/attack"
SCHEMATHESIS = "4.32.5"
WAPITI = "wapiti3==3.2.3"
GRAVE = {"MEDIUM", "HIGH", "CRITICAL"}
# What wapiti reports that is so by design, each with its reason.
KNOWN = {
    "HTTP Secure Headers": "the room is on a loopback address without TLS, where Strict-Transport-Security would mean nothing",
    "Secure Flag cookie": "wapiti's own cookie jar",
    "HttpOnly Flag cookie": "wapiti's own cookie jar",
    "Unencrypted Channels": "the room is on a loopback address; off loopback the daemon refuses to start without TLS",
}


def installed(name, wanted):
    """A program of PyPI, installed where nothing else is; None if it cannot be had."""
    home = SCRATCH / name
    program = home / "bin" / name
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=False, capture_output=True)
        subprocess.run([home / "bin/pip", "install", "-q", wanted], check=False, capture_output=True)
    return program if program.exists() else None


def api(room, table, load, seed, is_long):
    """Every operation of the description, by a token of each scope and by one of all of them."""
    table.section(f"schemathesis {SCHEMATHESIS} by the API's description")
    program = installed("schemathesis", f"schemathesis=={SCHEMATHESIS}")
    if not table.check("schemathesis: it is there", program is not None, "it cannot be installed"):
        return
    everything = room.token(",".join(SCOPES))
    wanted = [("all scopes", everything, 100 if is_long else 6), *((scope, room.people[f"token:{scope}"], 20 if is_long else 1) for scope in SCOPES)]
    for name, person, examples in wanted:
        load.take()
        command = [program, "run", f"{room.base}/api/v1/openapi.json", "--header", f"Authorization: Bearer {person.token}", "--max-examples", str(examples), "--seed", str(seed),
                   "--checks", "not_a_server_error", "--phases", "coverage,fuzzing" if name == "all scopes" else "fuzzing", "--exclude-path", "/api/v1/changes", "--workers", "1", "--no-color", "--continue-on-failure",
                   # Two workers of one process trip over each other in its own code. On a busy machine making examples is slow, which says nothing of the daemon.
                   "--suppress-health-check", "all"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=SCRATCH, timeout=1800)
        said = done.stdout + done.stderr
        cases = sum(int(count.replace(",", "")) for count in re.findall(r"([\d,]+) generated", said)) or sum(map(int, re.findall(r"(\d+) test cases", said)))
        broken = len(set(re.findall(r"^_+ ((?:GET|POST) \S+)", said, re.M))) if "Server error" in said else 0
        if done.returncode != 0:
            (SCRATCH / "schemathesis.log").write_text(said)
            table.check(f"schemathesis, {name}", False, said[-1500:])
        operations = re.search(r"Selected: \d+/\d+", said)
        table.add(f"API by a token of {name}", cases, broken, 0, "", load.take(), f"operations {operations.group(0)}" if operations else "")


def version(command, pattern):
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    return found.group(1) if found else "?"


def testssl(room, table):
    """A TLS daemon of its own."""
    table.section("testssl.sh")
    program = shutil.which("testssl") or shutil.which("testssl.sh")
    if program is None:
        print("   testssl.sh is not installed here and cannot be: not run")
        table.add("testssl.sh: not installed, not run", 0)
        return
    made = version([program, "--version"], r"testssl\S*\s+(?:version )?(\d[\w.]+)")
    report = SCRATCH / "testssl.json"
    report.unlink(missing_ok=True)
    command = [program, "--quiet", "--fast", "-p", "-S", "-P", "-s", "-f", "-U", "-h", "--ip", "127.0.0.1", "--nodns", "none", "--warnings", "batch", "--jsonfile", report, f"localhost:{room.port}"]
    subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if not table.check("testssl.sh: it reported", report.exists(), "no report"):
        return
    found = json.loads(report.read_text())
    # Trust in the certificate is the site's: this one signed itself a moment ago.
    own = ("cert_", "security_headers", "engine_problem", "scanProblem", "DNS_CAArecord", "OCSP", "certs_")
    grave = [row for row in found if row["severity"] in GRAVE and not row["id"].startswith(own) and "certificate" not in row["id"].lower()]
    for row in grave:
        table.check(f"testssl.sh: {row['id']}", False, f"{row['severity']}: {row['finding']}")
    table.check("testssl.sh: it looked at enough", len(found) > 30, f"{len(found)}")
    table.add(f"testssl.sh {made}", len(found), 0, 0, "", None, f"{len(grave)} findings above low")


def wapiti(room, table, is_long):
    """Pages as a clerk sees them."""
    table.section("wapiti")
    # Debian 12's does not start with its own Python.
    program = installed("wapiti", WAPITI)
    if program is None:
        print("   wapiti is not installed here and cannot be: not run")
        table.add("wapiti: not installed, not run", 0)
        return
    made = version([program, "--version"], r"(\d+\.\d+\.\d+)")
    report = SCRATCH / "wapiti.json"
    report.unlink(missing_ok=True)
    name, value = room.people["supervisor"].cookie.split("=", 1)
    command = [program, "-u", f"{room.base}/", "--scope", "folder", "-m", "xss,permanentxss,sql,csrf,http_headers,cookieflags,csp,exec,file,crlf,redirect,ssrf,methods,htaccess,backup" if is_long else "xss,sql,http_headers,csp,exec,file,crlf,redirect",
               "-H", f"Cookie: {name}={value}", "-x", f"{room.base}/sign-out", "-x", f"{room.base}/account/end-others", "--max-scan-time", "1200" if is_long else "60", "--max-attack-time", "300" if is_long else "12", "-d", "4", "--max-links-per-page", "40",
               "--max-files-per-dir", "30", "--flush-session", "--no-bugreport", "-f", "json", "-o", report, "-v", "0", "--verify-ssl", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600, cwd=SCRATCH)
    if not table.check("wapiti: it reported", report.exists(), (done.stdout + done.stderr)[-500:]):
        return
    found = json.loads(report.read_text())
    rows = [(kind, row) for kinds in ("vulnerabilities", "anomalies") for kind, all_of in found[kinds].items() for row in all_of]
    grave = [(kind, row) for kind, row in rows if row["level"] > 1 and kind not in KNOWN]
    for kind, row in grave[:20]:
        table.check(f"wapiti: {kind}", False, f"{row['method']} {row['path'][:80]} {row.get('parameter')}: {row['info'][:160]}")
    crawled = found["infos"].get("crawled_pages_nbr", "?")
    table.add(f"wapiti {made}", int(crawled) if str(crawled).isdigit() else 0, 0, 0, "", None, f"{len(rows)} findings, {len(grave)} above low and not by design, pages {crawled}")
