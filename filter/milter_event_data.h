// The data of the packets that tell a milter of an event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace reqmail::filter {

// `address`: as text, of either family; empty: the client is not known.
std::string milter_connect_data(std::string_view host, std::string_view address,
                                std::uint16_t port);

// One string.
std::string milter_helo_data(std::string_view name);

// An address without brackets, and the parameters of MAIL or RCPT, separated by blanks.
std::string milter_address_data(std::string_view address, std::string_view parameters);

// A field in stored form, as it is. Lines within the value end with CR LF. A value that is
// longer than a packet is cut. `keep_space`: the blank after the colon belongs to the value.
std::string milter_field_data(std::string_view name, std::string_view raw, bool keep_space);

// Text in stored form with CR LF at the end of each line.
std::string with_crlf(std::string_view text);

}  // namespace reqmail::filter
