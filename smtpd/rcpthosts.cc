#include "smtpd/rcpthosts.h"

#include <cerrno>
#include <string>

#include "base/ascii.h"
#include "control/reader.h"

namespace reqmail::smtpd {

Result<RcptHosts> RcptHosts::load() {
  RcptHosts loaded;
  auto lines = control::read_lines("control/rcpthosts");
  if (!lines) {
    return lines.error();
  }
  if (!*lines) {
    return loaded;
  }
  loaded.hosts_ = base::ConstMap::of_keys(**lines);
  auto more = sys::CdbReader::open("control/morercpthosts.cdb");
  if (more) {
    loaded.more_ = std::move(*more);
  } else if (more.error().error == EPROTO) {
    // Damage is trouble only for whom a look-up is needed.
    loaded.damaged_ = more.error();
  } else if (more.error().error != ENOENT) {
    return more.error();
  }
  return loaded;
}

Result<bool> RcptHosts::accepts(std::string_view domain) {
  if (!hosts_) {
    return true;
  }
  const std::string name = base::lower(domain);
  const std::string_view view = name;
  auto listed = lists(view);
  std::size_t dot = view.find('.');
  while (listed && !*listed && dot != std::string_view::npos) {
    listed = lists(view.substr(dot));
    dot = view.find('.', dot + 1);
  }
  return listed;
}

Result<bool> RcptHosts::lists(std::string_view lower_case_name) {
  if (hosts_->contains(lower_case_name)) {
    return true;
  }
  if (damaged_) {
    return *damaged_;
  }
  if (!more_) {
    return false;
  }
  auto found = more_->find(lower_case_name);
  if (!found) {
    return found.error();
  }
  return found->has_value();
}

}  // namespace reqmail::smtpd
