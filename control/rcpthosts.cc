#include "control/rcpthosts.h"

#include <cerrno>
#include <string>

#include "base/ascii.h"
#include "control/file_name.h"
#include "mail/idna.h"

namespace reqmail::control {

namespace {

constexpr char kDatabase[] = "morercpthosts.cdb";

}  // namespace

RcptHosts RcptHosts::load(ControlFiles& files) {
  RcptHosts loaded = load_list(files);
  if (auto opened = loaded.open_database(); !opened) {
    files.fail(kDatabase, opened.error().error);
  }
  return loaded;
}

RcptHosts RcptHosts::load_list(ControlFiles& files) {
  RcptHosts loaded;
  const auto lines = files.domain_list("rcpthosts");
  if (!lines) {
    return loaded;
  }
  loaded.utf8_ = files.utf8();
  loaded.hosts_ = base::ConstMap::of_keys(*lines);
  loaded.may_have_more_ = files.may_exist(kDatabase);
  return loaded;
}

Result<void> RcptHosts::open_database() {
  if (!may_have_more_) {
    return {};
  }
  auto more = sys::CdbReader::open(path(kDatabase));
  if (more) {
    more_ = std::move(*more);
  } else if (more.error().error == EPROTO) {
    // A damaged file is an error only for a domain that has to be looked up in it.
    damaged_ = more.error();
  } else if (more.error().error != ENOENT) {
    return more.error();
  }
  return {};
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
