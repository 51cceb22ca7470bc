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

struct CdbReader::State {
  Fd file;
  ::cdb database = {};
  bool ready = false;

  State() = default;
  State(State&&) = delete;
  State(const State&) = delete;
  State& operator=(State&&) = delete;
  State& operator=(const State&) = delete;

  ~State() {
    if (ready) {
      ::cdb_free(&database);
    }
  }
};

CdbReader::CdbReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

CdbReader::CdbReader(CdbReader&&) noexcept = default;
CdbReader& CdbReader::operator=(CdbReader&&) noexcept = default;
CdbReader::~CdbReader() = default;

Result<CdbReader> CdbReader::open(const std::string& path) {
  auto file = open_read(path);
  if (!file) {
    return file.error();
  }
  auto state = std::make_unique<State>();
  state->file = std::move(*file);
  if (::cdb_init(&state->database, state->file.get()) != 0) {
    return temporary("unable to read cdb", errno);
  }
  state->ready = true;
  return CdbReader(std::move(state));
}

Result<std::optional<std::string>> CdbReader::find(std::string_view key) {
  if (!fits(key)) {
    return std::optional<std::string>();
  }
  const int found = ::cdb_find(&state_->database, key.data(), size_of(key));
  if (found == 0) {
    return std::optional<std::string>();
  }
  if (found < 0) {
    return temporary("unable to read cdb", errno);
  }
  std::string value(cdb_datalen(&state_->database), '\0');
  if (::cdb_read(&state_->database, value.data(), size_of(value),
                 cdb_datapos(&state_->database)) != 0) {
    return temporary("unable to read cdb", errno);
  }
  return std::optional<std::string>(std::move(value));
}

struct CdbWriter::State {
  ::cdb_make maker = {};
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
  if (::cdb_make_finish(&state_->maker) != 0) {
    return system_failure("unable to write cdb");
  }
  return {};
}

}  // namespace reqmail::sys
