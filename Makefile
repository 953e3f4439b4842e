# `make run` sets up and starts the program; `make test` sets up and runs every test.

CARGO ?= cargo
# What the system must have on Debian and its kin: to build (ALSA headers, a C compiler), and to speak and hear
# without a network (espeak-ng, PocketSphinx with its American English model).
DEBIAN := build-essential pkg-config libasound2-dev espeak-ng pocketsphinx pocketsphinx-en-us
INTEROP := target/interop
RIG := target/rig/venv
# What `make rig` needs besides: a sound server, ALSA's way to it, and a terminal to run in.
RIG_DEBIAN := pulseaudio pulseaudio-utils libasound2-plugins tmux sox

.PHONY: run test lint setup interop rig dialogue bench screenshots clean

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

# The official Python SDK against our server. Needs a network once, to fetch the SDK.
interop: setup
	$(CARGO) build --locked
	test -x $(INTEROP)/bin/python || python3 -m venv $(INTEROP)
	$(INTEROP)/bin/pip install --quiet --disable-pip-version-check 'openai[realtime]==3.52.0'
	$(INTEROP)/bin/python tests/interop/openai_sdk.py target/debug/realtime-cli

# The release program on a virtual sound card, figures beside bars; see tests/rig/README.md. Half an hour, or with
# ARGS=--quick eight minutes. Needs a network once, to fetch three Python packages.
rig: ALSO := $(RIG_DEBIAN)
rig: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'psutil>=5.9' 'websockets>=14'
	$(RIG)/bin/python tests/rig/rig.py $(ARGS)

# Two minutes of spoken conversation with the offline engine, as docs/dialogue.md has them.
dialogue: ALSO := $(RIG_DEBIAN) flite
dialogue: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'psutil>=5.9' 'websockets>=14'
	$(RIG)/bin/python tests/rig/dialogue.py $(ARGS)

# The pictures of the README: the release program on a virtual sound card, in a conversation with its offline engine.
screenshots: ALSO := $(RIG_DEBIAN) fonts-dejavu-core
screenshots: setup
	$(CARGO) build --release --locked
	test -x $(RIG)/bin/python || python3 -m venv $(RIG)
	$(RIG)/bin/pip install --quiet --disable-pip-version-check 'numpy>=1.24' 'pillow>=11'
	$(RIG)/bin/python tests/screenshots/screenshots.py $(ARGS)

clean:
	$(CARGO) clean
