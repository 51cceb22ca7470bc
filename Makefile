# How things are built; what there is to build is found in the tree (tools/build-rules), with which compiler and flags stands in
# config.mk (written by ./configure). Works with GNU make 4 and bmake.

all: programs

# How config.mk is made again; one that ./configure has written says with which choices.
CONFIGURE = ./configure

include config.mk
include programs.mk
# What most sources include, and what all unit tests include; each is compiled once for each compiler.
STANDARD = tools/standard.h
TEST_STANDARD = tests/unit/standard.h
PRELUDE = tests/unit/prelude.h
# Anew at each start of make, so that files and folders may come and go.
BUILD_RULES != tools/build-rules '$(SYSTEM_LOGIN)' '$(IDNA)'
include ./rules.mk

.SUFFIXES:
.SUFFIXES: .list .cxx .cc .o .sano .testo .fuzzo .sh

.cc.o:
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -include $(STANDARD) -MMD -MP -c $< -o $@

# The unit tests, and what they link, are compiled several sources at a time (tools/build-rules); each keeps its name in messages.
.list.cxx:
	rm -f $@
	for source in $$(cat $<); do echo "#line 1 \"$$source\""; cat "$$source"; done >$@

# Objects for the unit tests: with address and undefined-behaviour sanitizers.
.cxx.sano:
	$(TEST_CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) $(TEST_WARNINGS) -include $(TEST_STANDARD) -MMD -MP -MF $@.d -c $< -o $@

# The unit tests themselves.
.cxx.testo:
	$(TEST_CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) -include $(PRELUDE) -MMD -MP -MF $@.d -c $< -o $@

# With the system's headers as dependencies, since they are of no use after those have changed.
$(STANDARD).gch: $(STANDARD) config.mk
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MD -MP -MF $@.d -x c++-header $(STANDARD) -o $@
$(TEST_STANDARD).gch: $(TEST_STANDARD) $(STANDARD) config.mk
	$(TEST_CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) $(PRELUDE_FLAGS) -MD -MP -MF $@.d -x c++-header $(TEST_STANDARD) -o $@
$(PRELUDE).gch: $(PRELUDE) config.mk
	$(TEST_CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) $(PRELUDE_FLAGS) -MD -MP -MF $@.d -x c++-header $(PRELUDE) -o $@

# Objects of the fuzz targets: by clang, which has libFuzzer.
FUZZ_CXX = clang++
FUZZ_CXXFLAGS = -std=c++20 -g -O1 -fno-sanitize-recover=all -fsanitize=fuzzer-no-link,address,undefined
LINK_FUZZ = $(FUZZ_CXX) -fsanitize=fuzzer,address,undefined
.cc.fuzzo:
	$(FUZZ_CXX) $(CPPFLAGS) $(FUZZ_CXXFLAGS) -MMD -MP -MF $@.d -c $< -o $@

# Shell programs of cmd/: the home is filled in.
.sh:
	sed -e 's,@HOME@,$(HOME_DIR),g' $< >$@
	chmod 755 $@

programs: $(PROGRAMS) $(SCRIPTS) setup/services/.made

# Run scripts and units.
setup/services/.made: setup/services.sh setup/services.txt setup/fhs.txt setup/table.sh config.mk
	setup/services.sh setup/services
	@touch $@

# --- checks ---
PYTHON = /usr/bin/python3
PYTEST = $(PYTHON) -m pytest -q -p no:cacheprovider

unit-programs: $(UNIT_PROGRAMS)
unit: unit-programs
	@tools/unit $(UNIT_PROGRAMS)

blackbox: programs
	tools/blackbox

# testssl.sh against each TLS server; takes minutes.
testssl: programs
	$(PYTEST) -s tests/blackbox/testssl.py

# Each fuzz target for FUZZ_SECONDS over its seeds; what is found is kept in tests/fuzz/found.
FUZZ_SECONDS = 60
fuzz: $(FUZZ_PROGRAMS)
	@for program in $(FUZZ_PROGRAMS); do tests/fuzz/run $$program $(FUZZ_SECONDS) || exit 1; done

# The seeds alone, once: quick.
fuzz-seeds: $(FUZZ_PROGRAMS)
	@for program in $(FUZZ_PROGRAMS); do tests/fuzz/run $$program || exit 1; done

# The recorded behaviour alone, with the harness's own output.
conform: programs
	tools/conform

check-layers: programs
	@tools/check-layers
	@tools/check-promises
	@tools/check-objects
	@tools/check-programs

check-headers:
	@tools/check-headers $(CXX) $(CPPFLAGS) $(CXXFLAGS)
