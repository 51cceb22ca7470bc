// One pass of check_host() (RFC 7208 section 4) over what is known so far. It ends with a
// result, or where an answer is missing; then it says which questions it would ask next.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth822/dns_facts.h"
#include "auth822/known_facts.h"
#include "auth822/spf_check.h"
#include "auth822/spf_macro.h"
#include "auth822/spf_record.h"

namespace reqmail::auth822 {

// RFC 7208 section 4.6.4.
inline constexpr std::size_t kSpfLookupTermsMax = 10;
inline constexpr std::size_t kSpfVoidLookupsMax = 2;
inline constexpr std::size_t kSpfNamesMax = 10;

// As much of an explanation as a reply shows.
inline constexpr std::size_t kSpfExplanationMax = 500;

class SpfEvaluation {
 public:
  // What is missing becomes a want of `facts`.
  SpfEvaluation(const SpfRequest& request, KnownFacts& facts);

  // Absent while answers are missing.
  std::optional<SpfResult> run();

 private:
  // What became of a term. Unknown: an answer is missing.
  enum class Match { yes, no, temperror, permerror, unknown };

  // Where the record that is evaluated comes from.
  enum class Level {
    top,      // the domain's own, or one it redirects to: an explanation and our rules count
    include,  // one that a record includes
    rules,    // the host's own rules
  };

  // Absent: an answer is missing.
  using Word = std::optional<SpfWord>;

  std::optional<SpfResult> judge(bool local);
  Word check_host(const std::string& domain, Level level);
  Word apply(const SpfRecord& record, const std::string& domain, Level level);
  Word redirect(const std::string& spec, const std::string& domain, Level level);
  // The host's rules before `word`, which the record comes to by `all` or by default.
  Word unless_rules_match(SpfWord word, const std::string& domain, Level level);

  Match match(const SpfDirective& directive, const std::string& domain);
  Match match_named(const SpfDirective& directive, const std::string& domain);
  Match match_include(const std::string& name);
  Match match_addresses(const SpfDirective& directive, const std::string& name);
  Match match_exchangers(const SpfDirective& directive, const std::string& name);
  Match match_names(const std::string& name);
  Match match_existence(const std::string& name);

  // The facts of a term's own question, where records that are missing count against the limit.
  const DnsFacts* counted_facts(RecordType type, std::string_view name, Match& trouble);
  // A or AAAA, by the family of the client.
  [[nodiscard]] RecordType address_type() const;
  const DnsFacts* addresses_of(std::string_view name);
  [[nodiscard]] bool in_network(const std::vector<base::IpAddress>& addresses,
                                const SpfDirective& directive) const;

  bool too_many_terms() { return ++terms_ > kSpfLookupTermsMax; }

  // The names of the client whose addresses lead back to it. Absent: an answer is missing.
  std::optional<std::vector<std::string>> validated_names();
  std::optional<SpfMacroValues> values_for(std::string_view text, const std::string& domain);
  std::optional<std::string> expanded_domain(const std::string& spec,
                                             const std::string& domain);
  std::optional<std::string> explanation();
  std::optional<std::string> default_explanation();

  const SpfRequest& request_;
  KnownFacts& facts_;
  std::string domain_;
  bool local_ = false;
  bool local_decided_ = false;
  std::size_t terms_ = 0;
  std::size_t voids_ = 0;
  // Of the record that came to fail.
  std::optional<std::string> explanation_spec_;
  std::string explanation_domain_;
};

}  // namespace reqmail::auth822
