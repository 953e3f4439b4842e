"""`realtime-cli serve`, as the rig's programs use it."""

import subprocess


def start_server(binary, env=None):
    """Starts it on a free port. Returns its process, address and token."""
    process = subprocess.Popen([binary, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env=env)
    told = {}
    for line in process.stdout:
        key, _, value = line.strip().partition(": ")
        told[key] = value
        if "url" in told and "token" in told:
            return process, told["url"], told["token"]
    raise SystemExit("the server did not print its url and token")
