// Where the base listens unless told otherwise: both sides of the link have to come to the same place.
#pragma once

#include <string>

namespace vmlan::host {

// $XDG_RUNTIME_DIR/vmlan/system.sock, without that variable /tmp/vmlan-UID/vmlan/system.sock.
// `runtime_directory` as getenv() gives it: may be nullptr or empty.
std::string default_socket_path(const char* runtime_directory, unsigned user_id);

// Makes the socket's folder and the one above if they are missing, for this host user only. Why they are not
// to be trusted; empty: they are this user's and nobody else may write there. (In /tmp somebody else could
// have made them first.)
std::string prepare_socket_folder(const std::string& socket_path);

}  // namespace vmlan::host
