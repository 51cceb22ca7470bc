#include "local/command_environment.h"

#include "base/text.h"

namespace reqmail::local {

std::string_view without_last_label(std::string_view host) {
  return host.substr(0, host.rfind('.'));
}

std::string_view without_first_part(std::string_view ext) {
  const std::size_t dash = ext.find('-');
  return dash == std::string_view::npos ? std::string_view() : ext.substr(dash + 1);
}

sys::Environment command_environment(sys::Environment base, const Request& request,
                                     std::string_view new_sender, const TraceLines& trace,
                                     std::optional<std::size_t> default_from) {
  const std::string_view host2 = without_last_label(request.host);
  const std::string_view host3 = without_last_label(host2);
  const std::string_view ext2 = without_first_part(request.ext);
  const std::string_view ext3 = without_first_part(ext2);
  base.set("SENDER", request.sender);
  base.set("NEWSENDER", new_sender);
  base.set("RECIPIENT", base::concat({request.local, "@", request.host}));
  base.set("USER", request.user);
  base.set("HOME", request.home);
  base.set("LOCAL", request.local);
  base.set("HOST", request.host);
  base.set("HOST2", host2);
  base.set("HOST3", host3);
  base.set("HOST4", without_last_label(host3));
  base.set("EXT", request.ext);
  base.set("EXT2", ext2);
  base.set("EXT3", ext3);
  base.set("EXT4", without_first_part(ext3));
  base.set("RPLINE", trace.return_path);
  base.set("DTLINE", trace.delivered_to);
  base.set("UFLINE", trace.from);
  if (default_from && *default_from <= request.ext.size()) {
    base.set("DEFAULT", std::string_view(request.ext).substr(*default_from));
  } else {
    base.unset("DEFAULT");
  }
  return base;
}

}  // namespace reqmail::local
