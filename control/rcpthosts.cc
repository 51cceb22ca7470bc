#include "control/rcpthosts.h"

#include <cerrno>
#include <string>

#include "base/ascii.h"
#include "control/file_name.h"
#include "mail/idna.h"

namespace reqmail::control {

RcptHosts RcptHosts::load(ControlFiles& files) {
  RcptHosts loaded;
  const auto lines = files.domain_list("rcpthosts");
  if (!lines) {
    return loaded;
  }
  loaded.utf8_ = files.utf8();
  loaded.hosts_ = base::ConstMap::of_keys(*lines);
  if (!files.may_exist("morercpthosts.cdb")) {
    return loaded;
  }
  auto more = sys::CdbReader::open(path("morercpthosts.cdb"));
  if (more) {
    loaded.more_ = std::move(*more);
  } else if (more.error().error == EPROTO) {
    // A damaged file is an error only for a domain that has to be looked up in it.
    loaded.damaged_ = more.error();
  } else if (more.error().error != ENOENT) {
    files.fail("morercpthosts.cdb", more.error().error);
  }
  return loaded;
}

Result<bool> RcptHosts::accepts(std::string_view domain) const {
  if (!hosts_) {
    return true;
  }
  // Entries have A-labels, so what cannot be converted is not listed.
  const auto converted = utf8_ ? mail::to_a_labels(domain) : std::nullopt;
  const std::string name = base::lower(converted ? std::string_view(*converted) : domain);
  const std::string_view view = name;
  auto listed = lists(view);
  std::size_t dot = view.find('.');
  while (listed && !*listed && dot != std::string_view::npos) {
    listed = lists(view.substr(dot));
    dot = view.find('.', dot + 1);
  }
  return listed;
}

Result<bool> RcptHosts::lists(std::string_view lower_case_name) const {
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

}  // namespace reqmail::control
