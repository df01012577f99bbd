"""What is as it should be, and what is not."""

import sys

passed, failed = 0, []


def check(what, found, wanted):
    global passed
    if found == wanted:
        passed += 1
    else:
        failed.append(f"{what}: {found!r}, not {wanted!r}")


def end():
    print("\n".join([*failed, f"{passed} passed, {len(failed)} failed"]))
    sys.exit(1 if failed else 0)
