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

  [[nodiscard]] RecipientRoute route(std::string_view address) const;

  // Returns the value of virtualdomains for the domain itself, for the nearest .domain above
  // it, or for everything.
  [[nodiscard]] std::optional<std::string_view> virtual_domain(std::string_view domain) const;

 private:
  [[nodiscard]] base::ConstMap keys(const std::vector<std::string>& lines) const;
  [[nodiscard]] base::ConstMap pairs(const std::vector<std::string>& lines) const;
  // Returns the domain or address as it is compared; `storage` keeps it if it is converted.
  [[nodiscard]] std::string_view compared(std::string_view name, std::string& storage) const;

  bool utf8_;
  std::string envnoathost_;
  std::vector<std::string> percenthack_lines_;
  base::ConstMap percenthack_;
  base::ConstMap locals_;
  base::ConstMap virtualdomains_;
};

}  // namespace reqmail::mail
