"""Unmodified SDKs against `realtime-cli serve`: each completes a text, an audio and a function-call
turn.

usage: interop.py PATH-OF-REALTIME-CLI FOLDER

FOLDER has the SDKs, as `make interop` installs them. Prints a line for every turn; exits with 1 when one failed.
"""

import asyncio
import os
import shutil
import ssl
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TLS = os.path.join(HERE, "../tls")
SPEECH = os.path.join(HERE, "../../assets/demo/buy-groceries.wav")
PATIENCE_S = 120

# What it is, with which of the folder's programs it runs, and how many turns it has: text, audio, function, and for two
# of them a session that only transcribes.
CLIENTS = (
    ("openai for Python", "python/bin/python", "openai_python.py", 4),
    ("openai for Node", "node", "openai_node.mjs", 4),
    ("openai-agents for Python", "python/bin/python", "agents_python.py", 3),
    ("agents-realtime for Node", "node", "agents_node.mjs", 3),
    ("openai for Python, beta", "beta/bin/python", "openai_python_beta.py", 3),
)


def start_server(binary):
    """Starts it on a free port. Returns its process, address and token."""
    process = subprocess.Popen([binary, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True)
    told = {}
    for line in process.stdout:
        key, _, value = line.strip().partition(": ")
        told[key] = value
        if "url" in told and "token" in told:
            return process, told["url"], told["token"]
    raise SystemExit("the server did not print its url and token")


async def start_front(url):
    """TLS before the server, for those who speak nothing else. Returns its port."""
    port = int(url.split(":")[2].split("/")[0])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(os.path.join(TLS, "good.pem"), os.path.join(TLS, "server.key"))

    async def copy(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def join(reader, writer):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, inner_writer), copy(inner_reader, writer))

    front = await asyncio.start_server(join, "127.0.0.1", 0, ssl=context)
    return front, front.sockets[0].getsockname()[1]


async def run_client(name, program, script, turns, folder, env):
    """Runs one client. Returns how many of its turns passed."""
    if program == "node":
        # Node looks for packages beside the script.
        shutil.copy(os.path.join(HERE, script), os.path.join(folder, "node"))
        command = ["node", os.path.join(folder, "node", script)]
    else:
        command = [os.path.join(folder, program), os.path.join(HERE, script)]
    client = await asyncio.create_subprocess_exec(
        *command, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    passed, rest = 0, []
    try:
        async with asyncio.timeout(PATIENCE_S):
            async for line in client.stdout:
                line = line.decode(errors="replace").rstrip()
                if line.startswith("ok "):
                    passed += 1
                    print(f"passed: {name}: {line[3:]}", flush=True)
                else:
                    rest.append(line)
            code = await client.wait()
    except TimeoutError:
        client.kill()
        code = f"none after {PATIENCE_S} s"
    if passed < turns or code != 0:
        print(f"failed: {name}: {passed} of {turns} turns, exit code {code}", *rest[-40:], sep="\n  ")
        passed = min(passed, turns - 1)
    return passed


async def main(binary, folder):
    process, url, token = start_server(binary)
    front, port = await start_front(url)
    env = os.environ | {
        "REALTIME_URL": url,
        "REALTIME_TLS_URL": f"https://127.0.0.1:{port}/v1",
        "NODE_EXTRA_CA_CERTS": os.path.join(TLS, "ca.pem"),
        "REALTIME_TOKEN": token,
        "REALTIME_SPEECH": SPEECH,
        "PYTHONUNBUFFERED": "1",
        "OPENAI_AGENTS_DISABLE_TRACING": "1",
    }
    passed = 0
    try:
        for client in CLIENTS:
            passed += await run_client(*client, folder, env)
    finally:
        front.close()
        process.terminate()
        process.wait(10)
    failed = sum(turns for *_, turns in CLIENTS) - passed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(asyncio.run(main(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))))
