"""What the unit keeps its daemon from: acts tried inside of it, and outside as an ordinary user and as root."""

PROBE = "/usr/local/bin/probe"

# The unit as it is, but for what it starts and when that has failed.
INSTEAD = f"""\
[Service]
Type=oneshot
ExecStart=
ExecStart={PROBE} /var/lib/outguide
StandardOutput=truncate:/run/probe.unit
WatchdogSec=0
Restart=no
"""

ACTS_MIN = 30
DONE = "done"


def outcomes(text):
    """What the probe printed: its acts' kinds, names and outcomes, in its order."""
    return [tuple(line.split("\t")) for line in text.splitlines()]


def try_acts(machine, unit):
    """Runs the probe in the unit, as an ordinary user in the unit's group, and as root outside of it."""
    drop_in = f"/run/systemd/system/{unit}.d"
    machine.sh(f"mkdir -p {drop_in}")
    machine.write(f"{drop_in}/probe.conf", INSTEAD)
    machine.sh(f"systemctl daemon-reload; systemctl start {unit}", 240)
    inside = machine.sh("cat /run/probe.unit")
    machine.sh(f"rm {drop_in}/probe.conf; systemctl daemon-reload")
    machine.sh("mkdir /tmp/user /root/own; chown 65534 /tmp/user")
    user = machine.sh(f"setpriv --reuid 65534 --regid 65534 --groups 20 {PROBE} /tmp/user", 240)
    root = machine.sh(f"{PROBE} /root/own", 240)
    return [outcomes(text) for text in (inside, user, root)]


def judge(report, inside, user, root):
    """Checks each act; returns how many count: forbidden, denied in the unit, and done by root."""
    names = [[act[:2] for act in column] for column in (inside, user, root)]
    report.check("all acts were tried everywhere", names[0] == names[1] == names[2], [len(column) for column in names])
    proven, beyond = [], []
    for (kind, act, seen), (_, _, by_user), (_, _, by_root) in zip(inside, user, root):
        row = f"{kind:10}{act:46} unit: {seen:16} a user: {by_user:16} root: {by_root}"
        broken = any(outcome.startswith("trouble") for outcome in (seen, by_user, by_root))
        is_denied = kind == "forbidden"
        report.check(row, (seen != DONE) == is_denied and not broken)
        if is_denied and seen != DONE and by_root == DONE:
            proven.append(act)
            beyond += [act] if by_user == DONE else []
        elif is_denied and by_root != DONE:
            report.say(f"        proves nothing, as root cannot do it either: {act}")
    total = sum(kind == "forbidden" for kind, _, _ in inside)
    counts = f"{len(proven)} of {total} forbidden acts denied that root can do, {len(beyond)} of them also any user"
    report.check(f"{counts}; at least {ACTS_MIN}", len(proven) >= ACTS_MIN)
