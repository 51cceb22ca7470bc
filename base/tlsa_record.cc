#include "base/tlsa_record.h"

#include <cstddef>

#include "base/hex.h"
#include "base/number.h"
#include "base/text.h"

namespace reqmail::base {

namespace {

constexpr std::uint8_t kUsageAuthority = 2;
constexpr std::uint8_t kUsageServer = 3;
constexpr std::uint8_t kSelectorMax = 1;
constexpr std::size_t kSha256Size = 32;
constexpr std::size_t kSha512Size = 64;

// Returns whether the data has the size of what is matched.
bool has_fitting_data(const TlsaRecord& record) {
  switch (record.matching) {
  case 0:
    return !record.data.empty();
  case 1:
    return record.data.size() == kSha256Size;
  case 2:
    return record.data.size() == kSha512Size;
  default:
    return false;
  }
}

}  // namespace

bool usable_for_mail(const TlsaRecord& record) {
  return (record.usage == kUsageAuthority || record.usage == kUsageServer) &&
         record.selector <= kSelectorMax && has_fitting_data(record);
}

std::string zone_text(const TlsaRecord& record) {
  return concat({decimal(record.usage), " ", decimal(record.selector), " ",
                 decimal(record.matching), " ", hex(record.data)});
}

}  // namespace reqmail::base
