// Folders of the host in which a name is this host user's own: only the user may write there. In /tmp
// somebody else could have made the folder first, to listen there in the user's place.
//
// Threads: any.
#pragma once

#include <string>

namespace vmlan::host {

// Of the folder that `path` lies in, and of the one above it: why they are not to be trusted, "FOLDER:
// reason". Empty: both are this user's, no links, and nobody else may write to them.
std::string distrust_of_folder(const std::string& path);

// The same after both were made, for this user only, if they were missing.
std::string make_trusted_folder(const std::string& path);

}  // namespace vmlan::host
