// The changes that a milter asks for at the end of a message (SMFIR_*), as edits.
#pragma once

#include <cstdint>
#include <optional>

#include "filter/message_edits.h"
#include "filter/milter_packets.h"

namespace reqmail::filter {

// What a milter says at the negotiation that it may do (SMFIF_*).
namespace milter_action {

inline constexpr std::uint32_t kAddFields = 0x001;
inline constexpr std::uint32_t kChangeBody = 0x002;
inline constexpr std::uint32_t kAddRecipients = 0x004;
inline constexpr std::uint32_t kDeleteRecipients = 0x008;
inline constexpr std::uint32_t kChangeFields = 0x010;
inline constexpr std::uint32_t kQuarantine = 0x020;
inline constexpr std::uint32_t kChangeSender = 0x040;
inline constexpr std::uint32_t kAddRecipientsWithParameters = 0x080;
inline constexpr std::uint32_t kChooseSymbols = 0x100;
inline constexpr std::uint32_t kAll = 0x1FF;

}  // namespace milter_action

// Returns the edit that a packet asks for. nullopt if the packet asks for none or makes no
// sense, or if `actions` of its milter do not allow it.
std::optional<MessageEdit> milter_edit(const MilterPacket& packet, std::uint32_t actions);

}  // namespace reqmail::filter
