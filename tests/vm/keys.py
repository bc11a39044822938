"""What a keyboard's USB reports say: HID usages of the US layout, and the LEDs."""

CAPS, SCROLL = 0x02, 0x04
"""Bits of the LED report."""

BLANK = bytes(8)
"""The report that says: no key is down."""

MODIFIERS = {"ctrl": 0x01, "shift": 0x02, "alt": 0x04}
NAMED = {"enter": 0x28, "caps": 0x39, "keypad-enter": 0x58, "]": 0x30}
KEYPAD = {digit: 0x62 if digit == "0" else 0x58 + int(digit) for digit in "0123456789"}

PLAIN = {letter: 0x04 + n for n, letter in enumerate("abcdefghijklmnopqrstuvwxyz")}
PLAIN |= {digit: 0x1E + n for n, digit in enumerate("1234567890")}
PLAIN |= {"\n": 0x28, " ": 0x2C} | dict(zip("-=[]\\", range(0x2D, 0x32))) | dict(zip(";'`,./", range(0x33, 0x39)))
SHIFTED = {letter.upper(): PLAIN[letter] for letter in "abcdefghijklmnopqrstuvwxyz"}
SHIFTED |= {upper: PLAIN[lower] for upper, lower in zip('!@#$%^&*()_+{}|:"~<>?', "1234567890-=[]\\;'`,./")}


def report(modifiers=0, usage=0):
    return bytes([modifiers, 0, usage, 0, 0, 0, 0, 0])


def chord(*names):
    """The report of keys that are down together: modifiers, a named key, or "keypad-7"."""
    modifiers, usage = 0, 0
    for name in names:
        if name in MODIFIERS:
            modifiers |= MODIFIERS[name]
        elif name.startswith("keypad-") and name[-1].isdigit():
            usage = KEYPAD[name[-1]]
        else:
            usage = NAMED[name]
    return report(modifiers, usage)


def reports_for(text):
    """What a US keyboard sends for a text; characters that it has no key for go as Alt and their Windows number."""
    for character in text:
        if character in PLAIN:
            yield report(0, PLAIN[character]) + BLANK
        elif character in SHIFTED:
            yield report(0x02) + report(0x02, SHIFTED[character]) + report(0x02) + BLANK
        else:
            yield report(0x04)
            for digit in f"0{character.encode('cp1252')[0]:03d}":
                yield report(0x04, KEYPAD[digit]) + report(0x04)
            yield BLANK
