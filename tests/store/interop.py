"""What we write, TaskChampion's own Python package reads, and the other way round, with all fields.

    python3 -m venv target/store && target/store/bin/pip install taskchampion-py
    target/store/bin/python tests/store/interop.py target/debug/realtime-cli

Run by hand. Exit code 1 where something is lost.
"""

import json
import os
import subprocess
import sys
import tempfile
import uuid
from datetime import datetime, timezone

from taskchampion import Operations, Replica, Status


def run(program, home, *words):
    env = {**os.environ, "REALTIME_CLI_HOME": home, "TZ": "UTC"}
    return subprocess.run([program, "tasks", *words], env=env, check=True, capture_output=True, text=True).stdout


def check(what, is_value, should_be):
    good = is_value == should_be
    print(f"{'ok ' if good else 'BAD'} {what}: {is_value!r}" + ("" if good else f", not {should_be!r}"))
    return good


def replica(home):
    return Replica.new_on_disk(os.path.join(home, "data"), True)


def read_ours(program, home):
    run(program, home, "add", "buy groceries", "--due", "2030-05-01 09:00", "--priority", "high", "--project", "home",
        "--tag", "shop", "--tag", "food")
    task = next(iter(replica(home).all_tasks().values()))
    due = datetime(2030, 5, 1, 9, tzinfo=timezone.utc)
    return all([
        check("title", task.get_description(), "buy groceries"),
        check("status", task.get_status(), Status.Pending),
        check("due", task.get_due(), due),
        check("priority", task.get_priority(), "H"),
        check("project", task.get_value("project"), "home"),
        check("tags", sorted(str(tag) for tag in task.get_tags() if tag.is_user()), ["food", "shop"]),
        check("has a number", replica(home).working_set().by_index(1), task.get_uuid()),
        check("has an undo point", len(replica(home).get_undo_operations()) > 1, True),
    ])


def write_theirs(program, home):
    store, operations = replica(home), Operations()
    name = str(uuid.uuid4())
    task = store.create_task(name, operations)
    other = next(iter(store.all_tasks()))
    values = {
        "status": "pending", "description": "call mom", "entry": "1893456000", "due": "1893459600", "wait": "1800000000",
        "scheduled": "1800000001", "until": "1993456000", "start": "1893456001", "priority": "L", "project": "family",
        "tag_phone": "", "annotation_1893456002": "about sunday", f"dep_{other}": "x", "estimate": "PT1H",
        "remind": "1893459000",
    }
    for key, value in values.items():
        task.set_value(key, value, operations)
    store.commit_operations(operations)
    del store
    listed = json.loads(run(program, home, "list", "--all", "--json"))
    ours = next(task for task in listed if task["uuid"] == name)
    expected = {
        "title": "call mom", "status": "pending", "entry": "2030-01-01T00:00:00Z", "due": "2030-01-01T01:00:00Z",
        "wait": "2027-01-15T08:00:00Z", "scheduled": "2027-01-15T08:00:01Z", "until": "2033-03-03T09:46:40Z",
        "start": "2030-01-01T00:00:01Z", "priority": "low", "project": "family", "tags": ["phone"],
        "notes": [{"time": "2030-01-01T00:00:02Z", "text": "about sunday"}], "depends": [other],
        "others": {"estimate": "PT1H"}, "remind": "2030-01-01T00:50:00Z",
    }
    good = all([check(key, ours.get(key), value) for key, value in expected.items()])
    run(program, home, "done", name)
    task = replica(home).get_task(name)
    good &= check("completed", task.get_status(), Status.Completed)
    good &= check("attribute kept", task.get_value("estimate"), "PT1H")
    run(program, home, "undo")
    good &= check("undone", replica(home).get_task(name).get_status(), Status.Pending)
    return good


def main():
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as home:
        good = read_ours(program, home)
        good &= write_theirs(program, home)
        print("good" if good else "BAD")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
