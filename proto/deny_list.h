// The lists of senders, recipients and HELO names that qmail-smtpd refuses: badmailfrom,
// badrcptto, badhelo and their norelay forms (qmail-control(5)).
//
// A line is an address or a host name, or, if the lists are expressions (QREGEX), an extended
// regular expression of POSIX. Case is ignored in both forms. The caller provides the compiler
// of expressions, since this folder has none.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/bad_line.h"
#include "base/result.h"

namespace reqmail::proto {

class Expression {
 public:
  Expression() = default;
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;
  Expression(Expression&&) = delete;
  Expression& operator=(Expression&&) = delete;
  virtual ~Expression() = default;

  // Returns whether any part of the text matches.
  [[nodiscard]] virtual bool matches(const std::string& text) const = 0;
};

// The text of a Failure says what is wrong with the expression.
using CompileExpression =
    Result<std::unique_ptr<Expression>> (*)(const std::string& expression);

// Copies share their lines, so all lines are added before the first copy is made.
class DenyList {
 public:
  enum class Of {
    addresses,  // an address, or @domain for exactly that domain
    hosts,      // a name, or .suffix for all names below it
  };

  // Makes an empty list.
  DenyList() = default;

  explicit DenyList(Of what) : what_(what) {}

  // If `compile` is not null, the lines are expressions, and "!" before one negates it. Returns
  // the malformed lines, which are ignored.
  std::vector<base::BadLine> add(const std::vector<std::string>& lines,
                                 CompileExpression compile);

  // Returns the line that matches `text`; the view lives as long as the list. Only an
  // expression can match the empty text.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view text) const;

 private:
  struct Pattern {
    std::string line;
    bool negated = false;
    std::unique_ptr<Expression> expression;
  };

  struct Lines {
    std::unordered_map<std::string, std::string> exact;  // by the line in lower case
    std::vector<Pattern> patterns;
  };

  std::optional<base::BadLine> add_exact(const std::string& line);
  std::optional<base::BadLine> add_pattern(const std::string& line, CompileExpression compile);

  [[nodiscard]] std::optional<std::string_view> find_exact(std::string_view text) const;
  [[nodiscard]] std::optional<std::string_view> find_address(std::string_view text) const;
  [[nodiscard]] std::optional<std::string_view> find_host(std::string_view text) const;
  [[nodiscard]] std::optional<std::string_view> find_pattern(std::string_view text) const;

  Of what_ = Of::addresses;
  std::shared_ptr<Lines> lines_;
};

}  // namespace reqmail::proto
