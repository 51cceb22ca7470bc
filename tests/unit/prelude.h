// What most unit tests include, compiled once and put before each of them (Makefile): most of
// the time that a small test takes to compile went into these headers. A test names what it
// uses all the same.
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
