// Decides which recipients are local, and to which address they are delivered: percenthack,
// locals, virtualdomains, envnoathost (qmail-send(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/constmap.h"

namespace reqmail::mail {

struct RecipientRoute {
  bool local = false;
  // The address of the delivery: percent signs are resolved, and the prepend of a virtual
  // domain comes first.
  std::string recipient;
  // Whoever converts domains could not tell the A-labels of this one, or of a line of locals or
  // virtualdomains that might mean it: what the route is will be known later.
  bool unsure = false;
};

class RecipientRoutes {
 public:
  struct Controls {
    std::string envnoathost;
    std::vector<std::string> percenthack;
    std::vector<std::string> locals;
    std::vector<std::string> virtualdomains;
    bool utf8 = false;  // smtputf8: domains are compared as A-labels
  };

  explicit RecipientRoutes(const Controls& controls);

  // Takes other lines, and `utf8` for these and percenthack.
  void replace(const std::vector<std::string>& locals,
               const std::vector<std::string>& virtualdomains, bool utf8);

  // Converts the lines that whoever converts domains could not tell of, if it can now.
  void convert_again();

  [[nodiscard]] RecipientRoute route(std::string_view address) const;

  // Returns the value of virtualdomains for the domain itself, for the nearest .domain above
  // it, or for everything.
  [[nodiscard]] std::optional<std::string_view> virtual_domain(std::string_view domain) const;

 private:
  // A domain or address as it is compared.
  struct Compared {
    std::string_view text;
    std::string storage = {};
    bool unsure = false;
  };

  struct Lines {
    std::vector<std::string> locals;
    std::vector<std::string> virtualdomains;
  };

  [[nodiscard]] std::vector<std::string> converted(const std::vector<std::string>& lines,
                                                   bool& unsure) const;
  // `key` is the result; `name` must outlive it.
  void compare(std::string_view name, Compared& key) const;

  bool utf8_;
  std::string envnoathost_;
  std::vector<std::string> percenthack_lines_;
  base::ConstMap percenthack_;
  base::ConstMap locals_;
  base::ConstMap virtualdomains_;
  // The lines, while some of them are not converted.
  std::optional<Lines> unconverted_;
};

}  // namespace reqmail::mail
