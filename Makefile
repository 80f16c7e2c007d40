# make demo: set up and watch a network train · make test: set up and run everything · make bench: measure

PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NODE_INSTALLED := node_modules/.installed
CHROMIUM := /usr/bin/chromium
PORT ?= 8000

.PHONY: demo serve test lessons lint crash bench screenshot docs clean

demo: $(INSTALLED)
	$(RUN)/livefit demo --port $(PORT)

serve: $(INSTALLED)
	$(RUN)/livefit serve --port $(PORT)

# most tests wait for processes more than they compute: three files at a time, also on two cores
AT_ONCE ?= 3
test: $(INSTALLED) $(NODE_INSTALLED) $(CHROMIUM)
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/python -m pytest --numprocesses $(AT_ONCE) --dist loadfile --no-loadscope-reorder --durations 20 $(TESTS)

# trains every lesson on the data that come along, and prints what landed; REFERENCE=1 takes the data of the sources
lessons: $(INSTALLED)
	$(RUN)/livefit lesson run --all $(if $(REFERENCE),--reference)

lint: $(INSTALLED)
	$(RUN)/ruff check --fix .
	$(RUN)/ruff format .

# kills trainers, servers and both, CYCLES times, and checks what is left; a failed cycle says how to go through it alone
CYCLES ?= 60
SEED ?= 1
crash: $(INSTALLED)
	$(RUN)/python -m tests.crash --cycles $(CYCLES) --seed $(SEED)

bench: $(INSTALLED) $(CHROMIUM)
	$(RUN)/python -m benchmarks

screenshot: $(INSTALLED) $(CHROMIUM)
	$(RUN)/python docs/take_screenshot.py

docs: $(INSTALLED)
	$(RUN)/python docs/generate_components.py
	$(RUN)/python docs/generate_protocol.py
	$(RUN)/python docs/generate_diagnosis.py

# torch first and by its exact version: a range would take the newest build with gigabytes of CUDA
$(INSTALLED): pyproject.toml
	test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(RUN)/python -m pip install --quiet "$$(sed -n 's/^ *"\(torch==[^"]*\)",/\1/p' pyproject.toml)"
	$(RUN)/python -m pip install --quiet --editable . --group dev
	touch $(INSTALLED)

$(NODE_INSTALLED): package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $(NODE_INSTALLED)

$(CHROMIUM):
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk

clean:
	rm -rf $(VENV) node_modules build dist
