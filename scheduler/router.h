// Where a recipient goes: percenthack, locals, virtualdomains, envnoathost (qmail-send(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/constmap.h"
#include "scheduler/events.h"

namespace reqmail::scheduler {

struct Route {
  Channel channel = Channel::remote;
  // The address as the spawner gets it: percent signs resolved, a virtual domain's prepend in
  // front.
  std::string recipient;
};

class Router {
 public:
  struct Controls {
    std::string envnoathost;
    std::vector<std::string> percenthack;
    std::vector<std::string> locals;
    std::vector<std::string> virtualdomains;
  };

  explicit Router(const Controls& controls);

  // After HUP.
  void replace(const std::vector<std::string>& locals,
               const std::vector<std::string>& virtualdomains);

  [[nodiscard]] Route route(std::string_view address) const;

  // A recipient without the prepend of its virtual domain, as bounces name it. A prepend that
  // an entry for a single address has put there stays.
  [[nodiscard]] std::string_view without_prepend(std::string_view recipient) const;

 private:
  // The value for the domain itself, for the nearest .domain above it, or for everything.
  [[nodiscard]] std::optional<std::string_view> virtual_domain(std::string_view domain) const;

  std::string envnoathost_;
  base::ConstMap percenthack_;
  base::ConstMap locals_;
  base::ConstMap virtualdomains_;
};

// A sender that ends in "-@[]" asks for its own envelope sender per recipient:
// "list-@host-@[]" and "r@x" give "list-r=x@host" (addresses(5)). Others stay as they are.
std::string verp_sender(std::string_view sender, std::string_view recipient);

// The sender that gets the bounce: without the "-@[]".
std::string_view bounce_recipient(std::string_view sender);

}  // namespace reqmail::scheduler
