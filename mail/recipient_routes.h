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
  };

  explicit RecipientRoutes(const Controls& controls);

  void replace(const std::vector<std::string>& locals,
               const std::vector<std::string>& virtualdomains);

  [[nodiscard]] RecipientRoute route(std::string_view address) const;

  // Returns the value of virtualdomains for the domain itself, for the nearest .domain above
  // it, or for everything.
  [[nodiscard]] std::optional<std::string_view> virtual_domain(std::string_view domain) const;

 private:
  std::string envnoathost_;
  base::ConstMap percenthack_;
  base::ConstMap locals_;
  base::ConstMap virtualdomains_;
};

}  // namespace reqmail::mail
