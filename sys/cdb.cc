#include "sys/cdb.h"

#include <cdb.h>

#include <cerrno>
#include <limits>

#include "sys/error.h"
#include "sys/file.h"

namespace reqmail::sys {

namespace {

bool fits(std::string_view text) {
  return text.size() <= std::numeric_limits<unsigned>::max();
}

unsigned size_of(std::string_view text) {
  return static_cast<unsigned>(text.size());
}

}  // namespace

// Read, never mapped: a file that somebody cuts short while it is read must give an error, not
// kill a daemon.
struct CdbReader::State {
  Fd file;
  std::uint64_t size = 0;
};

CdbReader::CdbReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

CdbReader::CdbReader(CdbReader&&) noexcept = default;
CdbReader& CdbReader::operator=(CdbReader&&) noexcept = default;
CdbReader::~CdbReader() = default;

Result<CdbReader> CdbReader::open(const std::string& path) {
  auto file = open_regular_read(path);
  if (!file) {
    return file.error();
  }
  auto info = status(file->get());
  if (!info) {
    return info.error();
  }
  constexpr off_t kPointers = 2048;
  if (!S_ISREG(info->st_mode) || info->st_size < kPointers) {
    return temporary("unable to read cdb", EPROTO);
  }
  auto state = std::make_unique<State>();
  state->file = std::move(*file);
  state->size = static_cast<std::uint64_t>(info->st_size);
  return CdbReader(std::move(state));
}

Result<std::optional<std::string>> CdbReader::find(std::string_view key) const {
  if (!fits(key)) {
    return std::optional<std::string>();
  }
  unsigned length = 0;
  const int found = ::cdb_seek(state_->file.get(), key.data(), size_of(key), &length);
  if (found == 0) {
    return std::optional<std::string>();
  }
  if (found < 0) {
    return temporary("unable to read cdb", errno);
  }
  constexpr unsigned kLongest = std::numeric_limits<int>::max();
  if (length > state_->size || length > kLongest) {
    return temporary("unable to read cdb", EPROTO);
  }
  std::string value(length, '\0');
  if (::cdb_bread(state_->file.get(), value.data(), static_cast<int>(length)) != 0) {
    return temporary("unable to read cdb", errno);
  }
  return std::optional<std::string>(std::move(value));
}

struct CdbWriter::State {
  ::cdb_make maker = {};
  bool open = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  State(State&&) = delete;
  State& operator=(State&&) = delete;

  // libcdb frees its memory in cdb_make_finish() alone. Without a descriptor that writes
  // nothing; the caller's may be another file's by now.
  ~State() {
    if (open) {
      maker.cdb_fd = -1;
      (void)::cdb_make_finish(&maker);
    }
  }
};

CdbWriter::CdbWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}

CdbWriter::CdbWriter(CdbWriter&&) noexcept = default;
CdbWriter& CdbWriter::operator=(CdbWriter&&) noexcept = default;
CdbWriter::~CdbWriter() = default;

Result<CdbWriter> CdbWriter::start(int fd) {
  auto state = std::make_unique<State>();
  if (::cdb_make_start(&state->maker, fd) != 0) {
    return system_failure("unable to start cdb");
  }
  state->open = true;
  return CdbWriter(std::move(state));
}

Result<void> CdbWriter::add(std::string_view key, std::string_view value) {
  if (!fits(key) || !fits(value)) {
    return permanent("cdb record too long", EFBIG);
  }
  if (::cdb_make_add(&state_->maker, key.data(), size_of(key), value.data(), size_of(value)) !=
      0) {
    return system_failure("unable to write cdb");
  }
  return {};
}

Result<void> CdbWriter::finish() {
  state_->open = false;
  if (::cdb_make_finish(&state_->maker) != 0) {
    return system_failure("unable to write cdb");
  }
  return {};
}

}  // namespace reqmail::sys
