// Bringing TCP/IP up: from PROFILE TCPIP, as z/VM's stack does with its messages, or one interface at a time.
#pragma once

#include <string>

#include "cms/shell/session.h"

namespace vmlan::cms {

// The file TCP/IP is configured by: "userid TCPIP", else "PROFILE TCPIP", on any accessed disk.
std::optional<FileId> profile_file(const Session& session);

// Reads `file` and starts what it says, with the messages of a stack's console. Return code 8 if anything
// could not be done; the rest is done all the same.
int start_from_profile(Session& session, const FileId& file);

// What CMS does at IPL: start_from_profile() if there is such a file; else 0.
int start_if_configured(Session& session);

// Brings a device up, with messages; false: it is not up. An adapter without a LAN is up.
bool start_device(Session& session, TcpIp::Device& device);
// Registers an address, with messages; false: refused. `mask` is for IPv4.
bool assign_address(Session& session, TcpIp::Device& device, const wire::IpAddress& address,
                    std::uint32_t mask);

}  // namespace vmlan::cms