# The same for each source; takes minutes.
check-sources:
	@tools/check-headers --sources $(CXX) $(CPPFLAGS) $(CXXFLAGS)

check-docs:
	@tools/check-docs

# Warnings that no build shows: of the other compiler for the programs; for the unit tests, which takes minutes.
WARNINGS_OF = '$(CXX) $(CPPFLAGS) -std=c++20 -Wall -Wextra' \
  '$(TEST_CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) $(TEST_WARNINGS) -include $(TEST_STANDARD)' $(PRELUDE)
check-warnings:
	@tools/check-warnings programs $(WARNINGS_OF)
check-test-warnings:
	@tools/check-warnings tests $(WARNINGS_OF)

check: check-layers check-headers check-docs check-warnings unit blackbox

# Before each commit: all but the black-box tests, and of the recorded behaviour one area for each kind of program.
SAMPLE = qmail_queue qmail_inject qmail_local qmail_smtpd qmail_remote qmail_send
check-fast: check-layers check-docs unit
	tools/conform $(SAMPLE)

# What takes long: sweeps, fuzz targets, testssl.sh, builds that are compared, packages. SLOW=PART...: some of these alone.
check-slow: programs
	tools/check-slow $(SLOW)

# Measurements beside Postfix and others: tests/bench/bench.py --help; BENCH='OPTION...'. Results in bench-results/.
bench: programs
	$(PYTHON) tests/bench/bench.py $(BENCH)

# A table: of the lines of each folder, how many the unit tests run; pages in coverage/. As long as a build of the unit tests.
coverage:
	@tools/coverage coverage

# For editors.
tags:
	ctags -f $@ --languages=c++ --langmap=c++:+.h -R $(FOLDERS) tests/unit

# --- style ---
lint: compile_commands.json
	@tools/lint

format:
	find $(FOLDERS) tests/unit tests/fuzz \( -name '*.cc' -o -name '*.h' \) -exec clang-format -i {} +

compile_commands.json: rules.mk config.mk
	tools/compile-commands '$(CXX) $(CPPFLAGS) $(CXXFLAGS)' $(OBJECTS) >$@

# --- installation ---
# DESTDIR=D: into a package's tree. IDS=N: numeric owners from N. OWNERS=no: files only. PARTIAL=yes: what is built.
# MTA=no: without the links /usr/sbin/sendmail and so on (--layout=fhs).
INSTALL_OPTIONS = --destdir='$(DESTDIR)' --ids='$(IDS)'
install: all
	@case '$(OWNERS)' in no) set -- --no-owners;; esac; case '$(PARTIAL)' in yes) set -- "$$@" --partial;; esac; \
	  case '$(MTA)' in no) set -- "$$@" --no-mta;; esac; setup/install.sh $(INSTALL_OPTIONS) "$$@"

# Accounts and groups that are missing; owners and modes of what is installed; what is wrong with it.
users:
	@setup/users.sh
instchown:
	@setup/owners.sh $(INSTALL_OPTIONS)
instcheck:
	@setup/instcheck.sh $(INSTALL_OPTIONS)

# --- releases ---
dist:
	@tools/dist

# Two builds in two places give the same bytes. Takes as long as two builds do.
check-reproducible:
	@tools/check-reproducible

# The Debian package and the RPM: built, looked at, and the former used in a bare Debian. ./bootstrap deps packages.
check-packages:
	@tests/packaging/check-packages

clean:
	rm -rf setup/services
	rm -f $(PROGRAMS) $(SCRIPTS) $(UNIT_PROGRAMS) $(FUZZ_PROGRAMS)
	find . \( -name '*.o' -o -name '*.sano' -o -name '*.testo' -o -name '*.gch' -o -name '*.fuzzo' -o -name '*.a' -o -name '*.sana' -o -name '*.testa' -o -name '*.fuzza' -o -name '*.d' -o -name 'together*.list' -o -name 'together*.cxx' \) -exec rm -f {} +

distclean: clean
	rm -f config.mk config.h rules.mk compile_commands.json tags
	rm -rf coverage

config.mk: configure VERSION
	@if [ -f config.mk ]; then $(CONFIGURE); else echo 'run ./configure first' >&2; exit 1; fi
	@touch config.mk
config.h: config.mk

-include $(DEPENDENCIES)

.PHONY: all programs unit-programs unit blackbox testssl fuzz fuzz-seeds conform check check-fast check-slow bench check-layers check-headers check-docs check-warnings check-test-warnings coverage tags lint format install users instchown instcheck dist check-reproducible check-packages clean distclean
