#include "cms/stack/lwip_library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <span>
#include <utility>
#include <vector>

namespace vmlan::cms {
namespace {

constexpr const char* library_name = "liblwip.so.0";

std::string loader_error() {
  const char* text = dlerror();
  return text == nullptr ? "unknown loader error" : text;
}

// Where the loader finds the installed library.
std::string installed_path(std::string& error) {
  void* handle = dlopen(library_name, RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) {
    error = loader_error() + " (install the package liblwip0)";
    return {};
  }
  link_map* map = nullptr;
  std::string path;
  if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0) path = map->l_name;
  dlclose(handle);
  if (path.empty()) error = std::string("the loader does not tell where ") + library_name + " is";
  return path;
}

struct Image {
  std::vector<char> bytes;
  std::string error;
};

Image read_installed() {
  Image image;
  const std::string path = installed_path(image.error);
  if (path.empty()) return image;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const auto size = file.tellg();
  if (size > 0) image.bytes.resize(static_cast<std::size_t>(size));
  file.seekg(0);
  if (!file.read(image.bytes.data(), static_cast<std::streamsize>(image.bytes.size()))) image.bytes.clear();
  if (image.bytes.empty()) image.error = path + " can't be read";
  return image;
}

// The library's bytes, read once and never changed.
const Image& installed_image() {
  static const Image image = read_installed();
  return image;
}

bool write_all(int descriptor, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

std::uint64_t next_serial() {
  static std::atomic<std::uint64_t> serial{1};
  return serial.fetch_add(1, std::memory_order_relaxed);
}

// The path of an open descriptor, spelled as it never was before. A descriptor's number comes back after
// close(); were it the whole name, the loader would hand out the old copy. "./" and "/" mean nothing to
// the kernel, so they can carry the serial number, and a thousand users need no thousand descriptors.
std::string fresh_path(int descriptor) {
  std::string path = "/proc/self/fd/";
  for (std::uint64_t serial = next_serial(); serial != 0; serial >>= 1U)
    path += (serial & 1U) != 0 ? "/" : "./";
  return path + std::to_string(descriptor);
}

void* load_from_memory(std::span<const char> bytes, std::string& error) {
  const int descriptor = ::memfd_create("vmlan-lwip", MFD_CLOEXEC);
  if (descriptor < 0) {
    error = "no memory file";
    return nullptr;
  }
  void* handle = nullptr;
  if (write_all(descriptor, bytes)) {
    handle = dlopen(fresh_path(descriptor).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) error = loader_error();
  } else {
    error = "memory file not written";
  }
  ::close(descriptor);
  return handle;
}

void* load_from_temporary_file(std::span<const char> bytes, std::string& error) {
  const char* folder = std::getenv("TMPDIR");
  std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/vmlan-lwip-" +
                     std::to_string(::getpid()) + "-" + std::to_string(next_serial()) + "-XXXXXX";
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) {
    error = path + " can't be created";
    return nullptr;
  }
  const bool written = write_all(descriptor, bytes);
  ::close(descriptor);
  void* handle = written ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  if (handle == nullptr) error = written ? loader_error() : path + " can't be written";
  ::unlink(path.c_str());
  return handle;
}

}  // namespace

std::unique_ptr<LwipLibrary> LwipLibrary::load_from(Medium medium, std::string& error) {
  const Image& image = installed_image();
  if (image.bytes.empty()) {
    error = image.error;
    return nullptr;
  }
  void* handle = medium == Medium::memory ? load_from_memory(image.bytes, error)
                                          : load_from_temporary_file(image.bytes, error);
  return handle == nullptr ? nullptr : std::unique_ptr<LwipLibrary>(new LwipLibrary(handle));
}

void LwipLibrary::prepare() {
  std::string error;
  load(error);
}

std::unique_ptr<LwipLibrary> LwipLibrary::load(std::string& error) {
  auto library = load_from(Medium::memory, error);
  return library != nullptr ? std::move(library) : load_from(Medium::temporary_file, error);
}

LwipLibrary::~LwipLibrary() { dlclose(handle_); }

void* LwipLibrary::symbol(const char* name) const { return dlsym(handle_, name); }

}  // namespace vmlan::cms
