# `make run` sets up and starts the program; `make test` sets up and runs every test.

CARGO ?= cargo
# What the system must have on Debian and its kin: to build (ALSA headers, a C compiler), and to speak and hear
# without a network (espeak-ng, PocketSphinx with its American English model).
DEBIAN := build-essential pkg-config libasound2-dev espeak-ng pocketsphinx pocketsphinx-en-us
INTEROP := target/interop
RIG := target/rig/venv
# What `make rig` needs besides: a sound server, ALSA's way to it, and a terminal to run in.
RIG_DEBIAN := pulseaudio pulseaudio-utils libasound2-plugins tmux sox

# Voices for `make accuracy`.
VOICES_DEBIAN := flite festival festvox-us-slt-hts festvox-kallpc16k

.PHONY: run test lint setup interop interop-servers accuracy sentences rig faults dialogue bench screenshots clean

run: setup
	@echo "Building; the first time takes some minutes."
	@$(CARGO) build --release --locked
	@./target/release/realtime-cli $(ARGS)

test: setup
	$(CARGO) test --locked

lint:
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items --quiet

bench:
	$(CARGO) bench --locked

# Installs what is missing, or says what is. $(ALSO): Debian packages besides.
setup:
	@command -v $(CARGO) >/dev/null 2>&1 || { \
	  echo "Rust is missing: install it with rustup (1.91.1 or newer), then run make again." >&2; exit 1; }
	@if command -v dpkg-query >/dev/null 2>&1; then \
	  missing=""; for p in $(DEBIAN) $(ALSO); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	  if [ -n "$$missing" ]; then \
	    echo "Installing$$missing"; \
	    sudo=""; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	    $$sudo apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	  fi; \
	elif ! command -v espeak-ng >/dev/null 2>&1; then \
	  echo "Not a Debian system. Install with your package manager: a C compiler, pkg-config, the ALSA headers" >&2; \
	  echo "(Linux only; Fedora: alsa-lib-devel, Arch: alsa-lib), espeak-ng, and PocketSphinx with its en-us model." >&2; \
	  echo "macOS: brew install espeak-ng cmu-pocketsphinx. Speech in and out without a network needs the last two." >&2; \
	fi

# Unmodified SDKs for Python (3.11 or newer) and Node (20 or newer) against our server. Needs a network once, to fetch
# them.
interop: setup
	$(CARGO) build --locked
	@command -v npm >/dev/null 2>&1 || { echo "Node is missing: install version 20 or newer, with npm." >&2; exit 1; }
	for venv in python beta; do test -x $(INTEROP)/$$venv/bin/python || python3 -m venv $(INTEROP)/$$venv; done
	$(INTEROP)/python/bin/pip install --quiet --disable-pip-version-check \
	  'openai[realtime]==3.52.0' 'openai-agents==0.24.0'
	$(INTEROP)/beta/bin/pip install --quiet --disable-pip-version-check 'openai[realtime]==1.109.1'
	mkdir -p $(INTEROP)/node && cp tests/interop/package.json $(INTEROP)/node/
	npm install --prefix $(INTEROP)/node --silent --no-audit --no-fund --no-package-lock
	python3 tests/interop/interop.py target/debug/realtime-cli $(INTEROP)

# The program against servers of others: @copilotkit/aimock, and Hugging Face's speech-to-speech with small engines in
# place of its models. Needs Python 3.11 or newer, Node 20 or newer, and a network once.
interop-servers: setup
	$(CARGO) build --locked
	@command -v npm >/dev/null 2>&1 || { echo "Node is missing: install version 20 or newer, with npm." >&2; exit 1; }
	test -x $(INTEROP)/speech/bin/python || python3 -m venv $(INTEROP)/speech
	$(INTEROP)/speech/bin/pip install --quiet --disable-pip-version-check -r tests/interop/hugging_face.txt
	$(INTEROP)/speech/bin/pip install --quiet --disable-pip-version-check --no-deps 'speech-to-speech==1.1.0'
	mkdir -p $(INTEROP)/mock
	npm install --prefix $(INTEROP)/mock --silent --no-audit --no-fund --no-package-lock @copilotkit/aimock@1.43.0
	python3 tests/interop/servers.py target/debug/realtime-cli $(INTEROP)

# How well the offline ears understand commands, in quiet and in noise: writes docs/recognition.md. With
# VOICES='flite/slt' NOISES='clean pink/10' EVERY=2 less of it.
accuracy: ALSO := $(VOICES_DEBIAN)
accuracy: setup
	WRITE=docs/recognition.md $(CARGO) test --locked --lib -- --ignored --nocapture evaluation::table

# The release program on a virtual sound card, figures beside bars; see tests/rig/README.md. Half an hour, or with
# ARGS=--quick eight minutes. Needs a network once, to fetch three Python packages.
rig: ALSO := $(RIG_DEBIAN)
rig: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'psutil>=5.9' 'websockets>=14'
	$(RIG)/bin/python tests/rig/rig.py $(ARGS)
	$(RIG)/bin/python tests/rig/clients.py target/release/realtime-cli

# The five sentences and forty paraphrases of them, spoken to the offline engine: writes docs/sentences.md.
sentences: ALSO := flite
sentences: setup
	$(CARGO) build --release --locked
	python3 tests/rig/sentences.py target/release/realtime-cli --out docs/sentences.md $(ARGS)

# Two minutes of spoken conversation with the offline engine, as docs/dialogue.md has them.
dialogue: ALSO := $(RIG_DEBIAN) flite
dialogue: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'psutil>=5.9' 'websockets>=14'
	$(RIG)/bin/python tests/rig/dialogue.py $(ARGS)

# Eight faults of a network at five moments of a conversation, with the release program: writes docs/faults.md.
faults: ALSO := openssl
faults: setup
	$(CARGO) build --release --locked
	python3 tests/rig/faults.py target/release/realtime-cli --out docs/faults.md $(ARGS)

# The pictures of the README: the release program on a virtual sound card, in a conversation with its offline engine.
screenshots: ALSO := $(RIG_DEBIAN) fonts-dejavu-core
screenshots: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'pillow>=11'
	$(RIG)/bin/python tests/screenshots/screenshots.py $(ARGS)

clean:
	$(CARGO) clean
