// The headers that most unit tests include. They are compiled once and put before each test
// (Makefile), since most of the time for compiling a small test is spent on them. A test still
// includes what it uses.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>
