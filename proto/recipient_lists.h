// The lists of recipients that exist, as rules over their lines: control/validrcptto with its
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

// Whether a key, in lower case, is in a list.
using HasKey = std::function<Result<bool>(const std::string& key)>;

// By validrcptto: the address accepts, -address refuses, @domain accepts, -@domain refuses, the
// first of them that is in the list decides.
Result<Opinion> opinion_of_list(std::string_view address, const HasKey& has);

// The lines of validrcptto that cannot name a recipient.
std::vector<base::BadLine> faults_of_valid_list(const std::vector<std::string>& lines);

// A program and its arguments, which blanks separate.
std::vector<std::string> words_of(std::string_view text);

// control/recipients.
class RecipientFile {
 public:
  struct Way {
    enum class Kind {
      none,      // !domain: nothing is known
      all,       // @domain: every address exists
      database,  // domain:FILE.cdb
      program,   // domain|PROGRAM ARGUMENT...
    };

    Kind kind = Kind::none;
    std::string file;
    std::vector<std::string> command;
  };

  // Returns the lines that make no sense, which are left out.
  std::vector<base::BadLine> add(const std::vector<std::string>& lines);

  // How the addresses of a domain are checked, in the order of the lines: by the lines of the
  // domain, else by those of "*". Empty: no address of it exists.
  [[nodiscard]] std::vector<const Way*> ways(std::string_view domain) const;

 private:
  struct Line {
    std::string domain;  // in lower case; "*": all others
    Way way;
  };

  static std::optional<Line> parse(std::string_view text, std::string_view& fault);

  std::vector<Line> lines_;
};

}  // namespace reqmail::proto
