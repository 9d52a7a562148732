// Where the base listens unless told otherwise: both sides of the link have to come to the same place. The
// folder is to be trusted before the place is (host/trusted_folder.h).
#pragma once

#include <string>

namespace vmlan::host {

// $XDG_RUNTIME_DIR/vmlan/system.sock, without that variable /tmp/vmlan-UID/vmlan/system.sock.
// `runtime_directory` as getenv() gives it: may be nullptr or empty.
std::string default_socket_path(const char* runtime_directory, unsigned user_id);
// This process's.
std::string default_socket_path();

}  // namespace vmlan::host
