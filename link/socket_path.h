// Where the base listens unless told otherwise: both sides of the link have to come to the same place.
#pragma once

#include <string>

namespace vmlan::link {

// $XDG_RUNTIME_DIR/vmlan/system.sock, without that variable /tmp/vmlan-UID/vmlan/system.sock.
// `runtime_directory` as getenv() gives it: may be nullptr or empty.
std::string default_socket_path(const char* runtime_directory, unsigned user_id);

}  // namespace vmlan::link
