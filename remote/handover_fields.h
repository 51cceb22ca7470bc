// The fields of a handover (remote/handover.h): a sequence of netstrings; lists have their
// length in front.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "remote/targets.h"

namespace reqmail::remote {

class FieldWriter {
 public:
  void text(std::string_view value);
  // With room for all in advance: growing would leave a copy behind.
  void secrets(std::initializer_list<std::string_view> values);
  void number(std::uint64_t value);

  void flag(bool value) { number(value ? 1 : 0); }

  void texts(const std::vector<std::string>& values);
  void target(const Target& target);

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

class FieldReader {
 public:
  explicit FieldReader(std::string_view in) : in_(in) {}

  // After a field that makes no sense, all further ones are empty and 0.
  std::string_view text();
  std::uint64_t number(std::uint64_t most);

  bool flag() { return number(1) == 1; }

  std::vector<std::string> texts();
  Target target();

  // Makes all fields senseless.
  void fail();

  [[nodiscard]] bool sound() const { return sound_; }

  [[nodiscard]] bool at_end() const { return in_.empty(); }

 private:
  std::string_view in_;
  bool sound_ = true;
};

}  // namespace reqmail::remote
