# Rules only: what is built stands in sources.mk, how in config.mk (written by ./configure).
# Works with GNU make 4 and bmake.

all: programs

include config.mk
include sources.mk

.SUFFIXES:
.SUFFIXES: .cc .o .sano

.cc.o:
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

# Objects of the unit tests: with address and undefined-behaviour sanitizers.
.cc.sano:
	$(CXX) $(CPPFLAGS) $(TEST_CXXFLAGS) -MMD -MP -MF $@.d -c $< -o $@

programs: $(PROGRAMS) $(SCRIPTS)

unit: $(UNIT_PROGRAMS)
	@for program in $(UNIT_PROGRAMS); do echo "== $$program"; $$program --gtest_brief=1 || exit 1; done

clean:
	rm -f $(PROGRAMS) $(SCRIPTS) $(UNIT_PROGRAMS)
	find . \( -name '*.o' -o -name '*.sano' -o -name '*.a' -o -name '*.sana' -o -name '*.d' \) -exec rm -f {} +

config.mk config.h: configure
	@echo 'run ./configure first' >&2; exit 1

-include $(DEPENDENCIES)

.PHONY: all programs unit clean
