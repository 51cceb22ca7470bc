// qmail-send's main loop: its descriptors and signals on one side, the executor on the other.
#pragma once

#include "send/settings.h"
#include "sys/fd.h"

namespace reqmail::send {

// Descriptors as qmail-start gives them.
namespace send_fd {
inline constexpr int kLog = 0;
inline constexpr int kLocalOrders = 1;
inline constexpr int kLocalReports = 2;
inline constexpr int kRemoteOrders = 3;
inline constexpr int kRemoteReports = 4;
inline constexpr int kCleanCommands = 5;
inline constexpr int kCleanAnswers = 6;
}  // namespace send_fd

// From the lock on: in the queue directory, until qmail-send ends; its exit code.
[[nodiscard]] int run_send(SendSettings settings);

// One line on the log.
void write_send_log(std::string_view line);

}  // namespace reqmail::send
