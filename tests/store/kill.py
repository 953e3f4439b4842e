"""Kills programs that write tasks, and looks whether anything that they had acknowledged is missing.

    python3 tests/store/kill.py target/debug/realtime-cli [kills]

Run by hand. A program that adds a task has acknowledged it when it has ended with exit code 0. Each is killed with
SIGKILL after a random time, so that some are caught in the middle. Then two programs at once add 500 tasks each, and
none may be refused. At last all tasks are counted, and the database is asked whether it is whole. Prints figures; the
exit code is 1 where something is wrong.
"""

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time


def add(program, home, title):
    command = [program, "tasks", "add", title]
    env = {**os.environ, "REALTIME_CLI_HOME": home}
    return subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def listed(program, home):
    env = {**os.environ, "REALTIME_CLI_HOME": home}
    output = subprocess.run([program, "tasks", "list", "--json"], env=env, check=True, capture_output=True).stdout
    return {task["title"] for task in json.loads(output)}


def database(home):
    return os.path.join(home, "data", "taskchampion.sqlite3")


def is_whole(home):
    connection = sqlite3.connect(database(home))
    answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    return answer == "ok"


def typical_seconds(program, home):
    began = time.monotonic()
    for number in range(5):
        add(program, home, f"warm-up {number}").wait()
    return (time.monotonic() - began) / 5


def kill_many(program, home, kills):
    seconds = typical_seconds(program, home)
    acknowledged, killed, broken = set(), 0, 0
    for number in range(kills):
        title = f"task {number}"
        process = add(program, home, title)
        try:
            process.wait(timeout=random.uniform(0, 1.6 * seconds))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += process.wait() != 0
        process.stderr.close()
        if process.returncode == 0:
            acknowledged.add(title)
        # Asking opens the database and so recovers it: only now and then, or it would hide what comes of many kills.
        if number % 50 == 49:
            broken += not is_whole(home)
    missing = acknowledged - listed(program, home)
    print(f"kills: {kills} programs, {killed} killed, {len(acknowledged)} acknowledged, {len(missing)} missing, "
          f"{broken} times not whole")
    return not missing and not broken and is_whole(home)


def write_at_once(program, home, each):
    refused = []

    def write(name):
        for number in range(each):
            process = add(program, home, f"{name} {number}")
            error = process.communicate()[1]
            if process.returncode != 0:
                refused.append(error.decode(errors="replace"))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("left", "right")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    titles = listed(program, home)
    missing = [f"{name} {n}" for name in ("left", "right") for n in range(each) if f"{name} {n}" not in titles]
    print(f"two at once: 2 x {each}, {len(refused)} refused, {len(missing)} missing")
    for error in refused[:3]:
        print(error)
    return not refused and not missing


def main():
    program = os.path.abspath(sys.argv[1])
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    each = int(sys.argv[3]) if len(sys.argv) > 3 else 500
    with tempfile.TemporaryDirectory() as home:
        good = kill_many(program, home, kills)
        good &= write_at_once(program, home, each)
        good &= is_whole(home)
        print("good" if good else "BAD")
        return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
