"""A sound card of the rig's own: a private PulseAudio in a temporary directory.

Sink `spk` is the speaker, `spk.monitor` what comes out of it. What is played into sink `micin` comes out of
source `mic`, the microphone; `micin.monitor` is what the microphone hears: also a faint noise, as nothing but zeros
comes from no real microphone. Sink `plain` is for sounds that have no part in it. ALSA's `default` is led to the card.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time

import numpy as np

RATE = 48000
# A null sink without a low-latency client renders two seconds ahead. Two loopbacks into a third sink hold it here.
PIN_MS = 12

ASOUND = """</usr/share/alsa/alsa.conf>
pcm.!default { type pulse hint { show on description "the rig's card" } }
ctl.!default { type pulse }
"""

SETUP = """load-module module-native-protocol-unix auth-anonymous=1 socket={socket}
load-module module-null-sink sink_name=spk rate={rate} channels=2 format=s16le
load-module module-null-sink sink_name=micin rate={rate} channels=1 format=s16le
load-module module-remap-source master=micin.monitor source_name=mic
load-module module-null-sink sink_name=plain rate={rate} channels=1 format=s16le
load-module module-null-sink sink_name=pin rate={rate} channels=1 format=s16le
load-module module-loopback source=spk.monitor sink=pin latency_msec={pin} adjust_time=0 source_dont_move=true sink_dont_move=true
load-module module-loopback source=micin.monitor sink=pin latency_msec={pin} adjust_time=0 source_dont_move=true sink_dont_move=true
set-default-sink spk
set-default-source mic
"""


class CannotMeasure(Exception):
    """The rig itself failed; nothing is said about the program."""


class Card:
    """Use it as a context manager: leaving it ends the server and removes its directory."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="rig-card-")
        self.process = None
        self.noise = None
        for part in ("state", "config"):
            os.mkdir(os.path.join(self.dir, part))
        self._write("asound.conf", ASOUND)
        self._write("setup.pa", SETUP.format(socket=self._path("native"), rate=RATE, pin=PIN_MS))
        noise = np.random.default_rng(1).normal(0, 10, RATE * 4)
        with open(self._path("noise.raw"), "wb") as file:
            file.write(np.round(noise).astype("<i2").tobytes())
        # Else a client that finds no server starts one by itself, and recovery measures that.
        self._write("client.conf", "autospawn = no\nenable-shm = no\n")

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill(signal.SIGTERM)
        shutil.rmtree(self.dir, ignore_errors=True)

    @property
    def env(self):
        """The environment in which a program finds this card and no other."""
        env = {k: v for k, v in os.environ.items() if k not in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "PULSE_SINK")}
        env.update(
            HOME=self.dir,
            XDG_RUNTIME_DIR=self.dir,
            PULSE_RUNTIME_PATH=self.dir,
            PULSE_STATE_PATH=self._path("state"),
            PULSE_CONFIG_PATH=self._path("config"),
            PULSE_COOKIE=self._path("cookie"),
            PULSE_CLIENTCONFIG=self._path("client.conf"),
            PULSE_SERVER="unix:" + self._path("native"),
            ALSA_CONFIG_PATH=self._path("asound.conf"),
        )
        return env

    def start(self):
        """Starts the server, also again after `kill`. Returns when it has all its devices."""
        if os.path.exists(self._path("native")):
            os.unlink(self._path("native"))
        command = ["pulseaudio", "-n", "-F", self._path("setup.pa"), "--daemonize=no", "--exit-idle-time=-1"]
        command += ["--use-pid-file=no", "--disable-shm=yes", "--log-target=newfile:" + self._path("log")]
        self.process = subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + 10
        while time.monotonic() < until and self.process.poll() is None:
            listed = self._pactl("list", "short", "source-outputs", check=False)
            if len(listed.splitlines()) >= 2 and "mic" in self._pactl("list", "short", "sources", check=False):
                self._hiss()
                return
            time.sleep(0.02)
        raise CannotMeasure("PulseAudio did not come up")

    def _hiss(self):
        """White noise of −70 dBFS at the microphone for as long as the server lives."""
        command = f"while cat {self._path('noise.raw')}; do :; done | pacat --playback --device=micin --rate={RATE}"
        self.noise = subprocess.Popen(
            ["sh", "-c", command + " --channels=1 --format=s16le --raw --latency-msec=500"], env=self.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )

    def kill(self, number=signal.SIGKILL):
        if self.noise is not None:
            os.killpg(self.noise.pid, signal.SIGKILL)
            self.noise.wait()
            self.noise = None
        if self.process is None:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def play(self, path, sink="micin"):
        """Starts to play a WAV file of the card's rate; when it sounds is told by a recording, not by this."""
        return subprocess.Popen(
            ["paplay", "--device=" + sink, "--latency-msec=100", path], env=self.env,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )

    def echo(self, delay_ms, gain_db):
        """Leads the speaker back into the microphone."""
        arguments = ["source=spk.monitor", "sink=micin", f"latency_msec={delay_ms}", "adjust_time=0"]
        loop = self._pactl("load-module", "module-loopback", *arguments).strip()
        until = time.monotonic() + 5
        while time.monotonic() < until:
            index = None
            for line in self._pactl("list", "sink-inputs").splitlines():
                if line.startswith("Sink Input #"):
                    index = line.split("#")[1]
                if line.strip() == f"Owner Module: {loop}":
                    self._pactl("set-sink-input-volume", index, f"{gain_db}dB")
                    return
            time.sleep(0.05)
        raise CannotMeasure("the echo's loopback did not come up")

    def _pactl(self, *arguments, check=True):
        done = subprocess.run(["pactl", *arguments], env=self.env, capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise CannotMeasure(f"pactl {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout if done.returncode == 0 else ""

    def _path(self, name):
        return os.path.join(self.dir, name)

    def _write(self, name, text):
        with open(self._path(name), "w", encoding="utf-8") as file:
            file.write(text)
