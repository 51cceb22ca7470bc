// qmail-send's main loop, which connects descriptors and signals with the executor.
#pragma once

#include "send/settings.h"
#include "sys/fd.h"

namespace reqmail::send {

// The descriptors that qmail-start gives to qmail-send.
namespace send_fd {
inline constexpr int kLog = 0;
inline constexpr int kLocalOrders = 1;
inline constexpr int kLocalReports = 2;
inline constexpr int kRemoteOrders = 3;
inline constexpr int kRemoteReports = 4;
inline constexpr int kCleanCommands = 5;
inline constexpr int kCleanAnswers = 6;
}  // namespace send_fd

// Runs qmail-send in the queue directory, from taking its lock until it ends; returns the exit
// code.
[[nodiscard]] int run_send(SendSettings settings);

// Writes one line to the log.
void write_send_log(std::string_view line);

}  // namespace reqmail::send
