// Feeds every file of the folders named on the command line to a fuzz target, in the order of their
// names. Stands in for libFuzzer's main in builds without it, so that an input that once broke something
// is tried with every compiler. Fails when there is nothing to feed: an empty corpus tests nothing.
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void feed(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> contents{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(contents.data()), contents.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int index = 1; index < argc; ++index) {
    for (const auto& path : files_below(argv[index])) {
      fmt::print(stderr, "{}\n",
                 path.string());  // before the call: the last line names the input that crashed
      feed(path);
      ++count;
    }
  }
  fmt::print("{} inputs\n", count);
  return count == 0 ? 1 : 0;
}
