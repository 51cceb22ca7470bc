// The control files of a program, asked for one after another; whether all of them could be
// read is asked once, at the end:
//
//   control::ControlFiles files;
//   settings.hello = files.required_line("helohost");
//   settings.timeout = files.number("timeoutremote");
//   if (files.failure()) {
//     return temporary("Unable to read control files. (#4.3.0)");
//   }
//
// What a file is and what its value is if it is absent come from the table (control/known.h).
// The first failure is kept, no file is opened after it, and all later values are those of
// absent files. An absent file is no failure unless the program requires it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/file_name.h"

namespace reqmail::control {

struct ControlFailure {
  std::string name;  // of the file below control/
  int error = 0;     // ENOENT: the file is required, and neither it nor its fallback exists
};

class ControlFiles {
 public:
  enum class Unreadable {
    fails,
    is_absent,  // for programs that must go on without their limits
  };

  // Files of the current directory, which is qmail's home.
  explicit ControlFiles(Unreadable unreadable = Unreadable::fails) : unreadable_(unreadable) {}

  // Files below `home`; `me` is the value of control/me, which is not read again.
  ControlFiles(std::string home, std::optional<std::string> me)
      : home_(std::move(home)), me_(std::move(me)), me_is_read_(true) {}

  // Lists control/ once, for a program that asks for many files of which few exist: those that
  // are not in the list count as absent without a system call. If the directory cannot be
  // listed, each file is looked for as ever.
  void look_for_names();

  // control/me. It is read when it is first asked for, or else before the first file that falls
  // back to it.
  const std::optional<std::string>& me();

  // The first line of the file, else its default.
  std::string line(LineNameWithDefault file);

  // The first line of the file, else its default, else nullopt.
  std::optional<std::string> line_if_any(LineName file);

  // The same; it is a failure if there is none.
  std::string required_line(LineName file);

  // The number that the file begins with, else its default.
  std::uint64_t number(NumberNameWithDefault file);

  // The number that the file begins with, else nullopt.
  std::optional<std::uint64_t> number_if_any(NumberName file);

  // The entries of the file, else me as the only one if the file falls back to it, else
  // nullopt.
  std::optional<std::vector<std::string>> list(ListName file);

  // The same; it is a failure if there are none.
  std::vector<std::string> required_list(ListName file);

  // Whether a file that the caller opens itself may exist: false only after look_for_names().
  [[nodiscard]] bool may_exist(std::string_view name) const;

  // Notes that a file could not be read which the caller opened itself. ENOENT counts as any
  // other error.
  void fail(std::string_view name, int error);

  // The first failure.
  [[nodiscard]] const std::optional<ControlFailure>& failure() const { return failure_; }

 private:
  [[nodiscard]] std::string path_of(std::string_view name) const;
  template <typename Value>
  Value read(const KnownFile& file, Result<Value> (*reader)(const std::string&));
  bool falls_back_to_me(const KnownFile& file);
  std::optional<std::string> line_of(const KnownFile& file);

  std::string home_;
  Unreadable unreadable_ = Unreadable::fails;
  std::optional<std::string> me_;
  bool me_is_read_ = false;
  std::optional<std::vector<std::string>> names_;  // sorted; nullopt: not known
  std::optional<ControlFailure> failure_;
};

}  // namespace reqmail::control
