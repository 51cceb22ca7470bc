// The headers of the standard library that most sources include. They are compiled once and put
// before each source (Makefile), since most of the time for compiling a small source is spent
// on them. A source still includes what it uses: `make check-sources` reads it without this.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
