// Reads the control files of a program one after another. The program checks only once, at the
// end, whether all of them could be read:
//
//   control::ControlFiles files;
//   settings.hello = files.required_line("helohost");
//   settings.timeout = files.number("timeoutremote");
//   if (files.failure()) {
//     return temporary("Unable to read control files. (#4.3.0)");
//   }
//
// The table (control/known.h) defines the kind of each file and its value if it is absent. The
// first failure is kept, no file is opened after it, and all later values are those of absent
// files. An absent file is no failure unless the program requires it.
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
  std::string name;  // name of the file below control/
  int error = 0;     // ENOENT: the file is required, and neither it nor its fallback exists
};

class ControlFiles {
 public:
  enum class Unreadable {
    fails,
    is_absent,  // it counts as absent, for programs that must go on anyway
  };

  // Reads files below control/ in the current directory, which is qmail's home.
  explicit ControlFiles(Unreadable unreadable = Unreadable::fails) : unreadable_(unreadable) {}

  // Reads files below control/ in `home`. `me` is the value of control/me, which is not read
  // again.
  ControlFiles(std::string home, std::optional<std::string> me)
      : home_(std::move(home)), me_(std::move(me)), me_is_read_(true) {}

  // Lists control/ once, for a program that asks for many files of which few exist: files that
  // are not in the list then count as absent without a system call. If the directory cannot be
  // listed, each file is opened as usual.
  void look_for_names();

  // Returns the value of control/me. It is read when it is first asked for, or before the first
  // file that falls back to it.
  const std::optional<std::string>& me();

  // Returns the first line of the file, else its default.
  std::string line(LineNameWithDefault file);

  // Returns the first line of the file, else its default, else nullopt.
  std::optional<std::string> line_if_any(LineName file);

  // Returns the same as line_if_any(), but it is a failure if there is no value.
  std::string required_line(LineName file);

  // Returns the number at the beginning of the file, else its default.
  std::uint64_t number(NumberNameWithDefault file);

  // Returns the number at the beginning of the file, else nullopt.
  std::optional<std::uint64_t> number_if_any(NumberName file);

  // Returns the entries of the file; if it is absent, me as the only entry if the file falls
  // back to it, else nullopt.
  std::optional<std::vector<std::string>> list(ListName file);

  // Returns whether smtputf8 is on, so that domains are compared as A-labels. If it is,
  // bin/qmail-idna converts U-labels for this process from then on, unless the program has
  // chosen another converter.
  bool utf8();

  // Returns the same as list() for a file whose entries begin with domains or addresses; with
  // smtputf8 these have A-labels.
  std::optional<std::vector<std::string>> domain_list(ListName file);

  // Returns the same as list(), but it is a failure if there is no value.
  std::vector<std::string> required_list(ListName file);

  // Returns all bytes of a file of any kind, else nullopt.
  std::optional<std::string> text(AnyName file);

  // Returns whether a file that the caller opens itself may exist; false only after
  // look_for_names().
  [[nodiscard]] bool may_exist(std::string_view name) const;

  // Records that the caller itself could not read a file. ENOENT counts like any other error.
  void fail(std::string_view name, int error);

  // Returns the first failure.
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
  std::optional<bool> utf8_;
  std::optional<std::vector<std::string>> names_;  // sorted; nullopt if not listed
  std::optional<ControlFailure> failure_;
};

}  // namespace reqmail::control
