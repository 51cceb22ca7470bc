// The lists of existing recipients, as rules for their lines: control/validrcptto with its
// databases, and control/recipients (qmail-control(5)).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bad_line.h"
#include "base/result.h"
#include "proto/question.h"

namespace reqmail::proto {

// Returns whether a key in lower case is in a list.
using HasKey = std::function<Result<bool>(const std::string& key)>;

// Returns the opinion of validrcptto: the address accepts, -address refuses, @domain accepts,
// -@domain refuses. The first of these that is in the list decides.
Result<Opinion> opinion_of_list(std::string_view address, const HasKey& has);

// Returns the lines of validrcptto that cannot name a recipient.
std::vector<base::BadLine> faults_of_valid_list(const std::vector<std::string>& lines);

// Returns the other lines.
std::vector<std::string> keys_of_valid_list(const std::vector<std::string>& lines);

// Returns a program and its arguments, which are separated by blanks.
std::vector<std::string> words_of(std::string_view text);

// control/recipients.
class RecipientFile {
 public:
  struct Way {
    enum class Kind {
      none,      // !domain: there is no opinion
      all,       // @domain: every address exists
      database,  // domain:FILE.cdb
      program,   // domain|PROGRAM ARGUMENT...
    };

    Kind kind = Kind::none;
    std::string file;
    std::vector<std::string> command;
  };

  // Returns the malformed lines, which are ignored.
  std::vector<base::BadLine> add(const std::vector<std::string>& lines);

  // Returns how the addresses of a domain are checked, in the order of the lines: those for the
  // domain, or else those for "*". If it is empty, no address of the domain exists.
  [[nodiscard]] std::vector<const Way*> ways(std::string_view domain) const;

 private:
  struct Line {
    std::string domain;  // in lower case; "*" means all others
    Way way;
  };

  static std::optional<Line> parse(std::string_view text, std::string_view& fault);

  std::vector<Line> lines_;
};

}  // namespace reqmail::proto
