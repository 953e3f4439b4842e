"""What we export, Taskwarrior's `task import` takes, and the other way round, with all fields.

    python3 tests/store/taskwarrior.py target/debug/realtime-cli

Needs `task` (of version 2 or 3). Run by hand. Exit code 1 where something is lost.
"""

import json
import os
import subprocess
import sys
import tempfile

FIELDS = ["description", "status", "entry", "due", "wait", "scheduled", "until", "start", "end", "priority", "project",
          "tags", "depends", "annotations", "recur", "parent", "remind", "reminded", "tracked", "estimate"]


def ours(program, home, *words):
    env = {**os.environ, "REALTIME_CLI_HOME": home, "TZ": "UTC"}
    return subprocess.run([program, "tasks", *words], env=env, check=True, capture_output=True, text=True).stdout


def theirs(folder, *words, **more):
    rc = os.path.join(folder, "taskrc")
    if not os.path.exists(rc):
        with open(rc, "w") as file:
            file.write(f"data.location={folder}\nconfirmation=no\nrecurrence=no\ngc=no\nhooks=no\n"
                       "uda.remind.type=date\nuda.reminded.type=date\nuda.tracked.type=string\nuda.estimate.type=string\n")
    env = {**os.environ, "TASKRC": rc, "TASKDATA": folder, "TZ": "UTC"}
    done = subprocess.run(["task", "rc.verbose=nothing", *words], env=env, capture_output=True, text=True, **more)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def normal(task):
    """Dependencies and tags have no order; older versions write dependencies as one text."""
    plain = {name: task[name] for name in FIELDS if name in task}
    if isinstance(plain.get("depends"), str):
        plain["depends"] = plain["depends"].split(",")
    for name in ("depends", "tags"):
        if name in plain:
            plain[name] = sorted(plain[name])
    # It had a status of its own once, which follows from `wait`.
    if plain.get("status") == "waiting":
        plain["status"] = "pending"
    return plain


def compare(what, before, after):
    good = True
    after = {task["uuid"]: normal(task) for task in after}
    for task in before:
        was, now = normal(task), after.get(task["uuid"], {})
        for name in sorted(set(was) | set(now)):
            if was.get(name) != now.get(name):
                good = False
                print(f"BAD {what}: {name} of {task['description']!r}: {was.get(name)!r} became {now.get(name)!r}")
    print(f"{'ok ' if good else 'BAD'} {what}: {len(before)} tasks")
    return good and len(before) == len(after)


def from_us(program, folder):
    home, file = os.path.join(folder, "home"), os.path.join(folder, "ours.json")
    ours(program, home, "add", "buy \"milk\", \\ and ü 🎉", "--due", "2030-05-01 09:00", "--priority", "high", "--project",
         "home.garden", "--tag", "shop", "--tag", "food", "--note", "two bottles", "--remind", "10 minutes before")
    ours(program, home, "add", "paint", "--depends", "1", "--wait", "2030-01-01", "--scheduled", "2030-02-01", "--until",
         "2031-01-01")
    ours(program, home, "add", "water", "--repeat", "every monday at 9")
    ours(program, home, "add", "pay rent")
    ours(program, home, "start", "4")
    ours(program, home, "stop", "4")
    ours(program, home, "done", "4")
    ours(program, home, "start", "1")
    ours(program, home, "export", file)
    before = json.load(open(file))
    theirs(folder, "import", file)
    return compare("from us to Taskwarrior", before, json.loads(theirs(folder, "export")))


def from_them(program, folder):
    home, file = os.path.join(folder, "home"), os.path.join(folder, "theirs.json")
    theirs(folder, "add", "call mom", "due:2030-01-01T01:00", "project:family", "priority:L", "+phone", "estimate:PT1H",
           "scheduled:2029-12-01", "until:2033-01-01")
    theirs(folder, "1", "annotate", "about sunday: \"9\"")
    theirs(folder, "add", "wash", "due:2030-01-01", "recur:weekly")
    theirs(folder, "add", "later", "wait:2030-01-01", "depends:1")
    theirs(folder, "add", "done")
    theirs(folder, "4", "done")
    theirs(folder, "1", "start")
    before = json.loads(theirs(folder, "export"))
    with open(file, "w") as out:
        json.dump(before, out)
    ours(program, home, "import", file)
    after = json.loads(ours(program, home, "export", "--format", "taskwarrior"))
    good = compare("from Taskwarrior to us", before, after)
    again = json.loads(ours(program, home, "import", file, "--json"))
    unchanged = again["unchanged"] == len(before)
    print(f"{'ok ' if unchanged else 'BAD'} imported again: {again}")
    return good and unchanged


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        good = from_us(program, one)
        good &= from_them(program, two)
        print("good" if good else "BAD")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
